/**
 * Section 4: which models. `Auto` comes first; several that are ticked are a comparison; those that cannot do what is
 * asked say why.
 * @import { Row as ModelRow } from "../../core/advice.js"
 * @import { Work } from "./work.js"
 */
import { fill, h, uniqueId } from "../../core/dom.js";
import { Rows, say } from "../../core/rows.js";
import { several } from "../../core/words.js";
import { AUTO } from "../../core/draft.js";
import { section } from "../../core/parts.js";

/** So many that cannot do it are shown at first. */
const DIMMED = 2;
/** @type {readonly (readonly [import("../../../typescript/protocol.ts").Prefer, string])[]} */
const PREFERENCES = [
  ["balance", "balance"],
  ["quality", "quality"],
  ["speed", "speed"],
  ["price", "price"],
];

/** @param {Work} work */
export function modelSection(work) {
  let all = false;
  const list = h("ul", { class: "models" });
  const rows = new Rows(
    list,
    (/** @type {ModelRow} */ row) => row.id,
    (row) => card(work, row.id),
  );
  const more = h("button", { type: "button", class: "quiet", on: { click: () => ((all = !all), show()) } });
  const show = () => {
    const unable = work.rows.filter(({ reason, ticked, id }) => reason && !ticked && id !== AUTO);
    const hidden = all ? [] : unable.slice(DIMMED);
    rows.show(work.rows.filter((row) => !hidden.includes(row)));
    more.hidden = unable.length <= DIMMED;
    more.textContent = all ? "Show fewer" : `Show ${several(hidden.length, "more that cannot", "more that cannot")}`;
    more.setAttribute("aria-expanded", String(all));
  };
  work.listen("models draft", show);
  const element = section("Model", preference(work), list, more);
  element.classList.add("model-part");
  return element;
}

/** @param {Work} work @param {string} id */
function card(work, id) {
  const box = h("input", {
    type: "checkbox",
    id: uniqueId("model"),
    name: id,
    on: { change: () => work.tick(id, box.checked) },
  });
  const label = h("span", { class: "name" });
  const strengths = h("span", { class: "strengths" });
  const chips = h("span", { class: "chips" });
  const reason = h("span", { class: "reason", id: uniqueId("reason") });
  box.setAttribute("aria-describedby", reason.id);
  const element = h(
    "li",
    { class: "model", dataset: { model: id } },
    h(
      "label",
      { for: box.id },
      box,
      h("span", { class: "about" }, h("span", null, label, " ", strengths), chips, reason),
    ),
  );
  let drawn = "";
  return {
    element,
    update: (/** @type {ModelRow} */ row) => {
      box.checked = row.ticked;
      say(label, row.label);
      say(strengths, row.strengths);
      element.classList.toggle("unable", row.reason !== "");
      element.classList.toggle("ticked", row.ticked);
      element.title = id === AUTO ? "" : row.limitation;
      // Auto says what it picked and why; the others say what hinders them.
      say(reason, id === AUTO ? row.limitation : row.reason);
      reason.hidden = !reason.textContent;
      const facts = id === AUTO ? "" : row.chips.join("\n");
      if (drawn !== facts)
        fill(
          chips,
          ...facts
            .split("\n")
            .filter(Boolean)
            .map((chip) => h("span", { class: "chip" }, chip)),
        );
      drawn = facts;
      chips.hidden = !facts;
    },
  };
}

/** What `auto` looks at most. @param {Work} work */
function preference(work) {
  const choose = () =>
    work.set({ prefer: /** @type {import("../../../typescript/protocol.ts").Prefer} */ (field.value) });
  const field = h(
    "select",
    {
      name: "prefer",
      "aria-label": "What Auto looks at most",
      title: "What Auto looks at most",
      on: { change: choose },
    },
    PREFERENCES.map(([value, label]) => h("option", { value }, `by ${label}`)),
  );
  work.listen("draft", () => {
    field.value = work.draft.prefer;
    field.hidden = !work.draft.models.includes(AUTO);
  });
  return field;
}
