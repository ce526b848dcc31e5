/**
 * One picture among those that are compared: a figure with its canvas, its caption, and what is said while there is
 * no picture, or none at all.
 * @import { Result } from "../../core/results.js"
 * @import { Layer } from "./layers.js"
 */
import { fill, h } from "../../core/dom.js";
import { STATES, failureLine, sentence } from "../../core/words.js";
import { Caption } from "./caption.js";
import { paint } from "./paint.js";
import { hasGrown } from "../../core/results.js";

/** @typedef {{ choose: (key: string) => void, enlarge: (key: string) => void, retry: (result: Result) => void, cancel: (result: Result) => void }} Calls */

export class Pane {
  /** @type {Result | undefined} */
  result;
  /** @type {Layer | undefined} */
  layer;
  /** @type {ImageBitmap | undefined} */
  changes;
  asksChanges = false;
  /** A picture to show meanwhile. @type {ImageBitmap | undefined} */
  #preview;
  #line = h("p", { class: "pane-line" });
  #progress = h("progress", { max: "1" });
  #shownState = "";

  /** @param {string} key @param {Calls} [calls] absent for the source */
  constructor(key, calls) {
    this.key = key;
    this.calls = calls;
    this.caption = new Caption(calls && (() => calls.choose(key)));
    this.canvas = h("canvas", { role: "img" });
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.state = h("div", { class: "pane-state", hidden: true });
    this.tag = h("span", { class: "pane-tag", hidden: true }, "Source");
    this.view = h("div", { class: "pane-view" }, this.canvas, this.state, this.tag);
    this.element = h("figure", { class: calls ? "pane" : "pane pane-source", dataset: { key } }, this.view, this.caption.element);
  }

  /** @param {Result} result @param {boolean} chosen @param {boolean} asksConsent */
  show(result, chosen, asksConsent) {
    this.result = result;
    this.caption.showResult(result, chosen);
    this.element.classList.toggle("is-chosen", chosen);
    this.canvas.setAttribute("aria-label", `Picture of result ${result.number}`);
    this.#showState(result, asksConsent);
  }

  /** @param {Result} result @param {boolean} asksConsent */
  #showState(result, asksConsent) {
    const { job, artifact } = result;
    // What is gone stays gone.
    if (artifact && this.#shownState === "gone") return;
    this.state.hidden = Boolean(artifact);
    this.canvas.hidden = !artifact && !this.#preview;
    if (artifact) {
      this.forgetPreview();
      return;
    }
    const running = job.state === "queued" || job.state === "running";
    if (!running) this.forgetPreview();
    this.showProgress(job.progress, job.stage);
    // What somebody is about to press is not put in its place anew with each event.
    const state = `${job.state} ${job.cancel_requested} ${asksConsent} ${job.failure?.message}`;
    if (state === this.#shownState) return;
    this.#shownState = state;
    this.state.className = `pane-state${this.#preview ? " is-over" : ""}`;
    if (running) {
      const cancel = h("button", { type: "button", disabled: job.cancel_requested, on: { click: () => this.calls?.cancel(result) } }, "Cancel");
      fill(this.state, this.#line, this.#progress, cancel);
      return;
    }
    const said = job.failure ? failureLine(job.failure) : { text: STATES[job.state], hint: "" };
    const retry = h("button", { type: "button", on: { click: () => this.calls?.retry(this.result ?? result) } }, asksConsent ? "Pay again and retry" : "Retry");
    fill(this.state, h("p", { class: "failure" }, said.text), said.hint && h("p", null, said.hint), retry);
  }

  /** @param {number | undefined} fraction @param {string | undefined} stage */
  showProgress(fraction, stage) {
    const job = this.result?.job;
    if (!job || this.result?.artifact) return;
    if (fraction === undefined) this.#progress.removeAttribute("value");
    else this.#progress.value = fraction;
    this.#progress.setAttribute("aria-label", `Progress of result ${this.result?.number}`);
    const word = job.cancel_requested ? "Cancelling" : stage ? sentence(stage) : STATES[job.state];
    this.#line.textContent = fraction === undefined ? word : `${word} · ${Math.floor(100 * fraction)} %`;
  }

  /** @param {ImageBitmap} bitmap */
  showPreview(bitmap) {
    this.forgetPreview();
    this.#preview = bitmap;
    this.canvas.hidden = false;
    this.state.classList.add("is-over");
  }

  forgetPreview() {
    this.#preview?.close();
    this.#preview = undefined;
    this.state.classList.remove("is-over");
  }

  /**
   * @param {import("./camera.js").Camera} camera
   * @param {Layer | undefined} source
   * @param {{ split: number, held: boolean, changes: boolean, behind: readonly [string, string] }} how
   */
  paint(camera, source, how) {
    if (this.canvas.hidden || !this.canvas.width) return;
    if (this.#preview) {
      this.#paintPreview(this.#preview, camera, source);
      return;
    }
    const alone = !this.calls || how.held;
    const scene = {
      source,
      result: alone ? undefined : this.layer,
      area: alone ? undefined : this.result?.area,
      changes: how.changes ? this.changes : undefined,
      grown: this.result ? hasGrown(this.result) : false,
      split: alone ? 1 : how.split,
    };
    paint(this.context, camera, scene, how.behind);
    // Whoever draws pictures for tests and tools can tell what was drawn from what is still on its way.
    const layer = alone ? source : this.layer;
    this.canvas.dataset.ready = String(Boolean(layer?.isReady));
    this.tag.hidden = !(how.held && this.calls);
    if (layer?.failed && !layer.isThere && !how.held) this.showGone(true);
  }

  /** @param {ImageBitmap} preview @param {import("./camera.js").Camera} camera @param {Layer | undefined} source */
  #paintPreview(preview, camera, source) {
    const { width, height } = this.canvas;
    const [x = 0, y = 0] = camera.corner(width, height);
    // A preview shows what the model sees: the region, or everything.
    const region = this.result?.job.plan.region ?? { x: 0, y: 0, width: source?.width ?? 1, height: source?.height ?? 1 };
    this.context.reset();
    this.context.imageSmoothingQuality = "high";
    this.context.drawImage(
      preview,
      x + region.x * camera.scale,
      y + region.y * camera.scale,
      region.width * camera.scale,
      region.height * camera.scale,
    );
  }

  /** Says that there is nothing to show any more. @param {boolean} gone */
  showGone(gone) {
    if (gone === (this.#shownState === "gone")) return;
    this.canvas.hidden = gone;
    this.state.hidden = !gone;
    this.#shownState = gone ? "gone" : "";
    if (gone) fill(this.state, h("p", null, "The pixels are not in the store any more."), h("p", null, "A watched folder keeps its results as files alone."));
  }

  close() {
    this.forgetPreview();
    this.changes?.close();
    this.changes = undefined;
  }
}
