/**
 * Where all panes look, in pixels of the source: one for all of them, so that they always show the same detail. Pure.
 * @import { Region } from "../../../typescript/protocol.ts"
 */

const LARGEST = 32;
/** One press of `+`. */
export const STEP = 1.25;

export class Camera {
  /** Pixels of the screen for one of the source. */
  scale = 1;
  /** What lies in the middle of a pane. */
  x = 0;
  y = 0;
  /** It shows the whole picture, and goes on doing so when the window changes. */
  fitted = true;
  /** The picture, as far as any pane's reaches. @type {Region} */
  bounds = { x: 0, y: 0, width: 1, height: 1 };
  /** The smallest pane, in pixels of the screen. */
  width = 1;
  height = 1;

  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
  }

  get fitScale() {
    return Math.min(this.width / this.bounds.width, this.height / this.bounds.height);
  }

  /** @param {Region} bounds */
  setBounds(bounds) {
    this.bounds = bounds;
    this.#settle();
  }

  /** @param {number} width @param {number} height */
  setSize(width, height) {
    this.width = width;
    this.height = height;
    this.#settle();
  }

  fit() {
    this.fitted = true;
    this.#settle();
  }

  /**
   * Zooms so that what lies at a place stays there.
   * @param {number} factor @param {number} [dx] from the middle of the pane, in pixels of the screen @param {number} [dy]
   */
  zoom(factor, dx = 0, dy = 0) {
    this.zoomTo(this.scale * factor, dx, dy);
  }

  /** @param {number} scale @param {number} [dx] @param {number} [dy] */
  zoomTo(scale, dx = 0, dy = 0) {
    const smallest = Math.min(this.fitScale, 1);
    const wanted = Math.min(Math.max(LARGEST, this.fitScale), Math.max(smallest, scale));
    this.x += dx / this.scale - dx / wanted;
    this.y += dy / this.scale - dy / wanted;
    this.scale = wanted;
    this.fitted = false;
    this.#settle();
  }

  /** Moves the picture. @param {number} dx in pixels of the screen @param {number} dy */
  pan(dx, dy) {
    this.x -= dx / this.scale;
    this.y -= dy / this.scale;
    this.fitted &&= !this.isLarger;
    this.#settle();
  }

  /** There is more of the picture than a pane shows. */
  get isLarger() {
    const { width, height } = this.bounds;
    return width * this.scale > this.width + 1 || height * this.scale > this.height + 1;
  }

  /** Nobody pans into nowhere. */
  #settle() {
    const { x, y, width, height } = this.bounds;
    if (this.fitted) this.scale = this.fitScale;
    this.x = within(this.x, x, width, this.width / this.scale);
    this.y = within(this.y, y, height, this.height / this.scale);
    this.changed();
  }

  /**
   * Where the source's corner lies in a pane of this size. On whole pixels: at 100 % nothing is smoothed.
   * @param {number} width @param {number} height
   */
  corner(width, height) {
    return [Math.round(width / 2 - this.x * this.scale), Math.round(height / 2 - this.y * this.scale)];
  }
}

/** @param {number} middle @param {number} start @param {number} length @param {number} seen */
function within(middle, start, length, seen) {
  if (seen >= length) return start + length / 2;
  return Math.min(start + length - seen / 2, Math.max(start + seen / 2, middle));
}
