/**
 * All panes of a comparison: who stands where, where all of them look, and when they are drawn.
 * @import { BlobId, Region } from "../../../typescript/protocol.ts"
 * @import { App } from "../../core/app.js"
 * @import { Calls } from "./pane.js"
 * @import { Result } from "../../core/results.js"
 */
import { fill, h } from "../../core/dom.js";
import { Camera } from "./camera.js";
import { gestures } from "./gestures.js";
import { Layers } from "./layers.js";
import { layout } from "./layout.js";
import { Pane } from "./pane.js";
import { hasGrown } from "../../core/results.js";
import { Slider } from "./slider.js";

/** @typedef {"grid" | "one" | "slider"} Mode */
/** @typedef {"grey" | "black" | "white"} Surround */
/** @typedef {{ blob: BlobId, width: number, height: number, title: string }} Source */

/** Each surround's two greys behind transparency.
 * @type {Readonly<Record<Surround, readonly [string, string]>>} */
const BEHIND = { grey: ["#6e6e6e", "#7e7e7e"], black: ["#000000", "#1c1c1c"], white: ["#ffffff", "#e6e6e6"] };

/** The height of a caption in CSS pixels, as the style has it. */
const CAPTION = 52;

export class Stage {
  /** @type {Map<string, Pane>} */
  #panes = new Map();
  /** Those that stand there now. @type {Pane[]} */
  #shown = [];
  /** @type {Source | undefined} */
  #source;
  /** @type {Mode} */
  mode = "grid";
  /** @type {Surround} */
  surround = "grey";
  held = false;
  changes = false;
  columns = 1;
  #frame = 0;
  #density = devicePixelRatio;

