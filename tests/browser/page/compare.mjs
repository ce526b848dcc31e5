/** Compare, as a person uses it: what every pane draws is read from its canvas and held against the daemon's own pixels. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OUT, check, launch, leads, pairedPage, shoot, violations } from "../lib/browser.mjs";
import { Daemon, ROOT } from "../lib/daemon.mjs";

/** @import { Page } from "playwright-core" */
/** @typedef {{ width: number, height: number, data: Uint8Array }} Raster rgba, a byte each */

const daemon = await Daemon.start();
const browser = await launch();
let keys = 0;

/** @param {object} ask @returns {Promise<any>} */
const submit = (ask) => daemon.call("transform.submit", { key: `compare-${(keys += 1)}`, ask });

/** @param {object} ask @returns {Promise<any>} the record once all has ended */
async function made(ask) {
  let record = await submit(ask);
  let after = 0;
  while (record.jobs.some((/** @type {any} */ job) => job.state === "queued" || job.state === "running")) {
    after = (await daemon.call("job.events", { transform: record.id, after, wait_ms: 5000 })).next;
    record = await daemon.call("transform.get", { id: record.id });
  }
  const failed = record.jobs.filter((/** @type {any} */ job) => job.state !== "done");
  check(!failed.length, `these did not end well: ${JSON.stringify(failed.map((/** @type {any} */ job) => [job.model, job.failure]))}`);
  return record;
}

/** @param {string} blob @returns {Promise<Raster>} */
async function pixels(blob) {
  const response = await daemon.fetch(`/v1/blobs/${blob}/pixels?format=rgba8&colours=srgb`);
  const said = response.headers.get("content-type") ?? "";
  const side = (/** @type {string} */ name) => Number(new RegExp(`${name}=(\\d+)`).exec(said)?.[1]);
  return { width: side("width"), height: side("height"), data: new Uint8Array(await response.arrayBuffer()) };
}

/** @param {Uint8Array} body @param {string} type @param {string} [query] @returns {Promise<string>} */
async function put(body, type, query = "") {
  const response = await daemon.fetch(`/v1/blobs${query}`, { method: "PUT", headers: { "content-type": type }, body: /** @type {Uint8Array<ArrayBuffer>} */ (body) });
  return (await response.json()).id;
}

/** The source with the artifact in its place, made here from both. @param {Raster} source @param {Raster} result @param {any} place @returns {Raster} */
function whole(source, result, place) {
  const data = source.data.slice();
  for (let y = 0; y < place.height; y += 1) {
    const from = result.data.subarray(4 * y * place.width, 4 * (y + 1) * place.width);
    data.set(from, 4 * ((y + place.y) * source.width + place.x));
  }
  return { ...source, data };
}

/** Waits until nothing better is on its way and it is drawn. @param {Page} page */
async function settled(page) {
  const drawn = () =>
    page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(undefined)))));
  await drawn();
  await page.waitForFunction(() => {
    const seen = [...document.querySelectorAll(".pane canvas")].filter((it) => it instanceof HTMLCanvasElement && !it.hidden && it.dataset.ready !== undefined);
    return seen.length > 0 && seen.every((it) => it instanceof HTMLCanvasElement && it.dataset.ready === "true");
  });
  await drawn();
}

/** What a pane's canvas holds. @param {Page} page @param {number} index 0 is the source @returns {Promise<Raster>} */
async function canvas(page, index) {
  const { width, height, text } = await page.evaluate((at) => {
    const found = document.querySelectorAll(".pane canvas")[at];
    if (!(found instanceof HTMLCanvasElement)) throw new Error(`there is no pane ${at}`);
    const { width, height } = found;
    const data = /** @type {CanvasRenderingContext2D} */ (found.getContext("2d")).getImageData(0, 0, width, height).data;
    let text = "";
    for (let start = 0; start < data.length; start += 32768) text += String.fromCharCode(...data.subarray(start, start + 32768));
    return { width, height, text: btoa(text) };
  }, index);
  return { width, height, data: new Uint8Array(Buffer.from(text, "base64")) };
}

/**
 * How many pixels of a canvas at 100 % differ from a picture whose middle is in its middle.
 * @param {Raster} drawn @param {Raster} picture @param {(x: number, y: number) => boolean} [looks] where to look, in pixels of the picture
 */
