/**
 * The picture: the source with its mask, or a result in its place, in a neutral surround; where one looks, and what is
 * drawn when.
 * @import { BlobId, Region } from "../../../typescript/protocol.ts"
 * @import { Runs } from "./runs.js"
 * @import { Work } from "./work.js"
 */
import { settings } from "../../core/app.js";
import { fill, h } from "../../core/dom.js";
import { Camera } from "../compare/camera.js";
import { Layers } from "../compare/layers.js";
import { paint } from "../compare/paint.js";
import { areaOf } from "../../core/results.js";
import { Tint } from "./tint.js";

/** @typedef {"grey" | "black" | "white"} Surround */
/**
 * Each surround with its two greys behind transparency.
 * @type {Readonly<Record<Surround, readonly [string, string]>>}
 */
const BEHIND = { grey: ["#6e6e6e", "#7e7e7e"], black: ["#000000", "#1c1c1c"], white: ["#ffffff", "#e6e6e6"] };
/** The room around a picture that is fitted, in CSS pixels. */
const MARGIN = 12;

export class Hero {
  #frame = 0;
  #stale = false;
  /** Sizes of sources that are not the present one. @type {Map<BlobId, { width: number, height: number }>} */
  #sizes = new Map();
  #framed = "";
  /** The source is held up in the place of a result. */
  held = false;
  /** Where the brush is, in pixels of the picture. @type {{ x: number, y: number, radius: number } | null} */
  cursor = null;
  isMaskShown = settings.get("mask.shown", true);
  /** @type {Surround} */
  surround = settings.get("surround", "grey");

  /** @param {Work} work @param {Runs} runs @param {() => void} moved called when the zoom is another */
  constructor(work, runs, moved) {
    this.moved = moved;
    this.work = work;
    this.runs = runs;
    this.layers = new Layers(work.app.pictures, () => this.draw());
    this.camera = new Camera(() => {
      this.element.classList.toggle("zoomed", this.camera.isLarger);
      moved();
      this.draw(true);
    });
    this.picture = h("canvas", { "aria-hidden": "true" });
    this.above = h("canvas", { "aria-hidden": "true" });
    this.empty = h("div", { class: "hero-empty" });
    this.caption = h("p", { class: "hero-caption" });
    this.tint = new Tint();
    this.element = h(
      "div",
      { class: "hero", tabindex: "0", role: "group", "aria-label": "Picture" },
      this.picture,
      this.above,
      this.empty,
      this.caption,
    );
    this.element.dataset.surround = this.surround;
    this.#resizes.observe(this.element);
    work.listen("source shown run draft", () => this.#look());
    work.listen("mask", () => this.draw(true));
  }

  #resizes = new ResizeObserver(() => this.#look());

  get density() {
    return devicePixelRatio;
  }

  /** @param {Surround} surround */
  setSurround(surround) {
    this.surround = surround;
    this.element.dataset.surround = surround;
    settings.set("surround", surround);
    this.draw();
  }

  /** @param {boolean} shown */
  showMask(shown) {
    this.isMaskShown = shown;
    settings.set("mask.shown", shown);
    this.draw(true);
  }

  /** Shows the source for as long as it is held. @param {boolean} held */
  hold(held) {
    if (this.held === held) return;
    this.held = held;
    this.draw();
    this.#say();
  }

  /** How many pixels of what is seen lie on one of the source: an enlarged result has several. */
  get #fineness() {
    const { artifact, ask } = this.work.shown ?? {};
    return artifact && ask ? artifact.width / areaOf(artifact, ask).width : 1;
  }

  /** The zoom as people know it: 1 is a pixel of what is seen for a pixel of the screen. */
  get zoom() {
    return this.camera.scale / this.#fineness;
  }

  /** Zooms to 100 %. */
  whole() {
    this.camera.zoomTo(this.#fineness);
  }

  /** The mask can be painted now. */
  get isPaintable() {
    return Boolean(this.work.source) && !this.work.shown;
  }

  /** Where a point of the window lies in the picture. @param {{ clientX: number, clientY: number }} event */
  at({ clientX, clientY }) {
    const box = this.element.getBoundingClientRect();
    const [x = 0, y = 0] = this.camera.corner(this.picture.width, this.picture.height);
    const { scale } = this.camera;
    return {
      x: ((clientX - box.left) * this.density - x) / scale,
      y: ((clientY - box.top) * this.density - y) / scale,
    };
  }

  /** What is seen: the source, and what lies over it. */
  #scene() {
    const { source, shown } = this.work;
    const ask = shown?.ask;
    const blob = ask ? ask.source : source?.blob;
    const sized = blob === source?.blob ? source : blob ? this.#sizeOf(blob) : undefined;
    const bottom = blob && sized ? this.layers.of(blob, sized.width, sized.height) : undefined;
    let [result, area] = /** @type {[import("../compare/layers.js").Layer | undefined, Region | undefined]} */ ([
      undefined,
      undefined,
    ]);
    const preview = this.runs.current?.preview;
    if (shown?.artifact && ask) {
      area = areaOf(shown.artifact, ask);
      if (!this.held) result = this.layers.of(shown.artifact.blob, shown.artifact.width, shown.artifact.height);
    } else if (preview?.area && this.runs.current?.sent.ask?.source === source?.blob) {
      area = preview.area;
      result = this.layers.of(preview.blob, area.width, area.height);
    }
    return { source: bottom, result, area, changes: undefined, grown: false, split: result ? 0 : 1 };
  }

