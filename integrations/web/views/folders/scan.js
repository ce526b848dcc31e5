/**
 * Looking through a folder: first what that would do and cost, then, on a second click, it does.
 * @import { FolderForecast, FolderRecord } from "../../../typescript/protocol.ts"
 * @import { App } from "../../core/app.js"
 */
import { announce, fill, h } from "../../core/dom.js";
import { failureNotes, markedSentence } from "../../core/marked.js";
import { money, several } from "../../core/words.js";

export class ScanPanel {
  #stop = new AbortController();
  #again = h("input", { type: "checkbox", on: { change: () => void this.#forecast() } });
  #said = h("div", { role: "status" });
  #go = h("button", { type: "button", class: "accent", on: { click: () => void this.#scan() } }, "Scan now");
  button = h("button", { type: "button", "aria-expanded": "false", on: { click: () => this.#toggle() } }, "Scan");
  element = h(
    "section",
    { class: "scan", hidden: true, "aria-label": "Scan" },
    this.#said,
    h("label", { class: "check" }, this.#again, " Also do again what an earlier version of the recipe did. It may cost again."),
    h("div", { class: "row" }, this.#go, h("button", { type: "button", on: { click: () => this.#toggle() } }, "Close")),
  );

  /** @param {App} app @param {string} folder @param {(after: FolderRecord | Error | undefined) => void} told */
  constructor(app, folder, told) {
    this.app = app;
    this.folder = folder;
    this.told = told;
  }

  #toggle() {
    this.element.hidden = !this.element.hidden;
    this.button.setAttribute("aria-expanded", String(!this.element.hidden));
    if (this.element.hidden) {
      this.#stop.abort();
      this.button.focus();
    } else {
      this.#again.checked = false;
      void this.#forecast();
    }
  }

  /** Every file is read for this; a question that is outdated is dropped. */
  async #forecast() {
    this.#stop.abort();
    const { signal } = (this.#stop = new AbortController());
    this.#go.disabled = true;
    fill(this.#said, h("p", null, "Reading the files, to say what would be done…"));
    try {
      const params = { folder: this.folder, again: this.#again.checked, dry_run: true };
      const { forecast } = await this.app.session.call("folder.scan", params, signal);
      if (signal.aborted || !forecast) return;
      fill(this.#said, foretold(forecast));
      this.#go.disabled = false;
    } catch (error) {
      if (signal.aborted) return;
      fill(this.#said, ...failureNotes(/** @type {Error} */ (error)));
    }
  }

  async #scan() {
    this.#go.disabled = true;
    try {
      const { folder, requeued } = await this.app.session.call("folder.scan", { folder: this.folder, again: this.#again.checked });
      this.#toggle();
      this.told(folder);
      announce(requeued ? `Looking through it; ${several(requeued, "file is", "files are")} done again` : "Looking through it");
    } catch (error) {
      this.#go.disabled = false;
      this.told(/** @type {Error} */ (error));
    }
  }
}

/** @param {FolderForecast} forecast */
function foretold({ files, known, refused, refused_count, cost, notes }) {
  const price = cost.length ? `for about ${cost.map(({ amount, currency }) => money(amount, currency)).join(" and ")}` : "at no cost";
  const parts = [files ? `${several(files, "file", "files")} would be done, ${price}` : "Nothing is left to do"];
  if (known) parts.push(`${known.toLocaleString("en")} done already`);
  if (refused_count) parts.push(`${refused_count.toLocaleString("en")} cannot be`);
  return [
    h("p", null, h("b", null, `${parts.join("; ")}.`)),
    ...notes.map((note) => h("p", null, markedSentence(note))),
    refused.length > 0 &&
      h("ul", { class: "files" }, refused.map(({ path, failure }) => h("li", null, h("b", null, path), failure && failureNotes(failure, "dim")))),
    refused_count > refused.length && h("p", { class: "dim" }, `… and ${(refused_count - refused.length).toLocaleString("en")} more`),
  ];
}