function differences(drawn, picture, looks = () => true) {
  const left = Math.round(drawn.width / 2 - picture.width / 2);
  const top = Math.round(drawn.height / 2 - picture.height / 2);
  let seen = 0;
  let wrong = 0;
  for (let y = Math.max(0, -top); y < Math.min(picture.height, drawn.height - top); y += 1) {
    for (let x = Math.max(0, -left); x < Math.min(picture.width, drawn.width - left); x += 1) {
      if (!looks(x, y)) continue;
      seen += 1;
      const one = 4 * (y * picture.width + x);
      const other = 4 * ((y + top) * drawn.width + x + left);
      if ([0, 1, 2].some((channel) => picture.data[one + channel] !== drawn.data[other + channel])) wrong += 1;
    }
  }
  check(seen > 1000, `only ${seen} pixels could be looked at`);
  return wrong;
}

/** Whether two panes show the same place: one holds the other's colours turned around. @param {Raster} source @param {Raster} inverted */
function turnedAround(source, inverted) {
  const [middle, rows] = [Math.floor(source.height / 2), 60];
  let worst = 0;
  for (let y = middle - rows; y < middle + rows; y += 1) {
    for (let x = 20; x < source.width - 20; x += 1) {
      const at = 4 * (y * source.width + x);
      if (source.data[at + 3] !== 255) continue;
      for (const channel of [0, 1, 2]) {
        worst = Math.max(worst, Math.abs(255 - (source.data[at + channel] ?? 0) - (inverted.data[at + channel] ?? 0)));
      }
    }
  }
  return worst;
}

/** @param {Raster} raster @returns {number} the share of pixels that equal the one to their left */
function sameAsLeft({ width, height, data }) {
  let same = 0;
  const y = Math.floor(height / 2);
  for (let row = y - 40; row < y + 40; row += 1) {
    for (let x = 41; x < width - 40; x += 1) {
      const at = 4 * (row * width + x);
      if ([0, 1, 2].every((channel) => data[at + channel] === data[at - 4 + channel])) same += 1;
    }
  }
  return same / (80 * (width - 81));
}

/** @param {Raster} one @param {Raster} other */
const equal = (one, other) => one.width === other.width && Buffer.compare(one.data, other.data) === 0;

const { page, problems } = await pairedPage(browser, daemon, { viewport: { width: 1280, height: 800 }, acceptDownloads: true });
/** @param {string} hash */
const go = (hash) => page.evaluate((to) => void (location.hash = to), hash);
/** @param {string} what */
const clean = async (what) => {
  const found = await violations(page);
  check(!found.length, `axe on ${what}:\n${found.join("\n")}`);
};

// Nothing was made yet.
await go("#/compare");
await page.getByText("Transform a picture with two models, then compare what they made.").waitFor();
await clean("the empty state");

// Four models, one of them twice as different as the others.
const astronaut = await daemon.upload("tests/data/astronaut.png");
const chelsea = await daemon.upload("tests/data/chelsea.png");
const four = await made({
  intent: "restyle",
  source: astronaut,
  title: "astronaut.png",
  style: [{ name: "warm-oil", weight: 1 }],
  references: [chelsea],
  models: ["local-style", "local-style-reference", "invert", "same-8"],
});
/** @type {any[]} */
const artifacts = four.jobs.map((/** @type {any} */ job) => job.artifacts[0]);

// The first result ever is shown where nothing could be; the address then says what is looked at.
await page.waitForFunction((id) => location.hash.startsWith(`#/compare/${id}?artifact=`), four.id);
await page.waitForFunction(() => document.querySelectorAll(".pane").length === 5);
await page.waitForFunction(() => document.querySelectorAll(".pane [aria-label^=Fidelity]").length === 4);
await settled(page);
const captions = await page.locator("figcaption").allInnerTexts();
check(/Source\s+512×512/.test(captions[0] ?? ""), `the source's caption is ${captions[0]}`);
check(/3\s+Invert\s+.*(ms|s) · free/s.test(captions[3] ?? ""), `a result's caption is ${captions[3]}`);
const bars = await page.getByRole("img", { name: /^Fidelity: structure \d+ % kept, colour \d+ % kept, nothing changed outside$/ }).count();
check(bars === 4, `${bars} of four results tell how faithful they are`);
await clean("the grid");
await shoot(page, "compare-grid");

