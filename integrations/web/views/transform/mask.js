/**
 * Where the picture may change: one byte a pixel of the source, 255 = may change. Painted by arithmetic rather than by a
 * canvas, so that a hard brush leaves 0 and 255 and nothing between, and every stroke can be taken back to the bit.
 * @import { Region } from "../../../typescript/protocol.ts"
 */

/** What is kept to be taken back is kept in squares of so many pixels, and in all up to so many bytes. */
const TILE = 128;
const MOST_BYTES = 256 << 20;

/** @typedef {Map<number, Uint8Array>} Step squares as they were before it, or after it once it was taken back */

export class Mask {
  /** @type {Step[]} */
  #undo = [];
  /** @type {Step[]} */
  #redo = [];
  /** @type {Step | undefined} */
  #open;
  /** @type {Region | null | undefined} */
  #bounds = null;

  /** @param {number} width @param {number} height @param {Uint8Array<ArrayBuffer>} [rows] */
  constructor(width, height, rows) {
    this.width = width;
    this.height = height;
    this.data = rows ?? new Uint8Array(width * height);
    if (rows) this.#bounds = undefined;
    this.across = Math.ceil(width / TILE);
  }

  get canUndo() {
    return this.#undo.length > 0;
  }

  get canRedo() {
    return this.#redo.length > 0;
  }

  /** Begins a step: all that is done until `end` is taken back at once. */
  begin() {
    this.end();
    this.#open = new Map();
  }

  end() {
    const step = this.#open;
    this.#open = undefined;
    if (!step?.size) return;
    this.#redo = [];
    this.#undo.push(step);
    let bytes = 0;
    for (let index = this.#undo.length - 1; index >= 0; index -= 1) {
      for (const tile of this.#undo[index]?.values() ?? []) bytes += tile.length;
      if (bytes > MOST_BYTES && index < this.#undo.length - 1) {
        this.#undo.splice(0, index + 1);
        break;
      }
    }
  }

  /** Takes the last step back; the part that changed, or nothing. */
  undo() {
    return this.#swap(this.#undo, this.#redo);
  }

  redo() {
    return this.#swap(this.#redo, this.#undo);
  }

  /** @param {Step[]} from @param {Step[]} to @returns {Region | undefined} */
  #swap(from, to) {
    this.end();
    const step = from.pop();
    if (!step) return undefined;
    /** @type {Step} */
    const now = new Map();
    for (const [tile, before] of step) {
      now.set(tile, this.#tile(tile));
      const { x, y, width, height } = this.#place(tile);
      for (let row = 0; row < height; row += 1) {
        this.data.set(before.subarray(row * width, (row + 1) * width), (y + row) * this.width + x);
      }
    }
    to.push(now);
    this.#bounds = undefined;
    return this.whole;
  }

  get whole() {
    return { x: 0, y: 0, width: this.width, height: this.height };
  }

  /** @param {number} tile @returns {Region} */
  #place(tile) {
    const x = (tile % this.across) * TILE;
    const y = Math.floor(tile / this.across) * TILE;
    return { x, y, width: Math.min(TILE, this.width - x), height: Math.min(TILE, this.height - y) };
  }

  /** @param {number} tile */
  #tile(tile) {
    const { x, y, width, height } = this.#place(tile);
    const copy = new Uint8Array(width * height);
    for (let row = 0; row < height; row += 1) {
      const start = (y + row) * this.width + x;
      copy.set(this.data.subarray(start, start + width), row * width);
    }
    return copy;
  }

  /** The part of a rectangle that lies in the picture, with what was there kept. @param {Region} region */
  #touch({ x, y, width, height }) {
    const left = Math.max(0, Math.floor(x));
    const top = Math.max(0, Math.floor(y));
    const right = Math.min(this.width, Math.ceil(x + width));
    const bottom = Math.min(this.height, Math.ceil(y + height));
    if (right <= left || bottom <= top) return undefined;
    if (this.#open) {
      for (let row = Math.floor(top / TILE); row <= Math.floor((bottom - 1) / TILE); row += 1) {
        for (let column = Math.floor(left / TILE); column <= Math.floor((right - 1) / TILE); column += 1) {
          const tile = row * this.across + column;
          if (!this.#open.has(tile)) this.#open.set(tile, this.#tile(tile));
        }
      }
    }
    this.#bounds = undefined;
    return { x: left, y: top, width: right - left, height: bottom - top };
  }

  /**
   * A stroke of a round brush from one point to another, in pixels of the picture. `softness` of 0 has an edge, 1 fades
   * from the middle on. Whatever was there is never weakened by a brush, nor strengthened by an eraser.
   * @param {{ x: number, y: number }} from @param {{ x: number, y: number }} to
   * @param {{ radius: number, softness: number, erases: boolean }} brush
   * @returns {Region | undefined} what may have changed
   */
  stroke(from, to, { radius, softness, erases }) {
    const box = this.#touch({
      x: Math.min(from.x, to.x) - radius,
      y: Math.min(from.y, to.y) - radius,
      width: Math.abs(to.x - from.x) + 2 * radius,
      height: Math.abs(to.y - from.y) + 2 * radius,
    });
    if (!box) return undefined;
    const inner = radius * (1 - softness);
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const length = dx * dx + dy * dy;
    for (let y = box.y; y < box.y + box.height; y += 1) {
      const py = y + 0.5 - from.y;
      for (let x = box.x; x < box.x + box.width; x += 1) {
        const px = x + 0.5 - from.x;
        const along = length ? Math.min(1, Math.max(0, (px * dx + py * dy) / length)) : 0;
        const distance = Math.hypot(px - along * dx, py - along * dy);
        if (distance > radius) continue;
        let share = 255;
        if (distance > inner) {
          const rest = (radius - distance) / (radius - inner);
          share = Math.round(255 * rest * rest * (3 - 2 * rest));
        }
        const at = y * this.width + x;
        const before = /** @type {number} */ (this.data[at]);
        this.data[at] = erases ? Math.min(before, 255 - share) : Math.max(before, share);
      }
    }
    return box;
  }

  /** A rectangle, filled or emptied, as a step. @param {Region} region @param {number} value */
  rectangle(region, value) {
    this.begin();
    const box = this.#touch(region);
    for (let y = box?.y ?? 0; box && y < box.y + box.height; y += 1) {
      this.data.fill(value, y * this.width + box.x, y * this.width + box.x + box.width);
    }
    this.end();
    return box;
  }

  invert() {
    this.begin();
    this.#touch(this.whole);
    for (let at = 0; at < this.data.length; at += 1) this.data[at] = 255 - /** @type {number} */ (this.data[at]);
    this.end();
  }

  /** Takes other rows of the same size, as a step. @param {Uint8Array} rows */
  take(rows) {
    this.begin();
    this.#touch(this.whole);
    this.data.set(rows);
    this.end();
  }

  /** The smallest rectangle around what may change; `null`: nothing is painted. @returns {Region | null} */
  get bounds() {
    if (this.#bounds === undefined) this.#bounds = this.#look();
    return this.#bounds;
  }

  /** @returns {Region | null} */
  #look() {
    let [left, right, top, bottom] = [this.width, -1, -1, -1];
    for (let y = 0; y < this.height; y += 1) {
      const row = this.data.subarray(y * this.width, (y + 1) * this.width);
      let first = 0;
      while (first < row.length && row[first] === 0) first += 1;
      if (first === row.length) continue;
      let last = row.length - 1;
      while (row[last] === 0) last -= 1;
      if (top < 0) top = y;
      bottom = y;
      left = Math.min(left, first);
      right = Math.max(right, last);
    }
    return top < 0 ? null : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
  }
}
