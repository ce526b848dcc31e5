/** A watched folder on the page: photographs run, a broken one fails with its reason, is mended, and done by a button. */
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { check, launch, pairedPage, shoot, violations } from "../lib/browser.mjs";
import { Daemon, ROOT } from "../lib/daemon.mjs";

const daemon = await Daemon.start();
const browser = await launch();
const { page, problems } = await pairedPage(browser, daemon);
const photograph = (/** @type {string} */ name) => join(ROOT, "tests/data", name);

// Nothing is watched: the view teaches the one command.
await page.goto(`${daemon.url}/#/folders`);
await page.getByText("No folder is watched").waitFor();
await page.getByRole("button", { name: /^Copy easel folder add/ }).waitFor();
check((await violations(page)).length === 0, (await violations(page)).join("\n"));

// A program on this machine watches two.
const recipe = join(daemon.data, "negatives.easel.toml");
writeFileSync(recipe, 'title = "Negatives"\nintent = "restyle"\nmodel = "invert"\n\n[output]\nformat = "jpeg"\n');
const drop = join(daemon.data, "drop box");
const quiet = join(daemon.data, "quiet");
for (const folder of [drop, quiet]) mkdirSync(folder);
await daemon.call("folder.add", { folder: { path: drop, recipe, budget: { amount: 5, currency: "USD" } } });
await daemon.call("folder.add", { folder: { path: quiet, recipe } });
const card = page.getByRole("listitem", { name: "drop box" });
await card.waitFor();
await card.getByText("Watching", { exact: true }).waitFor();
await card.getByText(recipe, { exact: true }).waitFor();
await card.getByText(join(drop, "out"), { exact: true }).waitFor();
await card.getByText("0.000 of 5.00 USD").waitFor();

// A dry run of what lies there changes nothing.
await card.getByRole("button", { name: "Pause" }).click();
await card.getByText("Paused").waitFor();
for (const name of ["astronaut.png", "chelsea.png", "rocket.jpg"]) copyFileSync(photograph(name), join(drop, name));
writeFileSync(join(drop, "cut.jpg"), readFileSync(photograph("rocket.jpg")).subarray(0, 20_000));
for (const name of ["letter.png", "note.png"]) writeFileSync(join(drop, name), `Dear ${name}`);
await card.getByRole("button", { name: "Scan", exact: true }).click();
// Only what a file's beginning tells is known before it is decoded.
await card.getByText("4 files would be done, at no cost; 2 cannot be.").waitFor();
await card.getByText("letter.png").waitFor();
await shoot(page, "folders-scan");
check((await violations(page)).length === 0, (await violations(page)).join("\n"));
check((await daemon.call("folder.status", { folder: drop })).done === 0, "a dry run did something");
await card.getByRole("button", { name: "Close" }).click();
await card.getByRole("button", { name: /^\d+ waiting$/ }).filter({ hasText: /^6 / }).waitFor();

// It goes on, and the numbers move: three are done, three fail and say why.
await card.getByRole("button", { name: "Resume" }).click();
await card.getByRole("button", { name: "3 done" }).waitFor();
await card.getByRole("button", { name: "3 failed" }).waitFor();
await card.getByText("The JPEG file is cut off").waitFor();
await card.getByText("3 files a minute").waitFor();
await card.getByRole("img", { name: /3 files a minute now/ }).waitFor();
check(readdirSync(join(drop, "out")).filter((name) => name.endsWith(".jpg")).length === 3, "three results are missing");
await shoot(page, "folders-failed");
check((await violations(page)).length === 0, (await violations(page)).join("\n"));

// What is done is listed with where it went.
await card.getByRole("button", { name: "3 done" }).press("Enter");
await card.getByText(/→ .*out.astronaut\.jpg/).waitFor();
check((await card.getByRole("button", { name: "3 done" }).getAttribute("aria-expanded")) === "true", "the tile does not say that it is open");
await card.getByRole("button", { name: "3 failed" }).click();

// Nothing has changed, so all fail again; mended, one is done.
await card.getByRole("button", { name: "Retry all" }).click();
await page.getByText("3 files taken up again.").first().waitFor({ state: "attached" });
await card.getByRole("button", { name: "3 failed" }).waitFor();
await card.getByRole("button", { name: "Retry: cut.jpg" }).waitFor();
copyFileSync(photograph("coffee.png"), join(drop, "failed", "cut.jpg"));
await card.getByRole("button", { name: "Retry: cut.jpg" }).click();
await page.getByText("1 file taken up again.").first().waitFor({ state: "attached" });
await card.getByRole("button", { name: "4 done" }).waitFor();
await card.getByRole("button", { name: "2 failed" }).waitFor();

