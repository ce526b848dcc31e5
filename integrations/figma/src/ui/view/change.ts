/** What should change, and what must stay. */
import type { Intent, StyleRecord } from "../../../../typescript/protocol.ts";
import { fill, h } from "../../../../web/core/dom.js";
import { INTENTS, KEEPS } from "../../../../web/core/words.js";
import { labelled, put, section } from "../../../../web/core/parts.js";
import type { Panel } from "../panel.ts";

export function change(panel: Panel): HTMLElement {
  const intents = INTENTS.map(([id, label, what]) =>
    h("button", { type: "button", title: what, dataset: { intent: id }, on: { click: () => panel.set({ intent: id as Intent }) } }, label),
  );
  const input = () => panel.set({ prompt: prompt.value });
  const prompt = h("textarea", { name: "prompt", rows: "2", placeholder: "What should change", on: { input } });
  const hint = h("p", { class: "line dim" });
  const style = styles(panel);
  const keeps = KEEPS.map(([id, label]) =>
    h("button", { type: "button", dataset: { keep: id }, on: { click: () => toggle(id) } }, label),
  );
  const toggle = (id: (typeof KEEPS)[number][0]) => {
    const kept = panel.kept();
    panel.set({ keep: kept.includes(id) ? kept.filter((it) => it !== id) : [...kept, id] });
  };
  const nothing = h("p", { class: "line dim" }, "The ticked models cannot be told what to keep.");
  const keep = section("Keep", h("div", { class: "toggles", role: "group", "aria-label": "Keep" }, keeps), nothing);
  const row = h("div", { class: "intents", role: "group", "aria-label": "Intent" }, intents);
  const ask = section("Change", row, labelled("What should change", prompt), hint, style);

  panel.listen(["draft", "models"], () => {
    const { draft, controls } = panel;
    for (const button of intents) button.setAttribute("aria-pressed", String(button.dataset.intent === draft.intent));
    put(prompt, draft.prompt);
    hint.textContent = controls.promptHint;
    hint.hidden = !controls.promptHint;
    const kept = panel.kept();
    for (const button of keeps) {
      const id = button.dataset.keep as (typeof KEEPS)[number][0];
      button.setAttribute("aria-pressed", String(kept.includes(id)));
      button.disabled = !controls.keep.has(id);
    }
    nothing.hidden = controls.keep.size > 0;
  });
  return h("div", { class: "parts" }, ask, keep);
}

/** A style by name, and a second one that it is blended with. */
function styles(panel: Panel): HTMLElement {
  const set = () => {
    const names = [first.value, first.value ? second.value : ""].filter(Boolean);
    const share = Number(range.value) / 100;
    const weights = names.length > 1 ? [1 - share, share] : [1];
    panel.set({ styles: Object.fromEntries(names.map((name, number) => [name, weights[number] ?? 1])) });
  };
  const first = h("select", { name: "style", on: { change: set } });
  const second = h("select", { name: "blend", on: { change: set } });
  const share = { min: "5", max: "95", step: "5", value: "50", name: "share", "aria-label": "Share of the second style" };
  const range = h("input", { type: "range", ...share, on: { change: set } });
  const blend = h("div", null, labelled("Blend with", second), range);
  const element = h("div", { class: "styles" }, labelled("Style", first), blend);
  panel.listen(["draft", "models"], () => {
    const { controls, draft } = panel;
    const [one = "", two = ""] = Object.keys(draft.styles);
    const option = ({ name, strong }: StyleRecord) => h("option", { value: name }, name.replaceAll("-", " ") + (strong ? " (strong)" : ""));
    const options = (without: string) => controls.styles.filter(({ name }) => name !== without).map(option);
    if (document.activeElement !== first) fill(first, h("option", { value: "" }, "None"), options(""));
    if (document.activeElement !== second) fill(second, h("option", { value: "" }, "Nothing"), options(one));
    first.value = one;
    second.value = two;
    range.value = String(Math.round(100 * (draft.styles[two] ?? 0.5)));
    range.hidden = !two;
    blend.hidden = !one;
    element.hidden = !controls.styles.length;
  });
  return element;
}
