/**
 * The brush and the eraser: their size and softness, the stroke that is being painted, and taking strokes back.
 * @import { Hero } from "./hero.js"
 * @import { Work } from "./work.js"
 */
import { settings } from "../../core/app.js";

/** @typedef {"move" | "brush" | "eraser"} Tool */

const SMALLEST = 1;
const LARGEST = 2000;
/** One press of `[` or `]`. */
const STEP = 1.2;

export class Brush {
  /** @type {{ x: number, y: number } | undefined} */
  #last;
  #painting = false;
  /** @type {Tool} */
  tool = "move";
  /** The diameter in pixels of the picture; 0: nobody has chosen one, and it follows the picture. */
  #size = settings.get("brush.size", 0);
  softness = settings.get("brush.softness", 0.2);

  /** @param {Work} work @param {Hero} hero @param {() => void} changed */
  constructor(work, hero, changed) {
    this.work = work;
    this.hero = hero;
    this.changed = changed;
  }

  get paints() {
    return this.tool !== "move";
  }

  get size() {
    const { source } = this.work;
    return this.#size || Math.max(8, Math.round(Math.max(source?.width ?? 0, source?.height ?? 0) / 12));
  }

  set size(size) {
    this.#size = Math.round(Math.min(LARGEST, Math.max(SMALLEST, size)));
    settings.set("brush.size", this.#size);
    this.#ring();
    this.changed();
  }

  /** One press larger or smaller. @param {1 | -1} direction */
  grow(direction) {
    const { size } = this;
    this.size = direction > 0 ? Math.max(size + 1, size * STEP) : Math.min(size - 1, size / STEP);
  }

  /** @param {number} softness */
  soften(softness) {
    this.softness = softness;
    settings.set("brush.softness", softness);
    this.changed();
  }

  /** @param {Tool} tool */
  choose(tool) {
    this.tool = tool;
    if (tool !== "move" && this.work.shown) {
      this.work.shown = null;
      this.work.changed("shown");
    }
    if (tool === "move") this.leave();
    this.hero.element.dataset.tool = tool;
    this.changed();
  }

  /** A stroke begins. @param {PointerEvent} event */
  down(event) {
    const mask = this.work.canvas;
    if (!mask) return;
    if (!this.hero.isMaskShown) this.hero.showMask(true);
    this.#painting = true;
    mask.begin();
    const at = this.hero.at(event);
    // With shift, a straight line from where the last stroke ended.
    this.#stroke((event.shiftKey && this.#last) || at, at, event);
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (!this.#painting) return;
    const all = event.getCoalescedEvents?.() ?? [];
    for (const part of all.length ? all : [event]) {
      const at = this.hero.at(part);
      this.#stroke(this.#last ?? at, at, part);
    }
  }

  /** @param {{ x: number, y: number }} from @param {{ x: number, y: number }} to @param {PointerEvent} event */
  #stroke(from, to, { pointerType, pressure }) {
    const force = pointerType === "pen" && pressure ? 0.3 + 0.7 * pressure : 1;
    // However small, it hits the pixel that it is in.
    const radius = Math.max(0.71, (this.size * force) / 2);
    const brush = { radius, softness: this.softness, erases: this.tool === "eraser" };
    this.hero.drawPart(this.work.mask?.stroke(from, to, brush));
    this.#last = to;
  }

  up() {
    if (!this.#painting) return;
    this.#painting = false;
    this.work.mask?.end();
    this.work.painted();
    this.changed();
  }

  /** The stroke that is being painted was not meant. */
  drop() {
    if (!this.#painting) return;
    this.#painting = false;
    this.work.mask?.undo();
    this.work.painted();
  }

  /** @param {1 | -1} direction back or forth */
  step(direction) {
    const { mask } = this.work;
    if (this.#painting || !(direction < 0 ? mask?.undo() : mask?.redo())) return;
    this.work.painted();
    this.changed();
  }

  /** @param {PointerEvent} event */
  hover(event) {
    if (!this.paints || event.pointerType === "touch") return;
    this.hero.cursor = { ...this.hero.at(event), radius: this.size / 2 };
    this.hero.draw();
  }

  #ring() {
    if (this.hero.cursor) this.hero.cursor.radius = this.size / 2;
    this.hero.draw();
  }

  leave() {
    this.hero.cursor = null;
    this.hero.draw();
  }
}

/** A slider's place for a size: as much for 1 to 10 as for 100 to 1000. @param {number} size */
export function placeOfSize(size) {
  return Math.round((1000 * Math.log(size / SMALLEST)) / Math.log(LARGEST / SMALLEST));
}

/** @param {number} place */
export function sizeOfPlace(place) {
  return SMALLEST * Math.exp((place / 1000) * Math.log(LARGEST / SMALLEST));
}