// At 100 % every pane shows exactly the pixels that the daemon has.
await page.keyboard.press("z");
await settled(page);
check((await page.locator(".zoom-percent").innerText()) === "100 %", "`z` is not 100 %");
const rasters = await Promise.all([astronaut, ...artifacts.map(({ blob }) => blob)].map(pixels));
for (const [index, raster] of rasters.entries()) {
  const wrong = differences(await canvas(page, index), raster);
  check(wrong === 0, `pane ${index} draws ${wrong} pixels wrong`);
}

// One camera for all panes: wheel, drag and keys, each seen in another pane than it was done in.
const before = await canvas(page, 0);
const box = await page.locator(".pane canvas").nth(2).boundingBox();
check(box !== null, "there is no third pane");
await page.mouse.move(box.x + 90, box.y + 70);
for (let turn = 0; turn < 4; turn += 1) await page.mouse.wheel(0, -100);
await settled(page);
let shown = await canvas(page, 0);
check(!equal(before, shown), "the wheel did not zoom the other panes");
check(turnedAround(shown, await canvas(page, 3)) <= 3, "after the wheel two panes show different places");
check(sameAsLeft(shown) > 0.5, "above 200 % pixels are not squares");
await page.mouse.down();
await page.mouse.move(box.x + 190, box.y + 130, { steps: 5 });
await page.mouse.up();
await settled(page);
let moved = await canvas(page, 0);
check(!equal(shown, moved), "a drag did not move the other panes");
check(turnedAround(moved, await canvas(page, 3)) <= 3, "after a drag two panes show different places");
shown = moved;
await page.keyboard.press("Shift+ArrowLeft");
await settled(page);
moved = await canvas(page, 0);
check(!equal(shown, moved), "an arrow with shift did not move the picture");
await page.keyboard.press("z");
await page.keyboard.press("+");
await page.keyboard.press("+");
await settled(page);
check((await page.locator(".zoom-percent").innerText()) === "156 %", "`+` does not zoom");
check(sameAsLeft(await canvas(page, 0)) < 0.4, "below 200 % pixels are not smoothed");
await page.keyboard.press("f");
await settled(page);
check(equal(before, before) && (await page.locator(".zoom-percent").getAttribute("aria-label"))?.includes("fitted") === true, "`f` does not fit");

// Choosing: by number, by stepping, by a click; announced, and in the address.
/** @param {number} index */
const isChosen = (index) =>
  page.waitForFunction(([id, at]) => location.hash.includes(`artifact=${id}`) && document.querySelectorAll(".pane")[Number(at)]?.classList.contains("is-chosen"), [artifacts[index].id, index + 1]);
await page.keyboard.press("3");
await isChosen(2);
await page.waitForFunction(() => /^Result 3 of 4, Invert, structure/.test(document.querySelector("#said")?.textContent ?? ""));
await page.keyboard.press("ArrowRight");
await isChosen(3);
await page.keyboard.press("ArrowLeft");
await isChosen(2);
await page.locator(".pane canvas").nth(1).click();
await isChosen(0);
await page.getByRole("button", { name: "3 Invert" }).focus();
await page.keyboard.press("Enter");
await isChosen(2);
await page.locator("h1").first().evaluate(() => /** @type {HTMLElement} */ (document.activeElement).blur());

// The source everywhere while space is held.
await page.keyboard.press("z");
await settled(page);
await page.keyboard.down(" ");
await settled(page);
check(differences(await canvas(page, 3), rasters[0] ?? before) === 0, "space does not show the source");
await page.keyboard.up(" ");
await settled(page);
check(differences(await canvas(page, 3), rasters[3] ?? before) === 0, "the result does not come back when space is let go");

