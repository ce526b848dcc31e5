/**
 * One model: what it is good at, what it cannot do, what it takes and costs, and whether it can be used now.
 * @import { Intent, ModelEntry, ParamRecord } from "../../../typescript/protocol.ts"
 */
import { fill, h, uniqueId } from "../../core/dom.js";
import { marked, markedSentence } from "../../core/marked.js";
import { KEEPS, duration, intentLabel } from "../../core/words.js";
import { facts, priceLine, timeLine } from "./words.js";

export class ModelCard {
  #shown = "";
  #heading = uniqueId("model");
  #use = h("a", { class: "button" }, "Use this model");
  element = h("li", { class: "offer card", "aria-labelledby": this.#heading });
  /** What a search looks through. */
  text = "";

  /** @param {ModelEntry} entry */
  constructor(entry) {
    this.entry = entry;
  }

  /** @param {ModelEntry} entry */
  update(entry) {
    const now = JSON.stringify(entry);
    if (now === this.#shown) return;
    this.#shown = now;
    this.entry = entry;
    const { record, available, reason } = entry;
    const styles = record.styles.map(({ name, description }) => `${name} ${description}`);
    this.text = [record.id, record.label, record.strengths, record.limitation, record.best_use, ...styles].join("\n").toLowerCase();
    this.element.classList.toggle("off", !available);
    const time = timeLine(record);
    const { price } = record;
    fill(
      this.element,
      h("div", null, h("h3", { id: this.#heading }, record.label), h("code", { class: "dim" }, record.id)),
      h("p", null, markedSentence(record.strengths), "."),
      h("p", { class: "dim" }, markedSentence(record.limitation), "."),
      record.best_use && h("p", null, h("b", null, "Best for "), marked(record.best_use), "."),
      chips("Does", record.intents.map(intentLabel), "does"),
      chips("Takes", facts(record)),
      h(
        "p",
        { class: "number" },
        h("b", null, priceLine(price)),
        price?.as_of && h("span", { class: "dim" }, `, as of ${price.as_of}`),
        time && ` · ${time}`,
      ),
      !available && h("p", { class: "warning" }, markedSentence(why(reason)), "."),
      more(entry),
      available && h("div", { class: "row end" }, this.#use),
    );
    this.point(undefined);
  }

  /** Where its button leads: to Transform, with the model ticked. @param {Intent | undefined} intent */
  point(intent) {
    const { id, label, intents } = this.entry.record;
    const query = new URLSearchParams({ model: id });
    if (intent && intents.includes(intent)) query.set("intent", intent);
    this.#use.href = `#/transform?${query}`;
    this.#use.setAttribute("aria-label", `Use this model: ${label}`);
  }
}

/** Why not, without the command that its backend shows above. @param {string | undefined} reason */
export function why(reason = "it cannot be used now") {
  return reason.split("; `easel ")[0] ?? reason;
}

/** @param {string} label @param {readonly string[]} said @param {string} [kind] */
function chips(label, said, kind = "") {
  return h("ul", { class: `chips ${kind}`, "aria-label": label }, said.map((fact) => h("li", { class: "chip" }, fact)));
}

/** @param {ModelEntry} entry */
function more({ record, catalogue, backend }) {
  const kept = KEEPS.filter(([keep]) => record.keep.includes(keep)).map(([, label]) => label.toLowerCase());
  const served = record.wire?.id;
  /** @type {[string, string | undefined][]} */
  const rows = [
    ["Can keep", kept.join(", ") || "nothing in particular"],
    ["Sizes", record.sizes.map(({ name, side }) => `${name} (${side} px)`).join(", ")],
    ["Longest run", duration(record.timeout_seconds)],
    ["Served as", typeof served === "string" ? served : undefined],
    ["Backend", backend],
    ["Catalogue", catalogue],
  ];
  return h(
    "details",
    { class: "fold" },
    h("summary", null, record.styles.length ? "Styles and more" : "More"),
    h("dl", { class: "facts" }, rows.filter(([, value]) => value).map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value)))),
    record.styles.length > 0 && h("h4", null, "Styles"),
    record.styles.length > 0 &&
      h(
        "dl",
        { class: "facts" },
        record.styles.map(({ name, description, strong }) =>
          h("div", null, h("dt", null, name), h("dd", null, description, strong && h("span", { class: "dim" }, "; strong: little of the content stays"))),
        ),
      ),
    record.params.length > 0 && h("h4", null, "Parameters of its own"),
    record.params.length > 0 &&
      h("dl", { class: "facts" }, record.params.map((param) => h("div", null, h("dt", null, param.name), h("dd", null, `${param.description} (${takes(param)})`)))),
  );
}

/** @param {ParamRecord} param */
function takes({ value, default: usual }) {
  const otherwise = usual === null || usual === undefined || usual === "" ? "" : `; ${String(usual)} unless said otherwise`;
  switch (value.kind) {
    case "choice":
      return value.values.join(", ") + otherwise;
    case "number":
      return `${value.min} to ${value.max}${otherwise}`;
    case "boolean":
      return `on or off${otherwise}`;
    default:
      return `a text${otherwise}`;
  }
}