// What may have been charged is sent again only by a second click, which says so. (No provider is at hand to be paid:
// the daemon's answers are told apart by what the page asks, and its own words are changed.)
/** @type {any[]} */
const retries = [];
const sent = () => retries.length;
await page.route("**/rpc", async (route) => {
  const { method, params } = route.request().postDataJSON();
  if (method === "folder.retry") retries.push(params);
  if (method === "folder.retry" && !params.pay_again) {
    const { files } = await daemon.call("folder.files", { folder: drop, state: "failed" });
    return route.fulfill({ json: { jsonrpc: "2.0", id: 1, result: { retried: 0, left: files } } });
  }
  const response = await route.fetch();
  if (method !== "folder.files") return route.fulfill({ response });
  const answer = await response.json();
  for (const { failure } of answer.result.files) if (failure) failure.charged = "maybe";
  return route.fulfill({ response, json: answer });
});
await card.getByRole("button", { name: "4 done" }).click();
await card.getByRole("button", { name: "2 failed" }).click();
await card.getByText("It may have been charged.").first().waitFor();
await card.getByRole("button", { name: "Retry: letter.png" }).click();
await card.getByRole("button", { name: "Retry letter.png and maybe pay again" }).waitFor();
await shoot(page, "folders-pay-again");
check(sent() === 0, "the first click already sends what may be charged again");
await card.getByRole("button", { name: "Retry letter.png and maybe pay again" }).click();
await page.getByText("1 file taken up again.").first().waitFor({ state: "attached" });
check(sent() === 1 && retries[0].pay_again && retries[0].files.join() === "letter.png", JSON.stringify(retries));
// It has failed once more, and can be tried again as before.
await card.getByRole("button", { name: "Retry: letter.png" }).waitFor();
await card.getByRole("button", { name: "2 failed" }).waitFor();
await card.getByRole("button", { name: "Retry all" }).click();
await card.getByText("2 files stayed: they were, or may have been, charged.").waitFor();
check(!retries[1].pay_again && retries[1].files.length === 0, JSON.stringify(retries));
await card.getByRole("button", { name: "Retry these 2, which may be charged again" }).click();
await page.getByText("2 files taken up again.").first().waitFor({ state: "attached" });
check(sent() === 3 && retries[2].pay_again && retries[2].files.length === 2, JSON.stringify(retries));
await card.getByRole("button", { name: "2 failed" }).waitFor();
await page.unroute("**/rpc");

// A real scan finds nothing more to do, and the other folder was left in peace.
await card.getByRole("button", { name: "Scan", exact: true }).click();
await card.getByText(/Nothing is left to do; 4 done already/).waitFor();
await card.getByRole("button", { name: "Scan now" }).click();
await card.getByRole("region", { name: "Scan" }).waitFor({ state: "hidden" });
const other = page.getByRole("listitem", { name: "quiet" });
await other.getByRole("button", { name: "0 done" }).waitFor();

// A recipe that cannot be read holds the folder, and says so; mended, it goes on by itself.
const text = readFileSync(recipe, "utf8");
writeFileSync(recipe, 'title = "Negatives"\nintent = "restyl"\nmodel = "invert"\n');
await other.getByText("Held: files wait, none is given up").waitFor();
await other.getByText(/restyl\b/).waitFor();
await other.getByRole("button", { name: "Try now" }).waitFor();
copyFileSync(photograph("coffee.png"), join(quiet, "late.png"));
await other.getByRole("button", { name: "1 waiting" }).waitFor();
await shoot(page, "folders-held");
check((await violations(page)).length === 0, (await violations(page)).join("\n"));
writeFileSync(recipe, text);
await other.getByRole("button", { name: "1 done" }).waitFor();
await other.getByText("Watching", { exact: true }).waitFor();

// What a terminal alone may do is shown as a command, quoted as a shell needs it, and copied by a button.
await card.getByText("About this folder").click();
const remove = card.getByRole("button", { name: /^Copy easel folder remove/ });
await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
await remove.click();
await page.waitForFunction((wanted) => navigator.clipboard.readText().then((copied) => copied === wanted), `easel folder remove '${drop}'`);

// What is wrong with `folders.toml` is told.
mkdirSync(join(daemon.data, "config"), { recursive: true });
writeFileSync(join(daemon.data, "config", "folders.toml"), "[[folder]]\npath = 7\n");
await page.getByText(/folders\.toml is not followed/).waitFor();

// The daemon goes and comes back: what was seen stays, and goes on.
await daemon.kill();
await page.getByText("The daemon is away").waitFor();
await card.getByRole("button", { name: "4 done" }).waitFor();
await daemon.startAgain();
await page.getByText("The daemon is away").waitFor({ state: "hidden" });
copyFileSync(photograph("astronaut.png"), join(quiet, "later.png"));
await other.getByRole("button", { name: "2 done" }).waitFor();

// Whoever looks at something else does not ask for folders any more.
await page.getByRole("navigation").getByRole("link", { name: "Spend" }).click();
await page.getByRole("heading", { name: "Spend" }).waitFor();
const late = await page.waitForRequest((request) => request.postData()?.includes("folder.list") ?? false, { timeout: 5000 }).catch(() => undefined);
check(late === undefined, "folders are asked for although nobody looks at them");

check(problems.length === 0, problems.join("\n"));
await browser.close();
process.exit(0);
