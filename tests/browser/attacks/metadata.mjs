/**
 * What a file carries besides its pixels, and files that are no pictures at all: drawings with scripts, pages, pictures
 * that are pages as well. What is no picture is refused; of a picture only pixels are kept, and only pixels leave again,
 * under a name that no browser runs.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { bait, caughtIn, isShown, longBait, watchPolicy } from "../lib/bait.mjs";
import { check, launch, pairedPage } from "../lib/browser.mjs";
import { Daemon, ROOT } from "../lib/daemon.mjs";
import { until, victim } from "../lib/hostile.mjs";

const daemon = await Daemon.start();
/** @param {Buffer} body @param {string} type @param {string} [query] */
const store = async (body, type, query = "") => (await daemon.fetch(`/v1/blobs${query}`, { method: "PUT", body: new Uint8Array(body), headers: { "content-type": type } })).json();
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" onload="globalThis.caught='drawing'"><script>globalThis.caught='drawing'</script><rect width="64" height="64"/></svg>`;
const NONE = {
  "a drawing": SVG,
  "a drawing after a declaration": `<?xml version="1.0"?>${SVG}`,
  "a page": `<!doctype html><script>globalThis.caught='page'</script>`,
  "a page that begins like a GIF": `GIF89a=1/*${SVG}*/;<script>globalThis.caught='gif'</script>`,
  "a document": `%PDF-1.4\n${SVG}`,
  "a page that begins like a PNG": `\x89PNG\r\n\x1a\n<script>globalThis.caught='png'</script>`,
  "a page that begins like a JPEG": `\xff\xd8\xff\xe0<script>globalThis.caught='jpeg'</script>`,
  "a page that begins like a WebP": `RIFF\x40\0\0\0WEBP<script>globalThis.caught='webp'</script>`,
};
for (const [what, body] of Object.entries(NONE)) {
  for (const type of ["image/svg+xml", "image/png", "application/octet-stream", "text/html", "application/vnd.easel.icc"]) {
    for (const query of ["", "?as=mask"]) {
      const said = await store(Buffer.from(body, "latin1"), type, query);
      check(["not_a_picture", "unsupported", "corrupt", "invalid_request"].includes(said.kind), `${what} as ${type}${query}: ${JSON.stringify(said)}`);
    }
  }
}

