/** The models, one line each: Auto first, then those that can do it, then the others with the reason. */
import { h } from "../../../../web/core/dom.js";
import { Rows } from "../../../../web/core/rows.js";
import { section } from "../../../../web/core/parts.js";
import type { Row } from "../../../../web/core/advice.js";
import type { Panel } from "../panel.ts";

export function models(panel: Panel): HTMLElement {
  const list = h("ul", { class: "models" });
  const rows = new Rows<Row>(list, ({ id }) => id, ({ id }) => model(panel, id));
  const element = section("Model", list);
  panel.listen(["models"], () => rows.show(panel.rows));
  return element;
}

function model(panel: Panel, id: string): { element: HTMLElement; update: (row: Row) => void } {
  const tick = h("input", { type: "checkbox", on: { change: () => panel.tick(id, tick.checked) } });
  const name = h("b");
  const strengths = h("span");
  const chips = h("span", { class: "chips" });
  const why = h("span", { class: "why" });
  // The name takes this model alone, its box adds it to a comparison.
  const only = h("button", { type: "button", class: "only", on: { click: () => panel.set({ models: [id] }) } }, name, strengths, chips, why);
  const element = h("li", { class: "model" }, h("label", { class: "tick" }, tick), only);
  const update = (row: Row) => {
    tick.checked = row.ticked;
    tick.setAttribute("aria-label", `Compare with ${row.label}`);
    element.classList.toggle("ticked", row.ticked);
    element.classList.toggle("dimmed", Boolean(row.reason));
    only.setAttribute("aria-pressed", String(row.ticked && panel.draft.models.length === 1));
    only.title = row.limitation;
    name.textContent = row.label;
    strengths.textContent = row.strengths;
    if (chips.textContent !== row.chips.join("")) chips.replaceChildren(...row.chips.map((chip) => h("span", { class: "chip" }, chip)));
    why.textContent = row.id === "auto" ? row.limitation : row.reason;
    why.hidden = !why.textContent;
  };
  return { element, update };
}