// The slider: left of it the source, right of it the result.
await page.keyboard.press("s");
const slider = page.getByRole("slider", { name: "Divider between source and result" });
await slider.waitFor();
await page.keyboard.press("z");
await settled(page);
/** @param {number} share of the pane that is the source */
async function divided(share) {
  await settled(page);
  const drawn = await canvas(page, 0);
  const divider = Math.round(share * drawn.width);
  const left = Math.round(drawn.width / 2 - 256);
  for (const [picture, side] of /** @type {const} */ ([[rasters[0], "source"], [rasters[3], "result"]])) {
    const looks = (/** @type {number} */ x) => (side === "source" ? x + left < divider - 2 : x + left > divider + 2);
    if (side === "source" ? divider <= left + 8 : divider >= left + 504) continue;
    const wrong = differences(drawn, picture ?? before, looks);
    check(wrong === 0, `with the divider at ${share} the ${side} has ${wrong} wrong pixels`);
  }
}
await divided(0.5);
const handle = await slider.boundingBox();
const pane = await page.locator(".pane-view").boundingBox();
check(handle !== null && pane !== null, "the slider is not there");
await page.mouse.move(handle.x + handle.width / 2, handle.y + handle.height / 2);
await page.mouse.down();
await page.mouse.move(pane.x + 0.4 * pane.width, handle.y + 20, { steps: 4 });
await page.mouse.up();
check(Math.abs(Number(await slider.getAttribute("aria-valuenow")) - 40) <= 1, "the divider does not follow the pointer");
await slider.focus();
for (const [key, value] of /** @type {const} */ ([["Home", 0], ["ArrowRight", 1], ["PageUp", 11], ["End", 100], ["Shift+ArrowLeft", 90]])) {
  await page.keyboard.press(key);
  check((await slider.getAttribute("aria-valuenow")) === String(value), `${key} does not move the divider to ${value}`);
}
await page.keyboard.press("Home");
await divided(0);
await page.keyboard.press("End");
await divided(1);
check((await slider.getAttribute("aria-valuetext")) === "100 % source", "the slider does not say what it shows");
await slider.evaluate((it) => it.blur());
await page.keyboard.press("f");
await clean("the slider");
await shoot(page, "compare-slider");

// A reload loses nothing, and `c` leads back.
await page.reload();
await slider.waitFor();
await isChosen2("Invert");
/** @param {string} name */
async function isChosen2(name) {
  await page.waitForFunction((it) => document.querySelector(".chosen-name")?.textContent?.includes(it), name);
}
await page.keyboard.press("c");
await page.waitForFunction(() => document.querySelectorAll(".pane").length === 5);
await page.keyboard.press("c");
await page.waitForFunction(() => document.querySelectorAll(".pane").length === 1);
await page.keyboard.press("ArrowRight");
await isChosen2("same-8");
await page.keyboard.press("Escape");
await page.waitForFunction(() => document.querySelectorAll(".pane").length === 5);

// The surround is grey, black or white, and remembered.
const surround = () => page.locator(".compare-stage").evaluate((it) => getComputedStyle(it).backgroundColor);
check((await surround()) === "rgb(118, 118, 118)", "the surround is not #767676");
await page.getByRole("button", { name: "White surround" }).click();
check((await surround()) === "rgb(255, 255, 255)", "the surround does not become white");
await clean("a white surround");
await page.getByRole("button", { name: "Black surround" }).click();
await clean("a black surround");
await page.reload();
await page.waitForFunction(() => document.querySelectorAll(".pane").length === 5);
check((await surround()) === "rgb(0, 0, 0)", "the surround is not remembered");
await page.getByRole("button", { name: "Grey surround" }).click();

// Behind a mask: outside it every pane shows the source's own pixels, and the map of changes touches nothing there.
const coffee = await daemon.upload("tests/data/coffee.png");
const mask = await put(readFileSync(join(ROOT, "tests/data/coffee-mask.png")), "application/octet-stream", "?as=mask");
const masked = await made({ intent: "restyle", source: coffee, mask, title: "coffee.png", models: ["invert", "same-8"], params: { "same-8:left": 1 } });
/** @type {any[]} */
const [inverted] = masked.jobs.map((/** @type {any} */ job) => job.artifacts[0]);
const source = await pixels(coffee);
const mayChange = await pixels(mask);
const expected = whole(source, await pixels(inverted.blob), inverted.place);
/** @param {number} x @param {number} y */
const outside = (x, y) => mayChange.data[4 * (y * source.width + x)] === 0;
await go(`#/compare/${masked.id}`);
await page.waitForFunction(() => document.querySelectorAll(".pane").length === 3);
await page.keyboard.press("z");
await settled(page);
const plain = await canvas(page, 1);
check(differences(plain, expected) === 0, "a result behind a mask is not drawn over its source");
check(differences(plain, source, outside) === 0, "outside the mask the pane differs from the source");
await page.keyboard.press("m");
await page.waitForFunction(() => [...document.querySelectorAll(".pane:not(.pane-source) canvas")].every((it) => it instanceof HTMLCanvasElement && it.dataset.changes));
await settled(page);
const marked = await canvas(page, 1);
check(differences(marked, expected, outside) === 0, "changes are marked outside the mask");
check(differences(marked, expected, (x, y) => !outside(x, y)) > 1000, "changes inside the mask are not marked");
check(differences(await canvas(page, 0), source) === 0, "changes are marked on the source");
await page.keyboard.press("f");
await settled(page);
await shoot(page, "compare-changes");
await clean("the changes");
await page.reload();
await page.waitForFunction(() => document.querySelector("[aria-pressed=true][aria-keyshortcuts=m]"));
await page.keyboard.press("m");

