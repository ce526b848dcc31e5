/** What the cases of Transform share: a person's moves on the page, and a look behind them at the daemon. */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { check } from "./browser.mjs";
import { ROOT } from "./daemon.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("./daemon.mjs").Daemon} Daemon */

export const photograph = (/** @type {string} */ name) => join(ROOT, "tests/data", name);

/** @param {string} name */
const typeOf = (name) => (name.endsWith(".png") ? "image/png" : name.endsWith(".jpg") ? "image/jpeg" : "text/plain");

/**
 * Files as the browser hands them over, dropped on an element or pasted.
 * @param {Page} page @param {string} selector @param {"drop" | "paste"} how @param {{ name: string, bytes: Buffer }[]} files
 */
async function handOver(page, selector, how, files) {
  const given = files.map(({ name, bytes }) => ({ name, type: typeOf(name), text: bytes.toString("base64") }));
  await page.locator(selector).evaluate(
    async (element, { how, given }) => {
      const data = new DataTransfer();
      for (const { name, type, text } of given) {
        const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
        data.items.add(new File([bytes], name, { type }));
      }
      const options = { bubbles: true, cancelable: true };
      if (how === "paste") {
        element.dispatchEvent(new ClipboardEvent("paste", { ...options, clipboardData: data }));
        return;
      }
      for (const name of ["dragenter", "dragover", "drop"])
        element.dispatchEvent(new DragEvent(name, { ...options, dataTransfer: data }));
    },
    { how, given },
  );
}

/** @param {Page} page @param {string} selector @param {...string} paths */
export function drop(page, selector, ...paths) {
  return handOver(
    page,
    selector,
    "drop",
    paths.map((path) => ({ name: basename(path), bytes: readFileSync(path) })),
  );
}

/** @param {Page} page @param {string} selector @param {string} path */
export function paste(page, selector, path) {
  return handOver(page, selector, "paste", [{ name: basename(path), bytes: readFileSync(path) }]);
}

/** @param {Page} page @param {string} selector @param {string} name @param {string} text */
export function dropText(page, selector, name, text) {
  return handOver(page, selector, "drop", [{ name, bytes: Buffer.from(text) }]);
}

/** The box of a model. @param {Page} page @param {RegExp} name */
export function model(page, name) {
  return page.getByRole("checkbox", { name });
}

/** Ticks these models and no others. @param {Page} page @param {...RegExp} names */
export async function only(page, ...names) {
  const more = page.getByRole("button", { name: /^Show \d+ more that cannot/ });
  if (await more.isVisible()) await more.click();
  for (const name of names) await model(page, name).check();
  // What is ticked moves in the list: it is asked for anew each time.
  for (let left = 0; left < 20; left += 1) {
    const ticked = page.locator(".models input:checked");
    let other = -1;
    for (let index = 0; index < (await ticked.count()); index += 1) {
      const label = (await ticked.nth(index).locator("xpath=ancestor::li").innerText()).trim();
      if (!names.some((name) => name.test(label))) other = index;
    }
    if (other < 0) return;
    await ticked.nth(other).uncheck();
  }
  throw new Error("the other models keep their ticks");
}

/** A field of More, unfolded. @param {Page} page @param {string} label */
export async function finer(page, label) {
  const details = page.locator("details.finer");
  if (!(await details.evaluate((it) => /** @type {HTMLDetailsElement} */ (it).open)))
    await details.locator("summary").click();
  return details.getByLabel(label);
}

/** Paints a stroke from one place of the picture to another, as shares of what is seen of it.
 * @param {Page} page @param {[number, number]} from @param {[number, number]} to */
export async function stroke(page, from, to) {
  const box = await page.locator(".hero").boundingBox();
  check(box !== null, "there is no picture");
  const at = (/** @type {[number, number]} */ [x, y]) =>
    /** @type {const} */ ([box.x + x * box.width, box.y + y * box.height]);
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at(to), { steps: 12 });
  await page.mouse.up();
}

/** The rows of a stored picture. @param {Daemon} daemon @param {string} blob @param {string} [format] */
export async function rows(daemon, blob, format = "rgba8") {
  const response = await daemon.fetch(`/v1/blobs/${blob}/pixels?format=${format}`);
  const said = response.headers.get("content-type") ?? "";
  const side = (/** @type {string} */ name) => Number(new RegExp(`${name}=(\\d+)`).exec(said)?.[1]);
  return { pixels: Buffer.from(await response.arrayBuffer()), width: side("width"), height: side("height") };
}

/**
 * The whole picture of an artifact, as somebody would save it, beside its source: how many pixels differ where the mask
 * is 0, and how many elsewhere.
 * @param {Daemon} daemon @param {any} artifact @param {any} ask
 */
export async function difference(daemon, artifact, ask) {
  const saved = await daemon.fetch(`/v1/artifacts/${artifact.id}/picture?format=png`);
  const stored = await daemon.fetch("/v1/blobs", {
    method: "PUT",
    body: Buffer.from(await saved.arrayBuffer()),
    headers: { "content-type": "application/octet-stream" },
  });
  const whole = await rows(daemon, (await stored.json()).id);
  const source = await rows(daemon, ask.source);
  check(whole.width === source.width && whole.height === source.height, "the result has another size than its source");
  const mask = ask.mask ? (await rows(daemon, ask.mask, "gray8")).pixels : undefined;
  let [outside, inside] = [0, 0];
  for (let pixel = 0; pixel < source.width * source.height; pixel += 1) {
    if (whole.pixels.readUInt32LE(4 * pixel) === source.pixels.readUInt32LE(4 * pixel)) continue;
    if (mask && mask[pixel] === 0) outside += 1;
    else inside += 1;
  }
  return { outside, inside };
}

/** The newest transform. @param {Daemon} daemon */
export async function newest(daemon) {
  return (await daemon.call("transform.list", { limit: 1 })).transforms[0];
}

/** What is drawn now, as a number that another picture changes. @param {Page} page */
export function drawn(page) {
  return page
    .locator(".hero canvas")
    .first()
    .evaluate((canvas) => {
      const context = /** @type {HTMLCanvasElement} */ (canvas).getContext("2d");
      const { data } = /** @type {CanvasRenderingContext2D} */ (context).getImageData(
        0,
        0,
        /** @type {HTMLCanvasElement} */ (canvas).width,
        /** @type {HTMLCanvasElement} */ (canvas).height,
      );
      let sum = 0;
      for (let at = 0; at < data.length; at += 1) sum = (Math.imul(sum, 31) + /** @type {number} */ (data[at])) | 0;
      return sum;
    });
}

/**
 * Waits until something else is drawn than a moment ago.
 * @param {Page} page @param {number} before @param {string} what
 */
export async function drawnOther(page, before, what) {
  for (let tries = 0; tries < 300; tries += 1) {
    const now = await drawn(page);
    if (now !== before) return now;
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
  throw new Error(`${what}: the picture stayed the same`);
}

/** Waits until nothing runs and the button says Transform again. @param {Page} page */
export async function idle(page) {
  await page
    .locator(".go")
    .filter({ hasText: /^(Transform|Run recipe)/ })
    .waitFor();
}

/** The card of a result or a failed job. @param {Page} page @param {RegExp | string} text */
export function card(page, text) {
  return page.locator(".result").filter({ hasText: text });
}
