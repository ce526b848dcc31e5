/**
 * What the history is searched by. It stands in the address, so that a search can be shared and survives a reload:
 * `#/history?text=oil&model=local-style&client=krita&from=2026-10-01`.
 * @import { FolderRecord, ModelEntry } from "../../../typescript/protocol.ts"
 * @import { Query } from "./pages.js"
 */
import { fill, h, uniqueId } from "../../core/dom.js";

/** While somebody types, the first letter is searched for at once, and what follows at most so often, in milliseconds. */
const PAUSE_MS = 20;

/** @type {readonly (readonly [string, string])[]} */
const CLIENTS = [
  ["krita", "Krita"],
  ["gimp", "GIMP"],
  ["figma", "Figma"],
  ["web", "Page"],
  ["cli", "Command line"],
  ["folder", "Folder"],
];
const NAMES = /** @type {const} */ (["text", "model", "client", "folder", "from", "to"]);

export class Filters {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #pause;
  #typedSince = false;

  /** @param {() => void} changed */
  constructor(changed) {
    const now = () => changed();
    const typed = () => {
      if (this.#pause !== undefined) {
        this.#typedSince = true;
        return;
      }
      changed();
      this.#pause = setTimeout(() => {
        this.#pause = undefined;
        if (!this.#typedSince) return;
        this.#typedSince = false;
        typed();
      }, PAUSE_MS);
    };
    /** @param {string} name */
    const choice = (name) => h("select", { name, on: { change: now } });
    this.fields = {
      text: h("input", { type: "search", name: "text", placeholder: "Prompt, title or model", "aria-label": "Search the history", autocomplete: "off", spellcheck: "false", on: { input: typed } }),
      model: choice("model"),
      client: choice("client"),
      folder: choice("folder"),
      from: h("input", { type: "date", name: "from", on: { change: now } }),
      to: h("input", { type: "date", name: "to", on: { change: now } }),
    };
    this.clear = h("button", { type: "button", class: "quiet", on: { click: () => { this.reset(); changed(); this.fields.text.focus(); } } }, "Clear");
    const { text, model, client, folder, from, to } = this.fields;
    /** @param {string} name @param {HTMLElement} field */
    const labelled = (name, field) => h("label", { class: "filter" }, h("span", { class: "dim" }, name), field);
    this.folderLabel = labelled("Folder", folder);
    const id = uniqueId("filters");
    // Only seen where there is little room.
    this.unfold = h("button", { type: "button", class: "unfold", "aria-expanded": "false", "aria-controls": id, on: { click: () => this.#unfold(this.unfold.ariaExpanded !== "true") } }, "Filters");
    const more = h("div", { id, class: "more-filters" }, labelled("Model", model), labelled("Editor", client), this.folderLabel, labelled("From", from), labelled("To", to), this.clear);
    this.element = h("search", { class: "filters" }, text, this.unfold, more);
    options(model, [["", "All"]]);
    options(client, [["", "All"], ...CLIENTS]);
    options(folder, [["", "All"]]);
  }

  /** @param {readonly ModelEntry[]} models */
  showModels(models) {
    options(this.fields.model, [["", "All"], ...models.map(({ record }) => /** @type {const} */ ([record.id, record.label]))]);
  }

  /** @param {readonly FolderRecord[]} folders */
  showFolders(folders) {
    const paths = folders.flatMap(({ spec }) => spec.path ?? []);
    options(this.fields.folder, [["", "All"], ...paths.map((path) => /** @type {const} */ ([path, folderName(path)]))]);
    this.#showFolder();
  }

  /** Somebody asked from elsewhere. @param {string} client */
  addClient(client) {
    const { client: field } = this.fields;
    if ([...field.options].every(({ value }) => value !== client)) field.append(h("option", { value: client }, client));
  }

  /** @param {boolean} wanted */
  #unfold(wanted) {
    this.unfold.ariaExpanded = String(wanted);
  }

  /** Nobody is asked which of no folders is meant. */
  #showFolder() {
    this.folderLabel.hidden = this.fields.folder.options.length < 2;
  }

  /** @param {URLSearchParams} parameters */
  read(parameters) {
    for (const name of NAMES) {
      const field = this.fields[name];
      const value = parameters.get(name) ?? "";
      if (field instanceof HTMLSelectElement && value && [...field.options].every((option) => option.value !== value)) {
        field.append(h("option", { value }, name === "folder" ? folderName(value) : value));
      }
      // What is being typed is not put in its place anew.
      if (field.value !== value) field.value = value;
    }
    this.#showFolder();
    this.#showClear();
    if (NAMES.some((name) => name !== "text" && this.fields[name].value)) this.#unfold(true);
  }

  /** What is set, for the address. */
  get parameters() {
    const set = new URLSearchParams();
    for (const name of NAMES) {
      const value = this.fields[name].value.trim();
      if (value) set.set(name, value);
    }
    this.#showClear();
    return set;
  }

  #showClear() {
    this.clear.disabled = NAMES.every((name) => !this.fields[name].value);
  }

  /** What is set, for the daemon: a day ends where the next begins, as this clock has it. @returns {Query} */
  get query() {
    /** @type {Query} */
    const query = {};
    for (const name of /** @type {const} */ (["text", "model", "client", "folder"])) {
      const value = this.fields[name].value.trim();
      if (value) query[name] = value;
    }
    const since = midnight(this.fields.from.value, 0);
    const until = midnight(this.fields.to.value, 1);
    if (since !== undefined) query.since = since;
    if (until !== undefined) query.until = until;
    return query;
  }

  reset() {
    for (const name of NAMES) this.fields[name].value = "";
  }

  close() {
    clearTimeout(this.#pause);
  }
}

/** @param {string} day @param {number} later */
function midnight(day, later) {
  const [year, month, date] = day.split("-").map(Number);
  if (!year || !month || !date) return undefined;
  return new Date(year, month - 1, date + later).getTime();
}

/** Who asked, as screens say it. @param {string | undefined} client */
export function clientName(client) {
  return CLIENTS.find(([id]) => id === client)?.[1] ?? client;
}

/** A folder by the last parts of its path. @param {string} path */
export function folderName(path) {
  const parts = path.split(/[/\\]/).filter(Boolean);
  return parts.length > 2 ? `…/${parts.slice(-2).join("/")}` : path;
}

/** @param {HTMLSelectElement} select @param {readonly (readonly [string, string])[]} choices */
function options(select, choices) {
  const { value } = select;
  const known = choices.some(([id]) => id === value) ? choices : [...choices, /** @type {const} */ ([value, value])];
  fill(select, known.map(([id, name]) => h("option", { value: id }, name)));
  select.value = value;
}
