/** The models on the page: what each says of itself, what stands in the way of a backend, keys, filters, prices. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { check, launch, pairedPage, shoot, violations } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import { crashUntilQuarantined, installPlugin } from "../lib/plugins.mjs";

const daemon = await Daemon.start();
// One that nobody trusts, one that crashes, one that wants a key; and prices, as a person writes them down.
installPlugin(daemon, "tests/backends/tiled");
installPlugin(daemon, "tests/backends/segv");
installPlugin(daemon, "tests/backends/good", (manifest) =>
  manifest
    .replace("http = []", 'http = ["https://api.example.org"]')
    .replace("secrets = []", 'secrets = ["example"]')
    .concat('\n[secret.example]\nheader = "x-api-key"\norigins = ["https://api.example.org"]\nenv = ["EASEL_EXAMPLE_KEY"]\npage = "https://example.org/keys"\n'),
);
mkdirSync(join(daemon.data, "config/models"), { recursive: true });
writeFileSync(
  join(daemon.data, "config/models/invert.toml"),
  '[[models]]\nid = "invert"\nprice = { per_size = { 1K = 0.067, 4K = 0.151 }, per_reference = 0.0011, currency = "USD", as_of = "2026-11-23" }\n',
);
for (const id of ["segv", "good"]) await daemon.call("backend.trust", { id });
await crashUntilQuarantined(daemon, "segv", await daemon.upload("tests/data/coffee.png"));

const browser = await launch();
const { page, problems } = await pairedPage(browser, daemon);
await page.goto(`${daemon.url}/#/models`);
const backend = (/** @type {string} */ name) => page.getByRole("region", { name, exact: true });
const model = (/** @type {string} */ name) => page.getByRole("listitem", { name, exact: true });

// The built-in ones: strengths, limitation, what they take; free, without a key, ready.
const local = model("Painting styles (local)");
await local.getByText("26 painting styles by name").waitFor();
await local.getByText("Reads no prompt").waitFor();
await local.getByRole("list", { name: "Does" }).getByText("Restyle").waitFor();
await local.getByRole("list", { name: "Takes" }).getByText("26 styles").waitFor();
await local.getByText("Free", { exact: true }).waitFor();
await local.getByText("Styles and more").click();
await local.getByText("starlit-blue").waitFor();
check(!(await backend("Local networks").innerText()).match(/\bkey\b/i), "a local model asks for a key");

// A price has its day.
await model("Invert").getByText("0.067 USD a picture at 1K, 0.151 at 4K; 0.0011 for each reference").waitFor();
await model("Invert").getByText("as of 2026-11-23").waitFor();

// Not trusted: what it asks for, and the command; nothing of it runs, so it has no models.
const stranger = backend("Fixture tiled");
await stranger.getByText("Not trusted").waitFor();
await stranger.getByText("Its library is new to this machine.").waitFor();
await stranger.getByText("It asks for no internet, no key and no folder.").first().waitFor();
await stranger.getByRole("button", { name: "Copy easel backend trust tiled" }).waitFor();
check((await stranger.getByRole("listitem").count()) === 0, "a backend that nobody trusts shows models");

// In quarantine: why, how often it crashed, and the way out.
const crashed = backend("Fixture segv");
await crashed.getByText("In quarantine").waitFor();
await crashed.getByText(/It crashed \d times within ten minutes/).waitFor();
await crashed.getByRole("button", { name: "Copy easel backend trust segv" }).waitFor();

// A key that is missing is said with where to get one; its model cannot be used.
const keyed = backend("Fixture good");
await keyed.getByText("not stored yet").waitFor();
await keyed.getByText("It only ever goes to https://api.example.org").waitFor();
check((await keyed.getByRole("link", { name: "https://example.org/keys" }).getAttribute("rel")) === "noreferrer", "the link to the keys tells where it comes from");
await keyed.getByRole("button", { name: "Copy easel key set example" }).waitFor();
check((await keyed.getByRole("link", { name: /^Use this model/ }).count()) === 0, "a model without its key is offered");
await shoot(page, "models-all");
await crashed.scrollIntoViewIfNeeded();
await shoot(page, "models-trouble");
check((await violations(page)).length === 0, (await violations(page)).join("\n"));

// Somebody stores the key and trusts the stranger in a terminal, and comes back to the page.
await daemon.call("key.set", { name: "example", value: "not-for-anybody-to-see" });
await daemon.call("backend.trust", { id: "tiled" });
await page.evaluate(() => dispatchEvent(new Event("focus")));
await keyed.getByText("in a file that only you can read").waitFor();
await keyed.getByRole("button", { name: "Copy easel key test example" }).waitFor();
await keyed.getByRole("link", { name: /^Use this model/ }).waitFor();
await stranger.getByText("Ready", { exact: true }).waitFor();
await stranger.getByRole("link", { name: /^Use this model/ }).first().waitFor();
check(!(await page.content()).includes("not-for-anybody-to-see"), "a key is on the page");

// Filters: by words, by what it does, by what can be used; the address keeps them.
const field = page.getByRole("searchbox", { name: "Find a model" });
await field.fill("starlit");
await page.getByText(/^1 of \d+ models$/).waitFor();
check(await local.isVisible(), "the model of a style that was looked for is hidden");
check(!(await stranger.isVisible()), "a backend without a model that fits is shown");
await field.fill("");
await page.getByRole("combobox", { name: "What it does" }).selectOption("cutout");
await page.getByRole("checkbox", { name: "Ready to use" }).check();
await model("Cut out (local)").waitFor();
check(!(await local.isVisible()), "a model that does not cut out is shown");
await page.reload();
await model("Cut out (local)").waitFor();
check(!(await local.isVisible()), "the filter is gone after a reload");
check((await page.getByRole("combobox", { name: "What it does" }).inputValue()) === "cutout", "the filter is not in its field after a reload");
await field.fill("nobody offers this");
await page.getByText("No model fits").waitFor();
check((await violations(page)).length === 0, (await violations(page)).join("\n"));
await field.fill("");

// From here to Transform, with the model ticked.
await model("Cut out (local)").getByRole("link", { name: "Use this model" }).click();
await page.waitForFunction(() => document.title.startsWith("Transform"));
await page.getByRole("checkbox", { name: /Cut out \(local\)/, checked: true }).waitFor();
await page.getByRole("button", { name: "Cut out", pressed: true }).waitFor();
check(!page.url().includes("model="), "a reload would tick it again");

check(problems.length === 0, problems.join("\n"));
await browser.close();
process.exit(0);
