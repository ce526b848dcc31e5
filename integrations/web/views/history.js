/**
 * History: everything that was ever asked for, from every editor, searched and followed back to where it came from.
 * @import { Event, TransformRow } from "../../typescript/protocol.ts"
 * @import { App } from "../core/app.js"
 */
import { announce, fill, h } from "../core/dom.js";
import { failureLine, several } from "../core/words.js";
import { Filters } from "./history/filters.js";
import { LineagePanel } from "./history/lineage.js";
import { List } from "./history/list.js";
import { Pages } from "./history/pages.js";
import { Thumbnails } from "./history/thumbnails.js";

/** Events that a row does not show. */
const BESIDE = ["progress", "preview", "note", "checkpoint", "artifact"];

class History {
  /** What is searched for, as the address has it. */
  #asked = "";
  /** @type {Pages | undefined} */
  #pages;
  /** @type {Set<string>} */
  #stale = new Set();
  #countNew = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #soon;
  #announced = false;

  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.thumbnails = new Thumbnails(app.session);
    this.filters = new Filters(() => this.#search());
    this.lineage = new LineagePanel(app, this.thumbnails, () => this.#showLineage(false));
    this.list = new List(
      {
        app,
        thumbnails: this.thumbnails,
        select: () => {},
        iterate: (row) => void this.#iterate(row),
        lineage: (index) => {
          this.list.setActive(index);
          this.#follow();
          this.#showLineage(true);
        },
      },
      () => this.#follow(),
    );
    this.count = h("span", { class: "dim number", role: "status" });
    this.fresh = h("button", { type: "button", class: "accent", hidden: true, on: { click: () => this.#search(true) } });
    this.line = h("p", { class: "failure", role: "alert", hidden: true });
    this.empty = h("div", { class: "empty", hidden: true });
    this.element = h(
      "section",
      { class: "history", "aria-label": "History" },
      h("h1", { class: "unseen" }, "History"),
      h("div", { class: "history-bar" }, this.filters.element, h("div", { class: "row" }, this.count, this.fresh), this.line),
      h("div", { class: "history-main" }, this.list.element, this.empty),
      this.lineage.element,
    );
    const stops = [app.onEvent((event) => this.#heard(event)), app.onConnection((up) => up && this.#return())];
    this.stop = () => stops.forEach((stop) => stop());
    void this.#name();
  }

  /** What models are called and which folders there are comes after the rows: nobody waits for it. */
  async #name() {
    const [models, folders] = await Promise.allSettled([this.app.models(), this.app.session.call("folder.list", {})]);
    if (models.status === "fulfilled") this.filters.showModels(models.value);
    if (folders.status === "fulfilled") this.filters.showFolders(folders.value.folders);
    this.list.relabel();
  }

  /** @param {URLSearchParams} parameters */
  open(parameters) {
    this.filters.read(parameters);
    this.#search();
  }

  /** Asks anew where what is asked for is another, or where new ones are to be seen. @param {boolean} [anew] */
  #search(anew = false) {
    const asked = String(this.filters.parameters);
    if (this.#pages && asked === this.#asked && !anew) return;
    this.#asked = asked;
    // Whoever is on the way to somewhere else is not called back.
    if (/^#\/history(\?|$)/.test(location.hash)) history.replaceState(null, "", asked ? `#/history?${asked}` : "#/history");
    this.#pages?.close();
    this.fresh.hidden = true;
    this.#announced = false;
    const pages = new Pages(this.app.session, this.filters.query, {
      changed: () => this.#changed(pages),
      failed: (error) => this.#failed(error),
    });
    this.#pages = pages;
    // What was found before stays until there is something in its place.
    pages.need(0, 1);
  }

  /** @param {Pages} pages */
  #changed(pages) {
    if (pages !== this.#pages) return;
    const { total } = pages;
    if (this.list.pages !== pages) this.list.open(pages);
    this.line.hidden = true;
    this.empty.hidden = total > 0;
    this.list.element.hidden = total === 0;
    // What was asked, not what is being typed meanwhile.
    const text = pages.isAll ? several(total, "transform", "transforms") : `${total.toLocaleString("en")} found`;
    if (this.count.textContent !== text) this.count.textContent = text;
    if (!total) this.#showEmpty(pages.isAll);
    this.list.draw();
    this.#follow();
    if (!this.#announced && this.element.contains(document.activeElement)) announce(text);
    this.#announced = true;
  }

  /** @param {boolean} ever whether there is nothing at all */
  #showEmpty(ever) {
    if (ever) {
      fill(this.empty, h("p", null, "Transform a picture, and it is kept here with everything that it came from."), h("p", null, h("a", { class: "button", href: "#/transform" }, "Transform")));
      return;
    }
    const clear = () => this.filters.clear.click();
    fill(this.empty, h("p", null, "Nothing matches. Try fewer words, another model or a longer time."), h("p", null, h("button", { type: "button", on: { click: clear } }, "Clear all filters")));
  }

  /** @param {Error} error */
  #failed(error) {
    const { text, hint } = failureLine(error);
    this.line.hidden = false;
    this.line.textContent = [text, hint].filter(Boolean).join(". ");
  }

  /** The lineage is that of the row where the keyboard is. */
  #follow() {
    const row = this.list.pages?.at(this.list.active);
    if (row) this.lineage.show(row.id);
  }

  /** Where there is no place for it beside the list, it comes over it when asked for. @param {boolean} wanted */
  #showLineage(wanted) {
    this.element.classList.toggle("with-lineage", wanted);
    if (wanted && getComputedStyle(this.lineage.element).position === "absolute") {
      /** @type {HTMLElement | null} */ (this.lineage.element.querySelector(".lineage-close"))?.focus();
    } else if (!wanted) {
      this.list.focus(this.list.active);
    }
  }

  /** A row does not say which of a job's pictures was put away: the record does. @param {TransformRow} row */
  async #iterate(row) {
    try {
      const record = await this.app.session.call("transform.get", { id: row.id });
      const artifact = record.jobs.flatMap(({ artifacts }) => artifacts).find(({ discarded }) => !discarded);
      if (artifact) location.hash = `#/transform?${new URLSearchParams({ from: artifact.id, transform: row.id })}`;
    } catch (error) {
      this.#failed(/** @type {Error} */ (error));
    }
  }

  /** @param {Event} event */
  #heard(event) {
    if (BESIDE.includes(event.event)) return;
    if (this.#pages?.row(event.transform)) this.#stale.add(event.transform);
    else if (event.event === "queued") this.#countNew = true;
    this.#catchUp();
  }

  /** Many events are few questions. */
  #catchUp() {
    this.#soon ??= setTimeout(async () => {
      this.#soon = undefined;
      const stale = [...this.#stale];
      const countNew = this.#countNew;
      this.#stale.clear();
      this.#countNew = false;
      const pages = this.#pages;
      try {
        for (const id of stale) {
          pages?.update(await this.app.session.call("transform.get", { id }));
          this.lineage.heard(id);
        }
        if (countNew) await this.#showNew();
      } catch {
        // The daemon is away; once it is back everything is asked for anew.
      }
    }, 250);
  }

