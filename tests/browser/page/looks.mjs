/**
 * Every view with real content, on a telephone, a laptop and a wide screen, light and dark: nothing is wider than its
 * window, nothing too small to be met, nothing that axe would find, the focus always seen. Leaves a picture of each.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { check, launch, pairedPage, shoot, violations } from "../lib/browser.mjs";
import { Daemon, ROOT } from "../lib/daemon.mjs";
import { moves, tooSmall, tooWide, unseenFocus } from "../lib/looks.mjs";
import { installPlugin } from "../lib/plugins.mjs";

const daemon = await Daemon.start();
const ids = await furnish();

/** Each view's address, and what is there when it is ready. @type {[string, string, string][]} */
const VIEWS = [
  ["transform", `#/transform?again=${ids.comparison}`, "main img[src]"],
  ["compare", `#/compare/${ids.comparison}`, "main canvas, main img[src]"],
  ["history", "#/history", "main img[src]"],
  ["folders", "#/folders", ".folder .failure"],
  ["models", "#/models", ".offer"],
  ["spend", "#/spend", "table"],
];
const SIZES = [
  [360, 740],
  [1280, 800],
  [2560, 1440],
];
const only = process.env.EASEL_LOOKS?.split(",");

const browser = await launch();
/** @type {string[]} */
const wrong = [];
const { page, problems } = await pairedPage(browser, daemon);
for (const [view, address, ready] of VIEWS.filter(([name]) => !only || only.includes(name))) {
  await page.emulateMedia({ colorScheme: "light", forcedColors: "none", reducedMotion: "no-preference" });
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(`${daemon.url}/${address}`);
  await page.locator(ready).first().waitFor();
  for (const theme of /** @type {const} */ (["light", "dark"])) {
    await page.emulateMedia({ colorScheme: theme });
    for (const [width = 0, height = 0] of SIZES) {
      await page.setViewportSize({ width, height });
      await settled();
      await shoot(page, `looks-${view}-${width}-${theme}`);
      const where = `${view} at ${width} px, ${theme}`;
      for (const it of await tooWide(page)) wrong.push(`${where}: too wide: ${it}`);
      for (const it of await tooSmall(page)) wrong.push(`${where}: too small: ${it}`);
      for (const it of await violations(page)) wrong.push(`${where}: ${it}`);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    for (const it of await unseenFocus(page)) wrong.push(`${view}, ${theme}: focus: ${it}`);
  }
  for (const it of await moves(page, 0.15)) wrong.push(`${view}: moves for longer than 150 ms: ${it}`);
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  for (const it of await moves(page, 0)) wrong.push(`${view}: moves although nobody wants that: ${it}`);
  await page.emulateMedia({ colorScheme: "dark", forcedColors: "active" });
  await settled();
  await shoot(page, `looks-${view}-forced`);
  // Which colours these are is the system's business, and what is computed is not what is painted then.
  for (const it of await violations(page)) if (!it.startsWith("color-contrast")) wrong.push(`${view} in the system's colours: ${it}`);
}
wrong.push(...problems);
check(wrong.length === 0, [...new Set(wrong)].join("\n"));
await browser.close();
process.exit(0);

/** Two frames on: what a change of size or colour causes has been drawn. */
function settled() {
  return page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 120)))));
}

/** What months of work leave behind, as far as minutes can: transforms, a comparison, folders, prices, a stranger. */
async function furnish() {
  mkdirSync(join(daemon.data, "config/models"), { recursive: true });
  writeFileSync(
    join(daemon.data, "config/models/invert.toml"),
    '[[models]]\nid = "invert"\nprice = { per_picture = 0.04, currency = "USD", as_of = "2026-11-23" }\n\n[[models]]\nid = "invert-large"\nlike = "invert"\nlabel = "Invert, large"\nprice = { per_size = { 1K = 0.067, 2K = 0.101, 4K = 0.151 }, per_reference = 0.0011, currency = "EUR", as_of = "2026-11-23" }\n',
  );
  installPlugin(daemon, "tests/backends/tiled");
  installPlugin(daemon, "tests/backends/good", (manifest) =>
    manifest
      .replace("http = []", 'http = ["https://api.example.org"]')
      .replace("secrets = []", 'secrets = ["example"]')
      .concat('\n[secret.example]\nheader = "x-api-key"\norigins = ["https://api.example.org"]\nenv = ["EASEL_EXAMPLE_KEY"]\npage = "https://example.org/keys"\n'),
  );
  await daemon.call("backend.trust", { id: "good" });
  await daemon.call("budget.set", { amount: 0.25 });

  const recipe = join(daemon.data, "negatives.easel.toml");
  writeFileSync(recipe, 'title = "Negatives"\nintent = "restyle"\nmodel = "same-8"\n\n[output]\nformat = "jpeg"\n');
  const drop = join(daemon.data, "spring catalogue");
  const later = join(daemon.data, "later");
  for (const folder of [drop, later]) mkdirSync(folder);
  const photograph = (/** @type {string} */ name) => join(ROOT, "tests/data", name);
  for (const name of ["astronaut.png", "chelsea.png", "rocket.jpg"]) copyFileSync(photograph(name), join(drop, name));
  writeFileSync(join(drop, "scan-0042.jpg"), readFileSync(photograph("rocket.jpg")).subarray(0, 20_000));
  await daemon.call("folder.add", { folder: { path: drop, recipe, out: join(daemon.data, "shop"), budget: { amount: 5, currency: "USD" } } });
  await daemon.call("folder.add", { folder: { path: later, recipe, recursive: true, on_success: "move" } });
  await daemon.call("folder.pause", { folder: later });

  const coffee = await daemon.upload("tests/data/coffee.png");
  const astronaut = await daemon.upload("tests/data/astronaut.png");
  const chelsea = await daemon.upload("tests/data/chelsea.png");
  const style = (/** @type {string} */ name) => [{ name, weight: 1 }];
  const ask = { intent: "restyle", client: "web" };
  const first = await run("looks-1", { ...ask, source: coffee, title: "coffee.png", models: ["local-style"], style: style("warm-oil") });
  await run("looks-2", { ...ask, source: chelsea, title: "chelsea.png", models: ["invert"], client: "krita" });
  await run("looks-3", { ...ask, intent: "cutout", source: astronaut, title: "astronaut.png", models: ["local-cutout"], client: "gimp" });
  await run("looks-4", { ...ask, source: first.jobs[0].artifacts[0].blob, parent: first.jobs[0].artifacts[0].id, title: "coffee.png", models: ["local-style"], style: style("comic-ink") });
  await run("looks-5", { ...ask, source: astronaut, title: "portrait.png", models: ["error-text"], prompt: "the same portrait in a long evening light, with a prompt that does not fit on one line of any list" });
  const comparison = await run("looks-6", { ...ask, source: coffee, title: "coffee.png", prompt: "quiet gouache", models: ["local-style", "same-8", "invert"], style: style("quiet-gouache") });
  return { comparison: comparison.id };
}

/** Submits and waits for its end. @param {string} key @param {object} ask */
async function run(key, ask) {
  const { id } = await daemon.call("transform.submit", { key, ask });
  for (let after = 0; ; ) {
    const record = await daemon.call("transform.get", { id });
    if (record.jobs.every((/** @type {any} */ job) => ["done", "failed", "cancelled"].includes(job.state))) return record;
    ({ next: after } = await daemon.call("job.events", { transform: id, after, wait_ms: 20_000 }));
  }
}