// Download: the file holds exactly the whole picture; the format is remembered.
await page.keyboard.press("1");
const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download" }).click()]);
check(download.suggestedFilename() === "coffee.invert.png", `the file is called ${download.suggestedFilename()}`);
await download.saveAs(join(OUT, "compare-download.png"));
const saved = await pixels(await put(readFileSync(join(OUT, "compare-download.png")), "application/octet-stream"));
check(equal(saved, expected), "the downloaded picture is another one");
await page.getByLabel("Format of the file").selectOption("jpeg");
await page.reload();
await page.waitForFunction(() => document.querySelector(".is-chosen"));
await page.locator("body").click({ position: { x: 2, y: 2 } });
// Copied, it is the whole picture in the clipboard, ready to be pasted into an editor.
await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: daemon.url });
await page.getByRole("button", { name: "Copy" }).click();
await page.getByText("Copied: paste it").waitFor();
const copied = await page.evaluate(async () => {
  const [item] = await navigator.clipboard.read();
  const bytes = new Uint8Array(await (await /** @type {ClipboardItem} */ (item).getType("image/png")).arrayBuffer());
  return Array.from(bytes);
});
check(equal(await pixels(await put(Buffer.from(copied), "image/png")), expected), "the copied picture is another one");

const [second] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("d")]);
await second.saveAs(join(OUT, "compare-download.jpg"));
check(second.suggestedFilename().endsWith(".jpg") && readFileSync(join(OUT, "compare-download.jpg")).subarray(0, 3).toString("hex") === "ffd8ff", "the format is not remembered");

// Discarded and brought back, also from another session.
await page.keyboard.press("Delete");
await page.waitForFunction(() => document.querySelectorAll(".pane").length === 2);
const restore = page.getByRole("button", { name: "Restore the discarded" });
await page.reload();
await restore.click();
await page.waitForFunction(() => document.querySelectorAll(".pane").length === 3);
await daemon.call("artifact.discard", { id: inverted.id });
await page.waitForFunction(() => document.querySelectorAll(".pane").length === 2);
await daemon.call("artifact.restore", { id: inverted.id });
await page.waitForFunction(() => document.querySelectorAll(".pane").length === 3);

// Iterating goes to Transform with the artifact.
await page.keyboard.press("1");
await page.waitForFunction((id) => location.hash.includes(`artifact=${id}`), inverted.id);
await leads(page, () => page.keyboard.press("i"), `#/transform?${new URLSearchParams({ from: inverted.id, transform: masked.id })}`);
await page.goBack();
await page.waitForFunction(() => document.querySelectorAll(".pane").length === 3);

// A picture that grew reaches beyond its source; both lie on each other.
const grown = await made({ intent: "expand", source: coffee, expand: { left: 40, top: 24, right: 8, bottom: 0 }, models: ["same-8"] });
await go(`#/compare/${grown.id}`);
await page.waitForFunction(() => document.querySelectorAll(".pane").length === 2);
await page.keyboard.press("z");
await settled(page);
const larger = await pixels(grown.jobs[0].artifacts[0].blob);
check(larger.width === 648 && larger.height === 424, "the picture did not grow");
check(differences(await canvas(page, 1), larger) === 0, "a grown picture is not drawn as it is");
const beside = await canvas(page, 0);
const [left, top] = [Math.round(beside.width / 2 - 324) + 40, Math.round(beside.height / 2 - 212) + 24];
const at = 4 * ((top + 200) * beside.width + left + 300);
const there = 4 * (200 * source.width + 300);
check([0, 1, 2].every((channel) => beside.data[at + channel] === source.data[there + channel]), "the source does not lie where the grown picture has it");

