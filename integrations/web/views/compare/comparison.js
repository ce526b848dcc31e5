/**
 * What Compare knows and does: which transform, which result is chosen, how it is shown, and what becomes of it. The
 * daemon keeps everything else, and says when it changes.
 * @import { Event, TransformRecord } from "../../../typescript/protocol.ts"
 * @import { App } from "../../core/app.js"
 * @import { Mode, Source } from "./stage.js"
 * @import { Result } from "../../core/results.js"
 */
import { settings } from "../../core/app.js";
import { announce, fill, h } from "../../core/dom.js";
import { failureLine } from "../../core/words.js";
import { Chooser, entries, recent } from "./chooser.js";
import { Deeds } from "./deeds.js";
import { keysOf } from "./keys.js";
import { barsOf, discardedOf, resultsOf, said } from "../../core/results.js";
import { Stage } from "./stage.js";
import { ActionBar, LookBar, keptSurround } from "./tools.js";

/** Events that change nothing in the record. */
const BESIDE = ["progress", "preview", "note", "checkpoint"];

export class Comparison {
  /** @type {TransformRecord | undefined} */
  record;
  /** @type {Result[]} */
  results = [];
  /** The key of the chosen one. */
  chosen = "";
  /** @type {Source | undefined} */
  #source;
  /** Which question the screen waits for: answers to earlier ones come too late. */
  #turn = 0;
  /** Nothing was ever made: the first result is shown as soon as it is there. */
  #waits = false;
  /** What this wrote into the address last. */
  #address = "";
  #asked = 0;
  #answered = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #soon;
  /** @type {Mode} */
  #beside = "one";

  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.stage = new Stage(
      app,
      {
        choose: (key) => this.choose(key),
        enlarge: (key) => {
          this.choose(key);
          this.setMode(this.stage.mode === "grid" ? "one" : "grid");
        },
        retry: (result) => void this.deeds.retry(result),
        cancel: (result) => void this.deeds.cancel(result),
      },
      () => this.looks?.showZoom(this.stage.camera.scale, this.stage.camera.fitted),
    );
    this.stage.setSurround(keptSurround());
    this.deeds = new Deeds(this);
    this.chooser = new Chooser(app);
    this.looks = new LookBar(
      {
        mode: (mode) => this.setMode(mode),
        changes: () => this.setChanges(!this.stage.changes),
        surround: (surround) => {
          settings.set("surround", surround);
          this.stage.setSurround(surround);
          this.#show();
        },
        fit: () => this.stage.camera.fit(),
        whole: () => this.stage.camera.zoomTo(1),
        zoom: (direction) => this.stage.camera.zoom(1.25 ** direction),
      },
      this.chooser.element,
    );
    this.actions = new ActionBar({
      download: () => void this.deeds.download(),
      copy: () => void this.deeds.copy(),
      discard: () => void this.deeds.discard(),
      restore: () => void this.deeds.restore(),
    });
    this.empty = h("div", { class: "empty compare-empty", hidden: true });
    this.element = h("section", { class: "compare", "aria-label": "Compare" }, h("h1", { class: "unseen" }, "Compare"), this.looks.element, this.stage.element, this.empty, this.actions.element);
    this.keys = keysOf(this);
    const release = (/** @type {KeyboardEvent | globalThis.Event} */ event) => {
      if (!(event instanceof KeyboardEvent) || event.key === " ") this.hold(false);
    };
    addEventListener("keyup", release);
    addEventListener("blur", release);
    const stops = [
      app.onEvent((event) => this.#heard(event)),
      app.onConnection((up) => up && this.#refresh()),
      () => removeEventListener("keyup", release),
      () => removeEventListener("blur", release),
    ];
    this.stop = () => stops.forEach((stop) => stop());
  }

  /** What the address names. @param {string} id @param {URLSearchParams} parameters */
  open(id, parameters) {
    this.#address = location.hash;
    this.chosen = parameters.get("artifact") ?? "";
    const show = parameters.get("show");
    this.stage.mode = show === "one" || show === "slider" ? show : "grid";
    this.stage.setChanges(parameters.has("changes"));
    if (id && id === this.record?.id) this.#show();
    else void this.#load(id);
  }

  /** @param {string} id */
  async #load(id) {
    const turn = (this.#turn += 1);
    this.record = undefined;
    this.results = [];
    this.#waits = false;
    this.actions.say("");
    try {
      // Without the models' names a picture is still a picture.
      const [rows] = await Promise.all([id ? [] : recent(this.app), this.app.models().catch(() => [])]);
      if (turn !== this.#turn) return;
      const wanted = id || rows[0]?.id;
      if (!wanted) {
        this.#waits = true;
        this.#showEmpty(["Transform a picture with two models, then compare what they made.", h("a", { class: "button", href: "#/transform" }, "Transform")]);
        return;
      }
      await this.#fetch(wanted, turn);
      if (turn === this.#turn) this.stage.camera.fit();
    } catch (error) {
      if (turn === this.#turn) await this.#showMissing(/** @type {Error & { kind?: string }} */ (error), turn);
    }
  }

  /** @param {string} id @param {number} turn */
  async #fetch(id, turn) {
    const asked = (this.#asked += 1);
    const record = await this.app.session.call("transform.get", { id });
    const source = this.#source?.blob === record.ask.source ? this.#source : await this.#sourceOf(record);
    // Answers may overtake each other: an older one says nothing any more.
    if (turn !== this.#turn || asked < this.#answered) return;
    this.#answered = asked;
    const first = this.record?.id !== record.id;
    this.record = record;
    this.#source = source;
    this.results = resultsOf(record, (model) => this.app.label(model));
    this.#show();
    // Without them one only sees less; the next one comes by itself.
    if (first) this.#showPreviews(record).catch(() => {});
  }

  /** @param {TransformRecord} record @returns {Promise<Source | undefined>} */
  async #sourceOf({ ask }) {
    try {
      const { picture } = await (await this.app.session.get(`/v1/blobs/${ask.source}/info`)).json();
      return { blob: ask.source, width: picture.width, height: picture.height, title: ask.title ?? "" };
    } catch (error) {
      // A folder's source lies in its file alone.
      if (/** @type {{ kind?: string }} */ (error).kind === "not_found") return undefined;
      throw error;
    }
  }

  /** What runs has told of itself before this page was opened. @param {TransformRecord} record */
  async #showPreviews(record) {
    const running = record.jobs.filter(({ state }) => state === "running");
    if (!running.length) return;
    const { events } = await this.app.session.call("job.events", { transform: record.id });
    for (const { id } of running) {
      const last = events.findLast((event) => event.job === id && event.event === "preview");
      if (last?.event === "preview") void this.stage.preview(id, last.blob);
    }
  }

  /** Puts everything on the screen and into the address. */
  #show() {
    const { record, results, stage } = this;
    if (!record) return;
    this.empty.hidden = true;
    stage.element.hidden = this.actions.element.hidden = false;
    if (!results.some(({ key }) => key === this.chosen)) {
      this.chosen = (results.find(({ artifact }) => artifact) ?? results[0])?.key ?? "";
    }
    const chosen = this.result;
    stage.show(this.#source, results, this.chosen, (result) => this.deeds.asksConsent(result));
    this.looks.show({ mode: stage.mode, changes: stage.changes, surround: stage.surround, pictures: results.some(({ artifact }) => artifact) });
    this.actions.show(record.id, chosen, discardedOf(record).length);
    this.chooser.show(record.ask.source, [said(record.ask), record.ask.title].filter(Boolean).join(" · "));
    const parameters = new URLSearchParams();
    if (chosen?.artifact) parameters.set("artifact", this.chosen);
    if (stage.mode !== "grid") parameters.set("show", stage.mode);
    if (stage.changes) parameters.set("changes", "1");
    // Whoever is on the way to somewhere else is not called back.
    if (location.hash !== this.#address) return;
    const query = parameters.size ? `?${parameters}` : "";
    history.replaceState(null, "", `#/compare/${record.id}${query}`);
    this.#address = location.hash;
  }

  get result() {
    return this.results.find(({ key }) => key === this.chosen);
  }

  /** @param {import("../../core/dom.js").Child[]} children */
  #showEmpty(children) {
    this.stage.element.hidden = this.actions.element.hidden = true;
    this.empty.hidden = false;
    this.chooser.showNone();
    this.looks.show({ mode: "grid", changes: false, surround: this.stage.surround, pictures: false });
    const [text, ...more] = children;
    fill(this.empty, h("p", { role: "status" }, text), ...more);
  }

  /** @param {Error & { kind?: string }} error @param {number} turn */
  async #showMissing(error, turn) {
    const { text, hint } = failureLine(error);
    const list = h("ul", { class: "compare-recent-list" });
    this.#showEmpty([error.kind === "not_found" ? "This transform is not in the history any more." : `${text}. ${hint}`, list]);
    const rows = await recent(this.app).catch(() => []);
    if (turn === this.#turn && rows.length) fill(list, entries(this.app, rows));
  }

  // What the daemon tells.

  /** Asks for the record, now. */
  async again() {
    if (this.record) await this.#fetch(this.record.id, this.#turn);
  }

  /** @param {Event} event */
  #heard(event) {
    if (!this.record) {
      // The first result of all is shown where nothing could be.
      if (event.event === "artifact" && this.#waits) void this.#load("");
      return;
    }
    if (event.transform !== this.record.id) return;
    if (event.event === "progress") this.stage.progress(event.job, event.fraction, event.stage);
    else if (event.event === "preview") void this.stage.preview(event.job, event.blob);
    else if (!BESIDE.includes(event.event)) this.#refresh();
    if (event.event === "done") announce(`${this.app.label(this.record.jobs.find(({ id }) => id === event.job)?.model ?? "")} is done`);
    if (event.event === "failed") announce(`Failed: ${failureLine(event.failure).text}`);
  }

  /** Several events at once are one question. */
  #refresh() {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      const id = this.record?.id;
      this.stage.draw();
      if (id) void this.#fetch(id, this.#turn).catch(() => {});
    }, 60);
  }

