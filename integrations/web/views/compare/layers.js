/**
 * Pictures to draw: first a small copy, then as many pixels as the zoom asks for.
 * @import { BlobId } from "../../../typescript/protocol.ts"
 * @import { Pictures } from "../../core/pictures.js"
 */

/** The longer sides of copies; beyond the last every pixel is fetched. */
const LEVELS = [512, 1024, 2048];
/** Bytes of whole pictures that are kept; a photograph of 24 megapixels takes 96 million. */
const BUDGET = 1_500_000_000;

/** All pictures of a comparison, with an eye on what they take together. */
export class Layers {
  /** @type {Map<BlobId, Layer>} */
  #layers = new Map();
  #stop = new AbortController();
  frame = 1;

  /** @param {Pictures} pictures @param {() => void} changed called when there is more to draw */
  constructor(pictures, changed) {
    this.pictures = pictures;
    this.changed = changed;
  }

  /** @param {BlobId} blob @param {number} width @param {number} height */
  of(blob, width, height) {
    let layer = this.#layers.get(blob);
    if (!layer) {
      layer = new Layer(this, blob, width, height);
      this.#layers.set(blob, layer);
    }
    return layer;
  }

  get signal() {
    return this.#stop.signal;
  }

  /** A new frame is drawn. */
  begin() {
    this.frame += 1;
  }

  /** Makes room for a whole picture, and says whether there is: not every machine holds nine of a hundred megapixels.
   * @param {Layer} wanting */
  makeRoom(wanting) {
    const whole = [...this.#layers.values()].filter((layer) => layer !== wanting && layer.wantsAll);
    let held = whole.reduce((sum, layer) => sum + layer.bytes, wanting.bytes);
    for (const layer of whole) {
      if (held <= BUDGET) break;
      // What the eye is on stays.
      if (layer.drawn < this.frame - 1 && layer.shrink()) held -= layer.bytes;
    }
    return held <= BUDGET;
  }

  /** Keeps only these. @param {Set<BlobId>} blobs */
  keep(blobs) {
    for (const [blob, layer] of this.#layers) {
      if (blobs.has(blob)) continue;
      layer.close();
      this.#layers.delete(blob);
    }
  }

  close() {
    this.#stop.abort();
    this.keep(new Set());
  }
}

export class Layer {
  /** @type {ImageBitmap | undefined} */
  #bitmap;
  /** @type {ImageBitmap | undefined} */
  #small;
  /** The level of what is there, of what is on its way, and of the smaller copy beside every pixel. */
  #has = 0;
  #asked = 0;
  #hasSmall = 0;
  #closed = false;
  /** The last frame that it was drawn in. */
  drawn = 0;
  /** Its pixels are gone: a folder's results live in their files alone. */
  failed = false;

  /** @param {Layers} layers @param {BlobId} blob @param {number} width @param {number} height */
  constructor(layers, blob, width, height) {
    this.layers = layers;
    this.blob = blob;
    this.width = width;
    this.height = height;
    this.long = Math.max(width, height);
  }

  get bytes() {
    return 4 * this.width * this.height;
  }

  /** It has every pixel of a large picture, or will. */
  get wantsAll() {
    return this.#asked === Infinity;
  }

  /** What there is to draw now; more is fetched where the longer side will cover so many pixels of the screen.
   * @param {number} side */
  at(side) {
    this.drawn = this.layers.frame;
    const wanted = Math.min(side, this.long);
    let level = LEVELS.find((it) => it >= wanted) ?? Infinity;
    if (level <= this.#asked || this.failed) return this.#bitmap;
    if (level === Infinity) {
      // A smaller copy comes first and at once.
      if (!this.#asked || !this.layers.makeRoom(this)) level = Math.max(...LEVELS);
    }
    if (level > this.#asked) void this.#load(level);
    return this.#bitmap;
  }

  /** Nothing better is on its way. */
  get isReady() {
    return this.#bitmap !== undefined && this.#has >= this.#asked;
  }

  /** There is something to draw. */
  get isThere() {
    return this.#bitmap !== undefined;
  }

  /** It has every pixel, not only a smaller copy. */
  get isExact() {
    return this.#has >= this.long;
  }

  /** @param {number} level */
  async #load(level) {
    const before = this.#asked;
    this.#asked = level;
    try {
      const { pictures, signal } = this.layers;
      let bitmap;
      if (level === Infinity) {
        bitmap = await createImageBitmap(await pictures.pixels(this.blob, signal));
      } else {
        bitmap = await createImageBitmap(await pictures.session.preview(this.blob, level, signal));
      }
      if (this.#closed || level < this.#has) bitmap.close();
      else this.#take(bitmap, level);
    } catch (error) {
      if (this.layers.signal.aborted) return;
      this.#asked = before;
      // A daemon that is away comes back, and then everything is drawn anew; the rest is for good.
      if (/** @type {{ kind?: string }} */ (error).kind === "unreachable") return;
      this.failed = true;
    }
    if (!this.layers.signal.aborted) this.layers.changed();
  }

  /** @param {ImageBitmap} bitmap @param {number} level */
  #take(bitmap, level) {
    // A smaller copy stays beside every pixel, so that those can go when they are many.
    if (level === Infinity) {
      this.#small = this.#bitmap;
      this.#hasSmall = this.#has;
    } else {
      this.#bitmap?.close();
    }
    this.#bitmap = bitmap;
    this.#has = level;
  }

  /** Keeps the smaller copy alone, where there is one. */
  shrink() {
    if (!this.#small) return false;
    this.#bitmap?.close();
    this.#bitmap = this.#small;
    this.#small = undefined;
    this.#has = this.#asked = this.#hasSmall;
    return true;
  }

  close() {
    this.#closed = true;
    this.#bitmap?.close();
    this.#small?.close();
    this.#bitmap = this.#small = undefined;
  }
}