  async #showNew() {
    const pages = this.#pages;
    const fresh = await pages?.countNew();
    if (!fresh || pages !== this.#pages) return;
    // Nothing stands there that could move: they are shown at once.
    if (pages?.known && !pages.total) {
      this.#search(true);
      return;
    }
    this.fresh.hidden = false;
    const text = `${fresh.toLocaleString("en")} new`;
    if (this.fresh.textContent !== text) announce(text);
    this.fresh.textContent = text;
  }

  /** The daemon is back: what failed meanwhile is asked for again. */
  #return() {
    this.line.hidden = true;
    this.lineage.forget();
    if (!this.#pages?.known) this.#search(true);
    this.list.draw();
    this.#follow();
    this.#countNew = true;
    this.#catchUp();
  }

  close() {
    clearTimeout(this.#soon);
    this.stop();
    this.filters.close();
    this.#pages?.close();
    this.list.close();
    this.lineage.close();
    this.thumbnails.close();
  }

  /** @type {import("../core/app.js").Key[]} */
  keys = [
    { key: "/", what: "Search", run: () => this.filters.fields.text.focus() },
    { key: "ArrowDown", shown: "↑ ↓", what: "Walk through the list; page keys, home and end too", run: () => this.list.focus(this.list.active) },
    { key: "ArrowUp", what: "", run: () => this.list.focus(this.list.active) },
    { key: "i", what: "Iterate from the row's first result", run: () => this.#withRow((row) => void this.#iterate(row)) },
    { key: "u", what: "Use the row's settings again", run: () => this.#withRow(({ id }) => (location.hash = `#/transform?again=${id}`)) },
    { key: "l", what: "Lineage of the row", run: () => this.#showLineage(true) },
  ];

  /** @param {(row: TransformRow) => void} work */
  #withRow(work) {
    const row = this.list.pages?.at(this.list.active);
    if (row) work(row);
  }
}

/** @type {(app: App, parameters: URLSearchParams, rest: string) => import("../core/app.js").View} */
export function open(app, parameters) {
  const view = new History(app);
  view.open(parameters);
  return { element: view.element, title: "History", close: () => view.close(), update: (next) => view.open(next), keys: view.keys };
}
