/**
 * Markup in everything that people, files and plugins may call things by: prompts, titles, clients, parameters, folders,
 * files, recipes, sets of references, manifests of backends, and addresses of the page. Every view shows it as text;
 * nothing of it runs or is fetched, and no character in it turns round what stands beside it.
 */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bait, caughtIn, head, isShown, longBait, watchPolicy } from "../lib/bait.mjs";
import { check, freshPage, launch, pairedPage, shoot } from "../lib/browser.mjs";
import { Daemon, ROOT } from "../lib/daemon.mjs";
import { Hostile, until } from "../lib/hostile.mjs";

const data = process.env.EASEL_DATA_DIR;
if (!data) throw new Error("this case needs a prepared folder with plugins: `EASEL_DATA_DIR`");
/** @param {string} path @param {string} text */
const write = (path, text) => {
  mkdirSync(dirname(join(data, path)), { recursive: true });
  writeFileSync(join(data, path), text);
};
const toml = (/** @type {string} */ text) => JSON.stringify(text).replaceAll("\u202E", "\\u202E");
// A plugin of which the manifest alone is read, since nobody trusts it; one that is broken; recipes that run and do not.
write("backends/bait/backend.toml", `id = "bait"\nname = ${toml(longBait("backend"))}\nlibrary = "bait"\nabi = 1\n\n[permissions]\nhttp = []\nsecrets = []\nread = [${toml(`/${longBait("reads")}`)}]\n`);
write("backends/bait/libbait.so", "no library");
write(`backends/${bait("place")}/backend.toml`, `id = ${toml(longBait("broken"))}\n`);
write("config/recipes/bait.easel.toml", `title = ${toml(longBait("recipe"))}\ndescription = ${toml(longBait("description"))}\nintent = "restyle"\nmodel = "same-8"\n`);
write("config/recipes/lost.easel.toml", `title = ${toml(longBait("lost"))}\nintent = ${toml(longBait("intent"))}\nmodel = ${toml(longBait("model"))}\n`);

const daemon = await Daemon.start();
const source = await daemon.upload("tests/data/coffee.png");
/** @param {string} key @param {object} [more] */
const submit = (key, more = {}) =>
  daemon.call("transform.submit", {
    key,
    ask: { intent: "restyle", source, models: ["same-8", "same-opaque"], prompt: longBait("prompt"), title: longBait("title"), client: longBait("client"), ...more },
  });
const first = await submit("first", { origin: { x: 0, y: 0, document: bait("document"), layer: bait("layer") } });
const untitled = await submit("untitled", { prompt: undefined });
const failed = await submit("failed", { models: ["error-text"] });
// A parameter of a model that is not asked, and an artifact that never was, are kept as they are called.
const odd = await submit("odd", { params: { [longBait("param")]: longBait("value") }, parent: longBait("parent") });
// What is no name but a choice is refused as one.
for (const more of [{ params: { "<b>": 1 } }, { models: [longBait("asked")] }, { style: [{ name: longBait("style") }] }, { size: longBait("size") }]) {
  const said = await submit("refused", more).then(() => "taken", (/** @type {Error} */ error) => error.message);
  check(said !== "taken", `${JSON.stringify(more)} is taken`);
}
const set = `set <img src=x onerror="globalThis.caught='set'">\u202E txt⟧`;
await daemon.call("reference.save", { name: set, blobs: [source] });
const folder = join(daemon.data, bait("folder"));
mkdirSync(folder);
await daemon.call("folder.add", { folder: { path: folder, recipe: "bait", budget: { amount: 5, currency: "USD" } } });
copyFileSync(join(ROOT, "tests/data/coffee.png"), join(folder, `${bait("file")}.png`));
writeFileSync(join(folder, `${bait("letter")}.png`), "<svg/onload=globalThis.caught='letter'>");
await until(async () => {
  const { jobs } = await daemon.call("job.list");
  const { done, failed } = await daemon.call("folder.status", { folder });
  return done === 1 && failed === 1 && jobs.every((/** @type {any} */ job) => ["done", "failed"].includes(job.state));
}, "the bait is not laid out");
const artifact = (await daemon.call("transform.get", { id: first.id })).jobs[0].artifacts[0].id;
const browser = await launch();

