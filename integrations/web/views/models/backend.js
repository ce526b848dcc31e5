/**
 * One backend: whether it may run, what it asks for, its keys, and its models.
 * @import { BackendRecord, KeyRecord, ModelEntry } from "../../../typescript/protocol.ts"
 */
import { command, quoted } from "../../core/command.js";
import { fill, h, uniqueId } from "../../core/dom.js";
import { markedSentence } from "../../core/marked.js";
import { Rows } from "../../core/rows.js";
import { several } from "../../core/words.js";
import { ModelCard, why } from "./card.js";
import { STATES, permissionLine, placeLine } from "./words.js";

/** @typedef {{ record: BackendRecord, models: ModelEntry[], keys: KeyRecord[] }} Entry */

export class BackendSection {
  #shown = "";
  #heading = uniqueId("backend");
  #head = h("div");
  #list = h("ul", { class: "cards" });
  element = h("section", { class: "backend", "aria-labelledby": this.#heading }, this.#head, this.#list);
  /** @type {ModelCard[]} */
  cards = [];

  /** @param {Entry} entry */
  constructor(entry) {
    this.entry = entry;
    this.rows = new Rows(
      this.#list,
      (/** @type {ModelEntry} */ model) => model.record.id,
      (model) => {
        const card = new ModelCard(model);
        this.cards.push(card);
        return card;
      },
    );
  }

  /** @param {Entry} entry */
  update(entry) {
    this.entry = entry;
    this.rows.show(entry.models);
    this.cards = this.cards.filter(({ element }) => element.isConnected || this.#list.contains(element));
    const { record, keys } = entry;
    const now = JSON.stringify([record, keys]);
    if (now === this.#shown) return;
    this.#shown = now;
    fill(
      this.#head,
      h(
        "div",
        { class: "row" },
        h("h2", { id: this.#heading }, record.name),
        h("span", { class: "chip", dataset: { state: record.state } }, STATES[record.state]),
        h("span", { class: "dim" }, record.built_in ? "built in" : [record.id, record.version].filter(Boolean).join(" ")),
      ),
      ...trouble(record),
      ...keys.map(keyLine),
      !record.built_in && about(record),
    );
  }
}

/** What stands in the way, and the command that clears it. @param {BackendRecord} record */
function trouble(record) {
  const { id, state, reason, recent_crashes, manifest } = record;
  if (state === "ready") return [];
  const said = [h("p", { class: "warning" }, markedSentence(why(reason)), ".")];
  if (recent_crashes > 0) said.push(h("p", null, `It crashed ${several(recent_crashes, "time", "times")} within ten minutes; other backends were not touched.`));
  if (state === "untrusted") {
    said.push(h("p", null, permissionLine(record), " What is trusted runs with your rights on this machine."));
    said.push(h("p", { class: "dim" }, "Its models show once it may run."));
  }
  const words = { untrusted: `easel backend trust ${quoted(id)}`, quarantined: `easel backend trust ${quoted(id)}`, disabled: `easel backend enable ${quoted(id)}`, broken: manifest ? `easel backend check ${quoted(manifest)}` : "easel backend list" };
  const does = { untrusted: "Let it run, exactly as it is now:", quarantined: "Give it another chance:", disabled: "Switch it on again:", broken: "See what is wrong with it:" };
  return [...said, h("p", null, does[state]), command(words[state])];
}

/** Where a key is, and the command that stores or tests it. @param {KeyRecord} key */
function keyLine(key) {
  const page = key.page ? address(key.page) : undefined;
  return h(
    "div",
    { class: "key" },
    h("p", { class: key.place ? "" : "warning" }, "Key ", h("b", null, key.name), `: ${placeLine(key)}. `, h("span", { class: "dim" }, `It only ever goes to ${key.origins.join(", ")}.`)),
    !key.place && key.page && h("p", null, "Get one at ", page ? h("a", { href: page, target: "_blank", rel: "noreferrer" }, key.page) : key.page, ", then store it; it is asked for, and never shown again:"),
    command(`easel key ${key.place ? "test" : "set"} ${quoted(key.name)}`),
  );
}

/** A manifest is anybody's: only a plain web address becomes a link. @param {string} text */
function address(text) {
  try {
    const url = new URL(/^[a-z]+:/i.test(text) ? text : `https://${text}`);
    return url.protocol === "https:" ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** @param {BackendRecord} record */
function about(record) {
  /** @type {[string, string | undefined][]} */
  const rows = [
    ["Manifest", record.manifest],
    ["Library", record.library_hash && `BLAKE3 ${record.library_hash}`],
  ];
  return h(
    "details",
    { class: "fold" },
    h("summary", null, "About this backend"),
    h("p", null, permissionLine(record)),
    h("dl", { class: "facts" }, rows.filter(([, value]) => value).map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, h("code", null, value))))),
    record.state === "ready" && [h("p", null, "Switch it off:"), command(`easel backend disable ${quoted(record.id)}`)],
  );
}