// More pixels than the largest preview: every one is there when the zoom asks for it.
const [width, height] = [2600, 1800];
const noise = new Uint8Array(4 * width * height);
for (let index = 0, seed = 1; index < noise.length; index += 1) {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  noise[index] = index % 4 === 3 ? 255 : seed >> 16;
}
const large = await put(noise, `application/vnd.easel.pixels; format=rgba8; width=${width}; height=${height}`);
const turned = await made({ intent: "restyle", source: large, models: ["invert"] });
await go(`#/compare/${turned.id}`);
await page.waitForFunction(() => document.querySelectorAll(".pane").length === 2);
await settled(page);
await page.keyboard.press("z");
await settled(page);
check(differences(await canvas(page, 0), { width, height, data: noise }) === 0, "at 100 % a large source is not drawn to the pixel");
check(differences(await canvas(page, 1), await pixels(turned.jobs[0].artifacts[0].blob)) === 0, "at 100 % a large result is not drawn to the pixel");

// What runs, what shows a picture meanwhile, and what fails; also after a reload.
const live = await submit({ intent: "edit", source: coffee, prompt: "a slow one", models: ["slow", "previewer", "error-text"], params: { "slow:milliseconds": 600000, "previewer:milliseconds": 10000 } });
await go(`#/compare/${live.id}`);
const states = page.locator(".pane:not(.pane-source)");
await page.waitForFunction(() => document.querySelectorAll(".pane").length === 4);
await states.nth(0).getByRole("progressbar").waitFor();
await page.waitForFunction(() => /Waiting · \d+ %/.test(document.querySelectorAll(".pane-line")[0]?.textContent ?? ""));
const red = () => page.waitForFunction(() => {
  const found = document.querySelectorAll(".pane canvas")[2];
  if (!(found instanceof HTMLCanvasElement) || found.hidden || !found.width) return false;
  const [r, g, b] = /** @type {CanvasRenderingContext2D} */ (found.getContext("2d")).getImageData(found.width / 2, found.height / 2, 1, 1).data;
  return [r, g, b].filter((value) => value === 255).length === 1;
});
await red();
await page.reload();
await red();
await states.nth(2).getByText("This is the text of status -6").waitFor();
await shoot(page, "compare-running");
await clean("what runs and fails");
await states.nth(2).getByRole("button", { name: "Retry" }).click();
const failures = async () => {
  const { events } = await daemon.call("job.events", { transform: live.id });
  return events.filter((/** @type {any} */ event) => event.event === "failed").length;
};
for (let tries = 0; (await failures()) < 2; tries += 1) {
  check(tries < 400, "the failed job was not tried again");
  await page.waitForTimeout(50);
}
await states.nth(2).getByText("This is the text of status -6").waitFor();
await states.nth(0).getByRole("button", { name: "Cancel" }).click();
await states.nth(0).getByText("Cancelled").waitFor();

// A daemon that is killed and started again: the job goes on, and so does the page.
const again = await submit({ intent: "edit", source: coffee, prompt: "once more", models: ["slow"], params: { milliseconds: 3000 } });
await go(`#/compare/${again.id}`);
await page.waitForFunction(() => /Waiting · \d+ %/.test(document.querySelector(".pane-line")?.textContent ?? ""));
await daemon.kill();
await page.waitForFunction(() => document.querySelector("#connection")?.textContent?.includes("away"));
await daemon.startAgain();
await page.waitForFunction(() => document.querySelector(".pane:not(.pane-source) canvas:not([hidden])[data-ready=true]"));
await settled(page);

// The list of recent ones, and one that is not known.
await page.getByTitle("Compare another transform").click();
await page.locator(".compare-recent a").first().waitFor();
await shoot(page, "compare-recent");
await clean("the list of recent transforms");
await page.locator(`.compare-recent a[href$="${masked.id}"]`).click();
await page.waitForFunction((id) => location.hash.startsWith(`#/compare/${id}`) && document.querySelectorAll(".pane").length === 3, masked.id);
await go("#/compare/t00000000000000000000000000000000");
await page.getByText("This transform is not in the history any more.").waitFor();
await clean("a transform that is not known");

