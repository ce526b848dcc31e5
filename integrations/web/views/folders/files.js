/**
 * A folder's files by where they stand, with the reason of each failure and a way to try again.
 * @import { FileRecord, FileState, FolderRecord, FolderRetryReport } from "../../../typescript/protocol.ts"
 * @import { App } from "../../core/app.js"
 */
import { announce, h, uniqueId } from "../../core/dom.js";
import { Rows, say } from "../../core/rows.js";
import { failureLine, several } from "../../core/words.js";
import { FileRow } from "./file.js";

const NAMES = { waiting: "Waiting", done: "Done", failed: "Failed", skipped: "Left alone" };
/** So many are shown first, and so many the daemon gives. */
const FEW = 25;
const MOST = 1000;
const SAID_MS = 10_000;

export class Files {
  /** The tiles with their numbers. @type {Map<FileState, { button: HTMLButtonElement, number: HTMLElement }>} */
  #tiles = new Map();
  /** What the reader chose; failures show by themselves. @type {FileState | "none" | undefined} */
  #chosen;
  #limit = FEW;
  #shown = "";
  #id = uniqueId("files");
  #heading = h("h3", { id: `${this.#id}-heading`, tabindex: -1 });
  #retryAll = h("button", { type: "button", on: { click: () => this.#retryFailed() } }, "Retry all");
  /** What became of the last retry. */
  #said = h("p", { hidden: true });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #fading;
  #note = h("p", { class: "dim", hidden: true });
  #payAgain = h("button", { type: "button", hidden: true });
  #list = h("ul", { class: "files" });
  #more = h("button", { type: "button", class: "quiet", hidden: true, on: { click: () => this.#longer() } }, "Show more");
  element = h(
    "section",
    { id: this.#id, hidden: true, "aria-labelledby": `${this.#id}-heading` },
    h("div", { class: "top" }, this.#heading, h("div", { class: "row" }, this.#payAgain, this.#retryAll)),
    this.#said,
    this.#list,
    this.#note,
    this.#more,
  );

  /** @param {App} app @param {string} folder @param {() => void} changed called after something was taken up again */
  constructor(app, folder, changed) {
    this.app = app;
    this.folder = folder;
    this.changed = changed;
    this.rows = new Rows(
      this.#list,
      (/** @type {FileRecord} */ file) => file.path,
      (file) => new FileRow(file, (path, payAgain) => this.#retry([path], payAgain)),
    );
  }

  /** The button that shows the files of a state. @param {FileState} state @param {string} label */
  tile(state, label) {
    const number = h("b", null, "0");
    const button = h(
      "button",
      { type: "button", class: "tile", "aria-expanded": "false", "aria-controls": this.#id, dataset: { state }, on: { click: () => this.#choose(state) } },
      number,
      ` ${label.toLowerCase()}`,
    );
    this.#tiles.set(state, { button, number });
    return button;
  }

  /** @param {FolderRecord} record */
  update(record) {
    for (const [state, { button, number }] of this.#tiles) {
      say(number, record[state].toLocaleString("en"));
      button.classList.toggle("none", record[state] === 0);
    }
    this.record = record;
    void this.#show();
  }

  /** Which state's files show. @returns {FileState | undefined} */
  get #state() {
    if (this.#chosen === "none") return undefined;
    return this.#chosen ?? (this.record?.failed ? "failed" : undefined);
  }

  /** @param {FileState} state */
  #choose(state) {
    this.#chosen = this.#state === state ? "none" : state;
    this.#limit = FEW;
    put(this.#said, "");
    void this.#show();
  }

  #longer() {
    this.#limit = MOST;
    void this.#show();
  }

  async #show() {
    const { record } = this;
    const state = this.#state;
    for (const [of, { button }] of this.#tiles) button.setAttribute("aria-expanded", String(of === state));
    if (!state && this.element.contains(document.activeElement)) this.#tiles.get("failed")?.button.focus();
    this.element.hidden = !state;
    if (!state || !record) return;
    const now = JSON.stringify([state, this.#limit, record.waiting, record.running, record.done, record.failed, record.skipped, record.last_done]);
    if (now === this.#shown) return;
    this.#shown = now;
    const count = state === "waiting" ? record.waiting + record.running : record[state];
    try {
      const { files } = await this.app.session.call("folder.files", { folder: this.folder, state, limit: this.#limit });
      if (now !== this.#shown) return;
      say(this.#heading, NAMES[state]);
      this.#retryAll.hidden = state !== "failed" || files.length < 2;
      if (state !== "failed") this.#payAgain.hidden = true;
      this.rows.show(files);
      this.#more.hidden = files.length < this.#limit || this.#limit === MOST;
      if (files.length === 0) put(this.#note, "None now.");
      else if (files.length < count && this.#more.hidden) put(this.#note, `The newest ${files.length.toLocaleString("en")} of ${count.toLocaleString("en")}.`);
      else put(this.#note, "");
    } catch (error) {
      this.#shown = "";
      if (this.app.up) put(this.#note, failureLine(/** @type {Error} */ (error)).text);
    }
  }

  #retryFailed() {
    void this.#retry([], false);
  }

  /** @param {string[]} files empty: all that failed @param {boolean} payAgain */
  async #retry(files, payAgain) {
    this.#payAgain.hidden = true;
    try {
      this.#told(await this.app.session.call("folder.retry", { folder: this.folder, files, pay_again: payAgain }));
    } catch (error) {
      const { text, hint } = failureLine(/** @type {Error} */ (error));
      this.#tell(`${text}. ${hint}`);
    }
    this.#shown = "";
    this.changed();
  }

  /** @param {FolderRetryReport} report */
  #told({ retried, left }) {
    const said = [];
    if (retried > 0 || left.length === 0) said.push(`${several(retried, "file", "files")} taken up again.`);
    if (left.length > 0) {
      said.push(`${several(left.length, "file", "files")} stayed: ${left.length === 1 ? "it was" : "they were"}, or may have been, charged.`);
      const again = () => void this.#retry(left.map(({ path }) => path), true);
      const name = left.length === 1 ? "Retry it, which may be charged again" : `Retry these ${left.length}, which may be charged again`;
      const fresh = h("button", { type: "button", on: { click: again } }, name);
      this.#payAgain.replaceWith(fresh);
      this.#payAgain = fresh;
    }
    this.#tell(said.join(" "));
  }

  /** Said aloud as well: the list may be gone by then, since nothing in it failed any more. @param {string} text */
  #tell(text) {
    put(this.#said, text);
    announce(text);
    clearTimeout(this.#fading);
    // What waits for an answer stays; the rest is soon old news.
    if (this.#payAgain.hidden) this.#fading = setTimeout(() => put(this.#said, ""), SAID_MS);
  }
}

/** @param {HTMLElement} line @param {string} text */
function put(line, text) {
  say(line, text);
  line.hidden = text === "";
}