  /** @param {BlobId} blob */
  #sizeOf(blob) {
    const known = this.#sizes.get(blob);
    if (known) return known.width ? known : undefined;
    this.#sizes.set(blob, { width: 0, height: 0 });
    this.work.session.get(`/v1/blobs/${blob}/info`).then(
      async (response) => {
        const { picture } = await response.json();
        if (picture) this.#sizes.set(blob, picture);
        this.#look();
      },
      () => this.#sizes.delete(blob),
    );
    return undefined;
  }

  /** Something else is seen, or the room for it is another. */
  #look() {
    const { clientWidth, clientHeight } = this.element;
    const width = Math.round(clientWidth * this.density);
    const height = Math.round(clientHeight * this.density);
    for (const canvas of [this.picture, this.above]) {
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== height) canvas.height = height;
    }
    const margin = 2 * MARGIN * this.density;
    const { camera } = this;
    const seen = [Math.max(1, width - margin), Math.max(1, height - margin)];
    if (seen[0] !== camera.width || seen[1] !== camera.height) camera.setSize(seen[0] ?? 1, seen[1] ?? 1);
    const { source, result, area } = this.#scene();
    const own = { x: 0, y: 0, width: source?.width ?? 1, height: source?.height ?? 1 };
    const bounds = joined(joined(own, result && area), this.work.grown ?? undefined);
    const framed = JSON.stringify(bounds);
    if (framed !== this.#framed) {
      const similar = camera.bounds.width === bounds.width && camera.bounds.height === bounds.height;
      this.#framed = framed;
      if (!similar) camera.fitted = true;
      camera.setBounds(bounds);
    }
    this.empty.hidden = Boolean(this.work.source || this.work.shown);
    this.moved();
    this.#say();
    this.draw(true);
  }

  #say() {
    const { shown, source } = this.work;
    const run = this.runs.current;
    let text = "";
    if (shown && this.held) text = "Source";
    else if (shown) text = [`${shown.label}: ${shown.title}`, shown.facts].filter(Boolean).join(" · ");
    else if (run?.preview) text = "Preview";
    fill(this.caption, text && h("span", null, text));
    const name = source && !shown ? `Source: ${source.title}` : text;
    this.element.setAttribute("aria-label", name || "Picture");
  }

  /** Soon, once. @param {boolean} [tint] the mask is to be looked at again */
  draw(tint = false) {
    this.#stale ||= tint;
    if (this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  /** A part of the mask was painted. @param {Region | undefined} part */
  drawPart(part) {
    const { mask } = this.work;
    if (part && mask && !this.#stale) this.tint.update(mask, this.#frameOf(), part);
    this.draw();
  }

  #frameOf() {
    const { width, height } = this.above;
    const [x = 0, y = 0] = this.camera.corner(width, height);
    return {
      x: x / this.density,
      y: y / this.density,
      scale: this.camera.scale / this.density,
      width: Math.round(width / this.density),
      height: Math.round(height / this.density),
    };
  }

  #draw() {
    const scene = this.#scene();
    const context = this.picture.getContext("2d");
    const above = this.above.getContext("2d");
    if (!context || !above || !this.picture.width || !this.picture.height) return;
    this.layers.begin();
    if (scene.source || scene.result) paint(context, this.camera, scene, BEHIND[this.surround]);
    else context.clearRect(0, 0, this.picture.width, this.picture.height);
    above.clearRect(0, 0, this.above.width, this.above.height);
    const { mask } = this.work;
    const frame = this.#frameOf();
    if (mask && this.isMaskShown && this.isPaintable && !scene.result && !this.held) {
      if (this.#stale) this.tint.update(mask, frame, mask.whole, true);
      this.#stale = false;
      above.drawImage(this.tint.canvas, 0, 0, this.above.width, this.above.height);
    } else {
      this.#stale = true;
    }
    above.setTransform(this.density, 0, 0, this.density, 0, 0);
    if (this.work.grown) outline(above, frame, this.work.grown);
    if (this.cursor && this.isPaintable) ring(above, frame, this.cursor);
    above.resetTransform();
  }

  close() {
    this.#resizes.disconnect();
    cancelAnimationFrame(this.#frame);
    this.layers.close();
  }
}

/**
 * @typedef {{ x: number, y: number, scale: number, width: number, height: number }} Frame where the picture's corner
 * lies, in CSS pixels, and how large one of its pixels is
 */

/** @param {Region} one @param {Region | undefined} other @returns {Region} */
function joined(one, other) {
  if (!other) return one;
  const x = Math.min(one.x, other.x);
  const y = Math.min(one.y, other.y);
  return {
    x,
    y,
    width: Math.max(one.x + one.width, other.x + other.width) - x,
    height: Math.max(one.y + one.height, other.y + other.height) - y,
  };
}

/**
 * Dark beside light, so that it is seen on every picture.
 * @param {CanvasRenderingContext2D} context @param {() => void} path
 */
function stroked(context, path) {
  for (const [colour, width] of /** @type {const} */ ([
    ["#000000b0", 3],
    ["#ffffff", 1],
  ])) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    path();
    context.stroke();
  }
}

/** @param {CanvasRenderingContext2D} context @param {Frame} frame @param {Region} region */
function outline(context, frame, region) {
  context.setLineDash([6, 4]);
  stroked(context, () =>
    context.rect(
      frame.x + region.x * frame.scale,
      frame.y + region.y * frame.scale,
      region.width * frame.scale,
      region.height * frame.scale,
    ),
  );
  context.setLineDash([]);
}

/**
 * @param {CanvasRenderingContext2D} context @param {Frame} frame
 * @param {{ x: number, y: number, radius: number }} cursor
 */
function ring(context, frame, { x, y, radius }) {
  const size = Math.max(1, radius * frame.scale);
  stroked(context, () => context.arc(frame.x + x * frame.scale, frame.y + y * frame.scale, size, 0, 2 * Math.PI));
}