  /** @param {App} app @param {Calls} calls @param {() => void} moved called when the zoom is another */
  constructor(app, calls, moved) {
    this.app = app;
    this.calls = calls;
    this.camera = new Camera(() => {
      this.element.classList.toggle("is-zoomed", this.camera.isLarger);
      moved();
      this.draw();
    });
    this.layers = new Layers(app.pictures, () => this.draw());
    this.slider = new Slider(() => this.draw());
    this.sourcePane = this.#made(new Pane("source"));
    this.element = h("div", { class: "compare-stage surround" });
    this.sizes = new ResizeObserver((entries) => this.#resized(entries));
    this.sizes.observe(this.element);
  }

  /** @param {Pane} pane */
  #made(pane) {
    const { calls, key } = pane;
    gestures(pane.canvas, this.camera, () => this.#density, {
      click: () => calls?.choose(key),
      twice: () => calls?.enlarge(key),
    });
    return pane;
  }

  /**
   * @param {Source | undefined} source absent where its pixels are gone
   * @param {readonly Result[]} results
   * @param {string | undefined} chosen
   * @param {(result: Result) => boolean} asksConsent whether it is only tried again by somebody who will pay again
   */
  show(source, results, chosen, asksConsent) {
    this.#source = source;
    for (const result of results) {
      const pane = this.#panes.get(result.key) ?? this.#made(new Pane(result.key, this.calls));
      this.#panes.set(result.key, pane);
      pane.show(result, result.key === chosen, asksConsent(result));
      const { artifact } = result;
      if (artifact) pane.layer = this.layers.of(artifact.blob, artifact.width, artifact.height);
    }
    for (const [key, pane] of this.#panes) {
      if (results.some((result) => result.key === key)) continue;
      pane.close();
      this.#panes.delete(key);
    }
    this.sourcePane.showGone(!source);
    if (source) {
      this.sourcePane.layer = this.layers.of(source.blob, source.width, source.height);
      this.sourcePane.caption.showSource(source.title, source.width, source.height);
      this.sourcePane.canvas.setAttribute("aria-label", "Picture of the source");
    }
    const blobs = results.flatMap(({ artifact }) => (artifact ? [artifact.blob] : []));
    this.layers.keep(new Set(source ? [source.blob, ...blobs] : blobs));
    this.camera.setBounds(boundsOf(source, results));
    this.#arrange(results, chosen);
    if (this.changes) this.#loadChanges();
    this.draw();
  }

  /** @param {readonly Result[]} results @param {string | undefined} chosen */
  #arrange(results, chosen) {
    const panes = results.flatMap(({ key }) => this.#panes.get(key) ?? []);
    const one = panes.find(({ key }) => key === chosen) ?? panes[0];
    const shown = this.mode === "grid" || !one ? [this.sourcePane, ...panes] : [one];
    this.element.dataset.mode = this.mode;
    if (shown.some((pane, index) => pane !== this.#shown[index]) || shown.length !== this.#shown.length) {
      // A pane that stays keeps the focus that is in it.
      const focused = document.activeElement;
      for (const pane of this.#shown) this.sizes.unobserve(pane.canvas);
      fill(this.element, shown.map(({ element }) => element));
      for (const pane of shown) observe(this.sizes, pane.canvas);
      this.#shown = shown;
      if (focused instanceof HTMLElement && this.element.contains(focused)) focused.focus();
    }
    if (this.mode === "slider" && one?.result?.artifact) one.view.append(this.slider.element);
    else this.slider.element.remove();
    this.#place();
  }

  /** Gives each pane its place. */
  #place() {
    const { clientWidth, clientHeight } = this.element;
    if (!clientWidth || !clientHeight) return;
    const style = getComputedStyle(this.element);
    const padding = Number.parseFloat(style.paddingLeft) + Number.parseFloat(style.paddingRight);
    const grid = this.mode === "grid";
    const { width, height } = this.camera.bounds;
    const results = Math.max(1, this.#shown.length - 1);
    const found = layout(clientWidth - padding, clientHeight - padding, results, width / height, CAPTION);
    this.columns = grid ? found.columns : 1;
    const { dataset } = this.element;
    dataset.side = grid ? found.side : "alone";
    this.element.classList.toggle("is-scrolling", grid && found.height > 0);
    const [left, top] = [Number(grid && found.side === "left"), Number(grid && found.side === "top")];
    this.element.style.setProperty("--across", String(this.columns + left));
    this.element.style.setProperty("--down", String((grid ? found.rows : 1) + top));
    this.element.style.setProperty("--row", `${found.height}px`);
  }

  /** @param {ResizeObserverEntry[]} entries */
  #resized(entries) {
    this.#density = devicePixelRatio;
    for (const entry of entries) {
      const canvas = entry.target;
      if (!(canvas instanceof HTMLCanvasElement)) {
        this.#place();
        continue;
      }
      const exact = entry.devicePixelContentBoxSize?.[0];
      const box = /** @type {ResizeObserverSize} */ (entry.contentBoxSize[0]);
      canvas.width = exact ? exact.inlineSize : Math.round(box.inlineSize * devicePixelRatio);
      canvas.height = exact ? exact.blockSize : Math.round(box.blockSize * devicePixelRatio);
    }
    const sized = this.#shown.map(({ canvas }) => canvas).filter(({ width, height }) => width > 1 && height > 1);
    if (!sized.length) return;
    this.camera.setSize(Math.min(...sized.map(({ width }) => width)), Math.min(...sized.map(({ height }) => height)));
    // A canvas that changed its size is empty: it is drawn before anybody sees that.
    this.#paint();
  }

  /** Draws with the next frame. */
  draw() {
    this.#frame ||= requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.layers.begin();
    const source = this.#source && this.sourcePane.layer;
    const split = this.mode === "slider" ? this.slider.value / 100 : 0;
    const how = { split, held: this.held, changes: this.changes, behind: BEHIND[this.surround] };
    for (const pane of this.#shown) pane.paint(this.camera, source, how);
  }

  /** @param {Surround} surround */
  setSurround(surround) {
    this.surround = surround;
    this.element.dataset.surround = surround;
    this.draw();
  }

  /** @param {boolean} wanted */
  setChanges(wanted) {
    this.changes = wanted;
    if (wanted) this.#loadChanges();
    this.draw();
  }

  /** @param {boolean} held */
  hold(held) {
    this.held = held;
    this.draw();
  }

  #loadChanges() {
    for (const pane of this.#panes.values()) {
      if (pane.result?.artifact && !pane.changes && !pane.asksChanges) void this.#loadChangesOf(pane, pane.result);
    }
  }

  /** @param {Pane} pane @param {Result} result */
  async #loadChangesOf(pane, result) {
    pane.asksChanges = true;
    try {
      const path = `/v1/artifacts/${encodeURIComponent(result.key)}/changes?max=2048`;
      const response = await this.app.session.get(path, this.layers.signal);
      const map = await createImageBitmap(await response.blob());
      if (this.#panes.get(pane.key) === pane) pane.changes = map;
      else map.close();
      pane.canvas.dataset.changes = "shown";
      this.draw();
    } catch {
      // The picture is there without it; the next press asks again.
    } finally {
      pane.asksChanges = false;
    }
  }

  /** A picture to show while a job runs. @param {string} job @param {BlobId} blob */
  async preview(job, blob) {
    try {
      const bitmap = await createImageBitmap(await this.app.session.preview(blob, 1024, this.layers.signal));
      const pane = this.#panes.get(job);
      if (pane && !pane.result?.artifact) pane.showPreview(bitmap);
      this.draw();
    } catch {
      // The next one comes, or the result does.
    }
  }

  /** @param {string} job @param {number | undefined} fraction @param {string | undefined} stage */
  progress(job, fraction, stage) {
    this.#panes.get(job)?.showProgress(fraction, stage);
  }

  close() {
    cancelAnimationFrame(this.#frame);
    this.sizes.disconnect();
    this.layers.close();
    for (const pane of this.#panes.values()) pane.close();
  }
}

/** @param {ResizeObserver} sizes @param {HTMLCanvasElement} canvas */
function observe(sizes, canvas) {
  try {
    sizes.observe(canvas, { box: "device-pixel-content-box" });
  } catch {
    sizes.observe(canvas);
  }
}

/** Everything that any pane shows. @param {Source | undefined} source @param {readonly Result[]} results @returns {Region} */
function boundsOf(source, results) {
  const areas = results.flatMap((result) => (result.area && (hasGrown(result) || !source) ? [result.area] : []));
  const all = source ? [{ x: 0, y: 0, width: source.width, height: source.height }, ...areas] : areas;
  if (!all.length) return { x: 0, y: 0, width: 4, height: 3 };
  const x = Math.min(...all.map((area) => area.x));
  const y = Math.min(...all.map((area) => area.y));
  return {
    x,
    y,
    width: Math.max(...all.map((area) => area.x + area.width)) - x,
    height: Math.max(...all.map((area) => area.y + area.height)) - y,
  };
}