// A picture that says a great deal of itself, and behind whose end a page begins: the pixels are all that is kept.
/** @param {string} name @param {string} text */
const chunk = (name, text) => {
  const content = Buffer.from(name + text, "latin1");
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length - 4);
  sum.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, sum]);
};
const plain = readFileSync(join(ROOT, "tests/data/coffee.png"));
const EXIF = `MM\0*\0\0\0\x08\0\x01\x01\x0e\0\x02\0\0\0\x2a\0\0\0\x1a\0\0\0\0<script>globalThis.caught='exif'</script>\0\0\0`;
const XMP = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><script>globalThis.caught='xmp'</script></x:xmpmeta>`;
const loaded = Buffer.concat([
  plain.subarray(0, 33),
  chunk("tEXt", `Title\0${longBait("text").replaceAll(/[^\x20-\x7e]/g, "")}`),
  chunk("iTXt", `XML:com.adobe.xmp\0\0\0\0\0${XMP}`),
  chunk("eXIf", EXIF),
  plain.subarray(33),
  Buffer.from(SVG),
]);
check(loaded.length > plain.length + 500, "the picture carries nothing");
const { id: source } = await store(loaded, "image/png");
check(source === (await daemon.upload("tests/data/coffee.png")), "what a picture carries besides its pixels is kept");

// Rows that spell a page: they are kept, since rows may be anything, and given out as rows that no browser runs.
const spelt = Buffer.from(`<!doctype html><script>globalThis.caught='rows'</script>`.padEnd(64 * 4, " "));
const rows = (await store(spelt, "application/vnd.easel.pixels; format=rgba8; width=64; height=1")).id;

// Everything that leaves: its bytes hold no markup but where rows spell it, and its type is none that a browser runs.
const prompt = longBait("prompt");
const { jobs } = await daemon.call("transform.submit", { key: "k", ask: { intent: "restyle", source, models: ["same-8"], prompt, title: longBait("title"), client: bait("client") } });
await until(async () => (await daemon.call("job.get", { id: jobs[0].id })).state === "done", "there is no result");
const artifact = (await daemon.call("job.get", { id: jobs[0].id })).artifacts[0];
const GIVEN = [
  ...["png", "jpeg", "webp", "tiff"].flatMap((format) => [`/v1/artifacts/${artifact.id}/picture?format=${format}`, `/v1/artifacts/${artifact.id}/picture?format=${format}&area=place`]),
  `/v1/artifacts/${artifact.id}/changes`,
  `/v1/blobs/${source}`,
  `/v1/blobs/${source}/preview`,
  `/v1/blobs/${source}/pixels`,
  `/v1/blobs/${rows}`,
  `/v1/blobs/${rows}/preview`,
  `/v1/blobs/${rows}/pixels`,
  `/v1/blobs/${rows}/info`,
];
let told = false;
for (const path of GIVEN) {
  const file = await daemon.fetch(path);
  const bytes = Buffer.from(await file.arrayBuffer());
  const type = file.headers.get("content-type") ?? "";
  check(file.status === 200, `${path}: ${file.status} ${bytes.toString().slice(0, 200)}`);
  check(/^(image\/(png|jpeg|webp|tiff)|application\/(octet-stream|vnd\.easel\.pixels.*|json))$/.test(type) && file.headers.get("x-content-type-options") === "nosniff", `${path} is given as ${type}`);
  if (path !== `/v1/blobs/${rows}` && path !== `/v1/blobs/${rows}/pixels`) check(!/<(script|svg|img)/i.test(bytes.toString("latin1")), `${path} holds markup`);
  told ||= bytes.includes("&lt;script&gt;globalThis.caught='prompt'");
}
// A result says in its own XMP what was asked, with every mark of markup taken from it.
check(told, "no file says what it was asked for, so it proves nothing");

// A person drops such files on the page: it says what they are, and shows their names as text.
const browser = await launch();
const { context, page, problems } = await pairedPage(browser, daemon);
await watchPolicy(context);
await page.goto(`${daemon.url}/healthz`);
await page.goto(`${daemon.url}/#/transform`);
const chooser = page.locator("input[type=file]").first();
await chooser.waitFor({ state: "attached" });
for (const [what, body] of Object.entries(NONE)) {
  const answer = page.waitForResponse((response) => response.request().method() === "PUT" && response.url().includes("/v1/blobs"));
  await chooser.setInputFiles({ name: `${bait("name")}.svg`, mimeType: "image/svg+xml", buffer: Buffer.from(body, "latin1") });
  const { kind, message } = await (await answer).json();
  check(Boolean(kind), `${what} is taken for a picture`);
  // In the daemon's words, with a capital.
  await page.locator(".failure").filter({ hasText: message.replaceAll("`", "").slice(1) }).first().waitFor();
  const wrong = await caughtIn(page);
  check(wrong.length === 0, `${what}: ${wrong.join("\n")}`);
}
await chooser.setInputFiles({ name: `${bait("name")}.png`, mimeType: "image/png", buffer: loaded });
await until(() => isShown(page, bait("name")), "the name of a file is not shown as text");
const wrong = await caughtIn(page);
check(wrong.length === 0, `the name of a file: ${wrong.join("\n")}`);

check(problems.length === 0, problems.join("\n"));

// Who opens such an answer as a page of its own, with a token or without, runs nothing of it. Given as a page, it runs.
const other = await victim(browser);
const tab = await other.newPage();
const runs = () => tab.evaluate(() => "caught" in globalThis);
await other.route(`${daemon.url}/naive`, (route) => route.fulfill({ contentType: "text/html", body: spelt.toString() }));
await tab.goto(`${daemon.url}/naive`);
check(await runs(), "the rows spell no page, so they prove nothing");
const authorization = `Bearer ${daemon.token.trim()}`;
await other.route(`${daemon.url}/v1/**`, async (route) => route.fulfill({ response: await route.fetch({ headers: { ...route.request().headers(), authorization } }) }));
for (const path of GIVEN) {
  await tab.goto(`${daemon.url}/healthz`);
  // What is no page is saved rather than shown: then nothing is opened.
  await tab.goto(daemon.url + path).catch(() => {});
  check(!(await runs()), `${path} runs as a page`);
}
await browser.close();
await daemon.kill();