  // What a person does.

  /** @param {string} key */
  choose(key) {
    const result = this.results.find((it) => it.key === key);
    if (!result) return;
    this.chosen = key;
    this.#show();
    const bars = result.artifact ? barsOf(result.artifact).map(({ text }) => text) : [];
    announce([`Result ${result.number} of ${this.results.length}`, result.label, ...bars].join(", "));
  }

  /** @param {number} by */
  step(by) {
    const { length } = this.results;
    if (!length) return;
    const at = this.results.findIndex(({ key }) => key === this.chosen);
    this.choose(this.results[(at + by + length) % length]?.key ?? "");
  }

  /** @param {Mode} mode */
  setMode(mode) {
    if (!this.results.some(({ artifact }) => artifact)) return;
    if (mode === this.stage.mode) return;
    this.stage.mode = mode;
    if (mode !== "grid") this.#beside = mode;
    this.#show();
  }

  toggleGrid() {
    this.setMode(this.stage.mode === "grid" ? this.#beside : "grid");
  }

  toggleSlider() {
    this.setMode(this.stage.mode === "slider" ? "grid" : "slider");
  }

  /** @param {boolean} wanted */
  setChanges(wanted) {
    this.stage.setChanges(wanted);
    announce(wanted ? "Changes are marked" : "Changes are not marked");
    this.#show();
  }

  /** @param {boolean} held */
  hold(held) {
    if (held !== this.stage.held) this.stage.hold(held);
  }

  iterate() {
    if (this.result?.artifact) location.hash = this.actions.iterate.hash;
  }

  close() {
    this.#turn += 1;
    clearTimeout(this.#soon);
    this.stop();
    this.stage.close();
  }
}