// A folder keeps its results as files alone: what is left says so.
const recipe = join(daemon.data, "negatives.easel.toml");
writeFileSync(recipe, 'title = "Negatives"\nintent = "restyle"\nmodel = "invert"\n');
const folder = join(daemon.data, "roll");
mkdirSync(folder);
copyFileSync(join(ROOT, "tests/data/rocket.jpg"), join(folder, "rocket.jpg"));
await daemon.call("folder.add", { folder: { path: folder, recipe } });
for (let tries = 0; !(await daemon.call("folder.files", { folder, state: "done" })).files.length; tries += 1) {
  check(tries < 1200, "the folder's file was not done");
  await page.waitForTimeout(50);
}
check(page.url().endsWith("#/compare/t00000000000000000000000000000000"), "what is made elsewhere leads away from what was asked for");
const { rows } = await daemon.call("transform.search", { text: "rocket" });
// The pixels go a moment after the files are there.
for (const blob of [rows[0].source, rows[0].jobs[0].pictures[0]]) {
  for (let tries = 0; (await daemon.fetch(`/v1/blobs/${blob}/info`)).status !== 404; tries += 1) {
    check(tries < 1200, "the folder's pixels stay in the store");
    await page.waitForTimeout(50);
  }
}
await go(`#/compare/${rows[0].id}`);
await page.waitForFunction((id) => location.hash.startsWith(`#/compare/${id}`) && document.querySelectorAll(".pane").length === 2, rows[0].id);
await page.waitForFunction(() => [...document.querySelectorAll(".pane-state")].every((it) => it instanceof HTMLElement && !it.hidden && it.innerText.includes("A watched folder keeps its results as files alone.")));
await clean("what is gone");

// From a telephone's width to a wide screen, light and dark; two fingers zoom.
for (const [name, viewport] of /** @type {const} */ ([["narrow", { width: 360, height: 740 }], ["wide", { width: 2560, height: 1440 }]])) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    const other = await pairedPage(browser, daemon, { viewport, colorScheme, deviceScaleFactor: name === "narrow" ? 2 : 1, hasTouch: name === "narrow" });
    await other.page.evaluate((id) => void (location.hash = `#/compare/${id}`), four.id);
    await other.page.waitForFunction(() => document.querySelectorAll(".pane").length === 5);
    await settled(other.page);
    await shoot(other.page, `compare-${name}-${colorScheme}`);
    const found = await violations(other.page);
    check(!found.length, `axe at ${viewport.width}, ${colorScheme}:\n${found.join("\n")}`);
    const overflow = await other.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    check(overflow <= 0, `at ${viewport.width} the page is ${overflow} pixels too wide`);
    if (name === "narrow" && colorScheme === "light") await pinched(other.page);
    check(!other.problems.length, other.problems.join("\n"));
    await other.context.close();
  }
}

/** @param {Page} phone */
async function pinched(phone) {
  const percent = async () => Number.parseFloat(await phone.locator(".zoom-percent").innerText());
  const start = await percent();
  const place = await phone.locator(".pane canvas").nth(1).boundingBox();
  check(place !== null, "there is no pane to pinch");
  const session = await phone.context().newCDPSession(phone);
  const [x, y] = [place.x + place.width / 2, place.y + place.height / 2];
  const touch = (/** @type {"touchStart" | "touchMove" | "touchEnd"} */ type, /** @type {number} */ apart) =>
    session.send("Input.dispatchTouchEvent", { type, touchPoints: type === "touchEnd" ? [] : [{ x: x - apart, y, id: 0 }, { x: x + apart, y, id: 1 }] });
  await touch("touchStart", 20);
  for (const apart of [25, 30, 40, 50, 60]) await touch("touchMove", apart);
  await touch("touchEnd", 0);
  await settled(phone);
  const end = await percent();
  check(end > 2.5 * start && end < 3.5 * start, `two fingers that part three times as far zoom from ${start} to ${end} %`);
}

check(!problems.length, problems.join("\n"));
await browser.close();
await daemon.kill();
process.exit(0);