// A page that makes markup of it: what is looked for here is found there.
const hostile = await Hostile.start();
hostile.pages.set("/naive", `<p>${longBait("prompt")} and more</p><p>turned \u202E txt⟧ and more</p><iframe></iframe><select><option>${bait("menu")} and more</select>`);
const naive = await freshPage(browser);
await naive.page.goto(hostile.at("127.0.0.1", "/naive"));
await naive.page.waitForFunction(() => "caught" in globalThis);
const caught = (await caughtIn(naive.page)).join("\n");
for (const trace of ["it ran", "<img onerror>", "a script of its own", "<a href=javascript:", "<iframe>", "<style>", "turned round: and more", "turned round in a menu"]) {
  check(caught.includes(trace), `\`${trace}\` is not found where it is:\n${caught}`);
}
await naive.context.close();

const { context, page, problems } = await pairedPage(browser, daemon);
await watchPolicy(context);
/** @type {string[]} */
const fetched = [];
context.on("request", (request) => {
  const { protocol, pathname } = new URL(request.url());
  if (protocol !== "blob:" && !/^\/(rpc|v1\/.*|page\/.*|healthz)?$/.test(pathname)) fetched.push(request.url());
});
/** What a person unfolds and asks for, so that it is looked at as well. */
async function unfold() {
  for (const name of [/^1 done$/, /^1 failed$/, "Scan", "Lineage", "Settings", "Dismiss"]) {
    const button = page.getByRole("button", { name, exact: true }).first();
    if (await button.isVisible()) await button.click();
  }
  await page.evaluate(() => document.querySelectorAll("details").forEach((it) => (it.open = true)));
}
const address = (/** @type {Record<string, string>} */ parameters) => String(new URLSearchParams(parameters));
/** Each view, and what must be seen in it. @type {[string, string[]][]} */
const VIEWS = [
  ["#/history", [head(longBait("prompt")), head(longBait("title")), head(longBait("client"))]],
  [`#/history?${address({ text: longBait("nothing"), client: longBait("client"), model: bait("model"), folder: bait("folder"), from: bait("from") })}`, [longBait("nothing")]],
  [`#/compare/${first.id}`, [head(longBait("prompt"))]],
  [`#/compare/${untitled.id}?artifact=${encodeURIComponent(bait("artifact"))}`, []],
  [`#/compare/${encodeURIComponent(longBait("id"))}`, []],
  [`#/transform?again=${first.id}`, [longBait("prompt"), head(longBait("recipe"))]],
  [`#/transform?again=${odd.id}`, [longBait("prompt")]],
  [`#/transform?job=${first.id}`, []],
  [`#/transform?job=${failed.id}`, []],
  [`#/transform?from=${artifact}&transform=${first.id}`, []],
  [`#/transform?${address({ from: bait("from"), transform: bait("transform"), again: bait("again"), job: bait("job") })}`, []],
  ["#/folders", [bait("folder"), bait("letter")]],
  ["#/models", [longBait("backend"), longBait("reads")]],
  ["#/spend", []],
  [`#/${encodeURIComponent(longBait("view"))}`, []],
  [`#/models?x=${encodeURIComponent(bait("x"))}#${encodeURIComponent(bait("y"))}`, []],
];
/** @type {string[]} */
const wrong = [];
for (const [place, seen] of VIEWS) {
  const shown = place.replace(/(.{60}).*/, "$1…");
  // From elsewhere, so that every view is opened anew.
  await page.goto(`${daemon.url}/healthz`);
  await page.goto(`${daemon.url}/${place}`);
  await page.waitForFunction(() => document.querySelector("#view")?.childElementCount);
  await page.waitForLoadState("networkidle").catch(() => {});
  await unfold();
  for (const text of seen) await until(() => isShown(page, text), `${shown}: \`${text}\` is not seen as text`).catch((error) => wrong.push(error.message));
  for (const it of await caughtIn(page)) wrong.push(`${shown}: ${it}`);
  await shoot(page, `markup-${place.replace(/\W+/g, "-").slice(0, 40)}`);
}
check(problems.length === 0, problems.join("\n"));
check(fetched.length === 0, `fetched: ${fetched.join(" ")}`);
check(wrong.length === 0, `${wrong.length} wrong:\n${wrong.join("\n")}`);
await browser.close();
await daemon.kill();
