/**
 * Markup in everything that people, files and plugins may call things by: prompts, titles, clients, folders, files,
 * recipes, sets of references, manifests of backends, and what a picture carries besides its pixels. Every view shows
 * it as text, nothing of it runs or is fetched, and no character in it turns around what stands beside it.
 */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { check, launch, pairedPage } from "../lib/browser.mjs";
import { Daemon, ROOT } from "../lib/daemon.mjs";
import { until } from "../lib/hostile.mjs";

/** Ends every bait, so that what follows it can be told from it. */
const END = "⟧";
/** A name that wants to be more: elements that run, a link that runs, and a character that turns round what follows.
 * @param {string} where */
const bait = (where) => `${where} <img src=x onerror="globalThis.caught='${where}'"><svg onload="globalThis.caught='${where}'"> "'\`&lt;\u202E txt.exe${END}`;
/** The same where a slash may stand as well. @param {string} where */
const long = (where) => `${where} <script>globalThis.caught='${where}'</script><a href="javascript:globalThis.caught='${where}'">x</a><style>*{display:none}</style>${bait(where)}`;

const data = process.env.EASEL_DATA_DIR ?? "";
/** @param {string} path @param {string} text */
const write = (path, text) => {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
};
const quoted = (/** @type {string} */ text) => JSON.stringify(text).replaceAll("\u202E", "\\u202E");
if (data) {
  // A plugin whose manifest alone is read, since nobody trusts it; one that is broken; a recipe that runs and one that does not.
  write(join(data, "backends/bait/backend.toml"), `id = "bait"\nname = ${quoted(long("backend"))}\nlibrary = "bait"\nabi = 1\n\n[permissions]\nhttp = []\nsecrets = []\nread = [${quoted(`/${long("reads")}`)}]\n`);
  write(join(data, "backends/bait/libbait.so"), "no library");
  write(join(data, "backends/broken/backend.toml"), `id = ${quoted(long("broken"))}\n`);
  write(join(data, "config/recipes/bait.easel.toml"), `title = ${quoted(long("recipe"))}\ndescription = ${quoted(long("description"))}\nintent = "restyle"\nmodel = "same-8"\n`);
  write(join(data, "config/recipes/lost.easel.toml"), `title = ${quoted(long("lost"))}\nintent = ${quoted(long("intent"))}\nmodel = ${quoted(long("model"))}\n`);
}
const daemon = await Daemon.start();
const photograph = (/** @type {string} */ name) => join(ROOT, "tests/data", name);

// Pictures that are none, or carry more than pixels.
/** @param {string} body @param {string} type */
const store = async (body, type) => (await daemon.fetch("/v1/blobs", { method: "PUT", body: Buffer.from(body, "latin1"), headers: { "content-type": type } })).json();
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" onload="globalThis.caught='svg'"><script>globalThis.caught='svg'</script><rect width="64" height="64"/></svg>`;
for (const body of [SVG, `<?xml version="1.0"?>${SVG}`, `<!doctype html><script>globalThis.caught='html'</script>`, `GIF89a/*${SVG}*/=1;`, `%PDF-1.4\n${SVG}`]) {
  for (const type of ["image/svg+xml", "image/png", "application/octet-stream", "text/html"]) {
    const { kind } = await store(body, type);
    check(["not_a_picture", "unsupported", "corrupt"].includes(kind), `${body.slice(0, 20)} as ${type}: ${kind}`);
  }
}
/** @param {string} name @param {string} text */
const chunk = (name, text) => {
  const content = Buffer.from(name + text, "latin1");
  const head = Buffer.alloc(4);
  head.writeUInt32BE(content.length - 4);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(content));
  return Buffer.concat([head, content, sum]);
};
import { readFileSync } from "node:fs";
const plain = readFileSync(photograph("coffee.png"));
const XMP = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><script>globalThis.caught='xmp'</script></x:xmpmeta>`;
// What a picture says of itself stands behind its first chunk; behind its last one stands a whole page.
const loaded = Buffer.concat([
  plain.subarray(0, 33),
  chunk("tEXt", `Title\0${long("metadata").replaceAll(/[^\x20-\x7e]/g, "")}`),
  chunk("iTXt", `XML:com.adobe.xmp\0\0\0\0\0${XMP}`),
  chunk("eXIf", `MM\0*\0\0\0\x08\0\x01\x01\x0e\0\x02\0\0\0\x28\0\0\0\x1a\0\0\0\0<script>globalThis.caught='exif'</script>`),
  plain.subarray(33),
  Buffer.from(SVG),
]);
const source = (await store(loaded.toString("latin1"), "image/png")).id;
check(source === (await daemon.upload("tests/data/coffee.png")), "what a picture carries besides its pixels is kept");

// Everything that somebody may name.
/** @param {string} key @param {object} [more] */
const submit = (key, more = {}) => daemon.call("transform.submit", { key, ask: { intent: "restyle", source, models: ["same-8", "same-opaque"], prompt: long("prompt"), title: long("title"), client: long("client"), ...more } });
const first = await submit("first", { origin: { x: 0, y: 0, document: bait("document"), layer: bait("layer") } });
const untitled = await submit("untitled", { prompt: undefined });
const failed = await submit("failed", { models: ["error-text"] });
// A parameter of a model that is not asked, and the name of an artifact that never was, are kept as they are.
await submit("odd", { params: { [long("param")]: long("value") }, parent: long("parent") });
// What is no name but an ask is refused as one.
for (const more of [{ params: { "<b>": 1 } }, { models: [long("asked")] }, { style: [{ name: long("style") }] }, { size: long("size") }]) {
  const said = await submit("refused", more).then(() => "taken", (/** @type {Error} */ error) => error.message);
  check(said !== "taken", `${JSON.stringify(more)} is taken`);
}
await daemon.call("reference.save", { name: `set <img src=x onerror="globalThis.caught='set'">\u202E txt${END}`, blobs: [source] });
const folder = join(daemon.data, bait("folder"));
mkdirSync(folder);
await daemon.call("folder.add", { folder: { path: folder, recipe: "bait" } });
copyFileSync(photograph("coffee.png"), join(folder, `${bait("file")}.png`));
writeFileSync(join(folder, `${bait("letter")}.png`), SVG);
await until(async () => {
  const { jobs } = await daemon.call("job.list");
  const { done, failed } = await daemon.call("folder.status", { folder });
  return done === 1 && failed === 1 && jobs.every((/** @type {any} */ job) => ["done", "failed"].includes(job.state));
}, "the bait is not laid out");
const { jobs } = await daemon.call("transform.get", { id: first.id });

// What leaves as a file holds nothing of it but as text.
for (const format of ["png", "jpeg", "webp", "tiff"]) {
  const file = await daemon.fetch(`/v1/artifacts/${jobs[0].artifacts[0].id}/picture?format=${format}`);
  const bytes = Buffer.from(await file.arrayBuffer()).toString("latin1");
  check(file.status === 200 && !/<script|<svg|<img/.test(bytes), `a ${format} holds markup`);
}

const browser = await launch();
const { context, page, problems } = await pairedPage(browser, daemon);
/** @type {string[]} */
const fetched = [];
context.on("request", (request) => {
  const { pathname } = new URL(request.url());
  if (!/^\/(rpc|v1\/.*|page\/.*|)$/.test(pathname) && !request.url().startsWith("blob:")) fetched.push(request.url());
});
await context.addInitScript(() => {
  document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
    /** @type {any} */ (globalThis).caught = `the policy stopped ${violatedDirective} ${blockedURI}`;
  });
});

/** What came to be of the bait in the page. @returns {Promise<string[]>} */
function found() {
  return page.evaluate((end) => {
    const wrong = [];
    const { caught } = /** @type {any} */ (globalThis);
    if (caught) wrong.push(`it ran: ${caught}`);
    for (const element of document.querySelectorAll("*")) {
      for (const { name, value } of element.attributes) {
        if (/^on/i.test(name)) wrong.push(`<${element.localName} ${name}>`);
        if (/^\s*(javascript|data|vbscript):/i.test(value)) wrong.push(`<${element.localName} ${name}=${value}>`);
        if (/^(src|href|action|poster|data)$/.test(name) && !/^(#|\/page\/|blob:|$)/.test(value)) wrong.push(`<${element.localName} ${name}=${value}>`);
      }
      if (/^(iframe|object|embed|base|frame|style|template)$/.test(element.localName)) wrong.push(`<${element.localName}>`);
      if (element.localName === "script" && element.getAttribute("src") !== "/page/main.js") wrong.push("a script");
      if (element.localName === "meta" && element.hasAttribute("http-equiv")) wrong.push("<meta http-equiv>");
    }
    // Whatever is read after a bait goes on from left to right.
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    /** @type {{ node: Text, at: number, block: Element }[]} */
    const letters = [];
    /** @param {Element | null} element */
    const blockOf = (element) => {
      while (element && getComputedStyle(element).display.startsWith("inline") && getComputedStyle(element).display === "inline") element = element.parentElement;
      return /** @type {Element} */ (element);
    };
    let open = /** @type {Element | undefined} */ (undefined);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const text = /** @type {Text} */ (node);
      const block = blockOf(text.parentElement);
      let from = 0;
      if (text.data.includes(end)) {
        from = text.data.lastIndexOf(end) + 1;
        open = block;
      } else if (open !== block) continue;
      for (let at = from; at < text.data.length; at += 1) if (/[a-z0-9]/i.test(text.data[at] ?? "")) letters.push({ node: text, at, block });
    }
    const box = (/** @type {{ node: Text, at: number }} */ { node, at }) => {
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + 1);
      return range.getBoundingClientRect();
    };
    for (const [index, letter] of letters.entries()) {
      const next = letters[index + 1];
      if (!next || next.node !== letter.node || next.at !== letter.at + 1) continue;
      const [one, two] = [box(letter), box(next)];
      if (one.width && two.width && Math.abs(one.top - two.top) < 2 && two.left < one.left) {
        wrong.push(`turned round: …${letter.node.data.slice(-60)}`);
        break;
      }
    }
    for (const option of document.querySelectorAll("option")) {
      const text = option.textContent ?? "";
      if (/\u202E[^\u2069]*⟧[^\u2069]*[a-z0-9]/i.test(text)) wrong.push(`turned round in a menu: …${text.slice(-60)}`);
    }
    return wrong;
  }, END);
}

/** Whether a person sees a bait as the text that it is: in the page, or as the value of a field. @param {string} text */
const isSeen = (text) =>
  page.evaluate((text) => {
    const plain = (/** @type {string | null | undefined} */ it) => (it ?? "").replaceAll(/[\s\u2066-\u2069\u202a-\u202e]+/g, " ");
    const values = [...document.querySelectorAll("input, textarea")].map((field) => /** @type {HTMLInputElement} */ (field).value);
    return [document.body.textContent, ...values].some((shown) => plain(shown).includes(plain(text)));
  }, text);

const artifact = jobs[0].artifacts[0].id;
const head = (/** @type {string} */ text) => text.slice(0, 48);
/** Each view, what must be seen in it, and what a person does there. @type {[string, string[], (() => Promise<void>)?][]} */
const VIEWS = [
  ["#/history", [head(long("prompt")), head(long("title"))]],
  [`#/history?text=${encodeURIComponent(long("prompt"))}`, [head(long("prompt"))]],
  [`#/history?text=${encodeURIComponent(long("nothing"))}&client=${encodeURIComponent(long("client"))}&model=${encodeURIComponent(bait("m"))}&folder=${encodeURIComponent(bait("f"))}`, [long("nothing")]],
  [`#/compare/${first.id}`, [head(long("prompt")).slice(0, 40)]],
  [`#/compare/${untitled.id}`, [head(long("title")).slice(0, 40)]],
  [`#/compare/${first.id}?artifact=${artifact}`, []],
  [`#/compare/${encodeURIComponent(long("id"))}`, []],
  [`#/transform?again=${first.id}`, [long("prompt")]],
  [`#/transform?job=${first.id}`, []],
  [`#/transform?job=${failed.id}`, []],
  [`#/transform?from=${artifact}&transform=${first.id}`, []],
  [`#/transform?from=${encodeURIComponent(bait("from"))}&transform=${encodeURIComponent(bait("transform"))}&again=${encodeURIComponent(bait("again"))}`, [head(long("recipe"))]],
  ["#/folders", [bait("folder"), bait("letter")]],
  ["#/models", [long("backend")]],
  ["#/spend", []],
  [`#/${encodeURIComponent(long("view"))}`, []],
  [`#/models?x=${encodeURIComponent(bait("x"))}#${encodeURIComponent(bait("y"))}`, []],
];
/** @type {string[]} */
const wrong = [];
for (const [address, seen] of VIEWS) {
  await page.goto(`${daemon.url}/healthz`);
  await page.goto(`${daemon.url}/${address}`);
  await page.waitForFunction(() => document.querySelector("#view")?.childElementCount);
  for (const text of seen) await until(() => isSeen(text), `${address}: \`${text}\` is not seen as text`).catch((error) => wrong.push(error.message));
  // What is folded is looked at as well.
  await page.evaluate(() => document.querySelectorAll("details").forEach((it) => (it.open = true)));
  await page.waitForLoadState("networkidle").catch(() => {});
  for (const it of await found()) wrong.push(`${address}: ${it}`);
  console.log(address.slice(0, 40), wrong.length);
}
check(problems.length === 0, problems.join("\n"));
check(fetched.filter((url) => !url.endsWith("/healthz")).length === 0, `fetched: ${fetched.join(" ")}`);
check(wrong.length === 0, `${wrong.length} wrong:\n${wrong.join("\n")}`);
await browser.close();
await daemon.kill();
