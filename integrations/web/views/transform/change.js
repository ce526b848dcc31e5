/**
 * Sections 2 and 3: what should change, and what must stay.
 * @import { Work } from "./work.js"
 * @import { Margins } from "../../../typescript/protocol.ts"
 */
import { fill, h, uniqueId } from "../../core/dom.js";
import { INTENTS, KEEPS, sentence } from "../../core/words.js";
import { marginsOf } from "../../core/draft.js";
import { numberField, put, section } from "../../core/parts.js";

const SIDES = /** @type {const} */ (["top", "right", "bottom", "left"]);

/** @param {Work} work @param {() => void} transform */
export function changeSection(work, transform) {
  const what = h("p", { class: "dim what" });
  const intents = INTENTS.map(([intent, label, about]) =>
    h(
      "button",
      {
        type: "button",
        title: about,
        "aria-pressed": "false",
        dataset: { intent },
        on: { click: () => work.set({ intent }) },
      },
      label,
    ),
  );
  const hint = h("p", { class: "dim", id: uniqueId("hint") });
  const typed = () => {
    grow();
    work.set({ prompt: prompt.value });
  };
  const key = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    transform();
  };
  const prompt = h("textarea", {
    name: "prompt",
    rows: "2",
    placeholder: "What should change",
    "aria-label": "What should change",
    "aria-describedby": hint.id,
    "aria-keyshortcuts": "Control+Enter",
    on: { input: typed, keydown: key },
  });
  const grow = () => {
    prompt.style.setProperty("height", "auto");
    prompt.style.setProperty("height", `${prompt.scrollHeight + 2}px`);
  };
  const styles = styleList(work);
  const margins = marginFields(work);

  work.listen("draft models", () => {
    const { draft, controls } = work;
    for (const button of intents) button.setAttribute("aria-pressed", String(button.dataset.intent === draft.intent));
    what.textContent = INTENTS.find(([intent]) => intent === draft.intent)?.[2] ?? "";
    prompt.disabled = !controls.prompt;
    hint.textContent = controls.promptHint;
    hint.hidden = !controls.promptHint;
    if (prompt.value !== draft.prompt) {
      prompt.value = draft.prompt;
      requestAnimationFrame(grow);
    }
  });

  const element = section(
    "Change",
    h("div", { class: "intents", role: "group", "aria-label": "Intent" }, intents),
    what,
    prompt,
    hint,
    styles,
    margins,
  );
  return { element, focus: () => prompt.focus(), grow };
}

/** Styles by name; several are blended by weight. @param {Work} work */
function styleList(work) {
  const add = h("select", { name: "style", "aria-label": "Style", on: { change: () => choose() } });
  const rows = h("ul", { class: "styles", "aria-label": "Chosen styles" });
  const choose = () => {
    if (add.value) work.set({ styles: { ...work.draft.styles, [add.value]: 1 } });
  };
  let offered = "";
  let listed = "";
  const element = h("div", { class: "style-list" }, rows, add);
  work.listen("draft models", () => {
    const { styles } = work.controls;
    const known = Object.keys(work.draft.styles).filter((name) => styles.some((it) => it.name === name));
    element.hidden = !styles.length;
    const names = JSON.stringify([styles.map(({ name }) => name), known]);
    if (offered !== names) {
      offered = names;
      fill(
        add,
        h("option", { value: "" }, known.length ? "Blend with another style…" : "No style"),
        styles
          .filter(({ name }) => !known.includes(name))
          .map(({ name, description, strong }) =>
            h("option", { value: name }, `${nameOf(name)}: ${description}${strong ? " (strong)" : ""}`),
          ),
      );
    }
    // While a weight is dragged its row stays: only other names make other rows.
    if (listed !== JSON.stringify(known)) {
      listed = JSON.stringify(known);
      fill(
        rows,
        known.map((name) => styleRow(work, name, known.length > 1)),
      );
    }
    rows.hidden = !known.length;
  });
  return element;
}

/** @param {Work} work @param {string} name @param {boolean} blended */
function styleRow(work, name, blended) {
  const remove = () => {
    const { [name]: _, ...rest } = work.draft.styles;
    work.set({ styles: rest });
  };
  const weigh = () => work.set({ styles: { ...work.draft.styles, [name]: weight.valueAsNumber } });
  const share = `Share of ${nameOf(name)}`;
  const weight = h("input", {
    type: "range",
    min: "0.05",
    max: "1",
    step: "0.05",
    value: work.draft.styles[name] ?? 1,
    "aria-label": share,
    title: share,
    on: { input: weigh },
  });
  return h(
    "li",
    null,
    h("span", { class: "name" }, nameOf(name)),
    blended && weight,
    h(
      "button",
      { type: "button", class: "quiet", "aria-label": `Take out ${nameOf(name)}`, on: { click: remove } },
      "Take out",
    ),
  );
}

/** @param {string} name */
function nameOf(name) {
  return sentence(name.replaceAll("-", " "));
}

/** By how much the picture grows, for the one intent that does that. @param {Work} work */
function marginFields(work) {
  const set = (/** @type {keyof Margins} */ side, /** @type {number | null} */ value) => {
    const { source } = work;
    work.set({ margins: { ...marginsOf(work.draft, source?.width ?? 0, source?.height ?? 0), [side]: value ?? 0 } });
  };
  const fields = SIDES.map(
    (side) =>
      /** @type {const} */ ([
        side,
        numberField({ name: `margin-${side}`, min: 0, max: 16384 }, (value) => set(side, value)),
      ]),
  );
  const element = h(
    "div",
    { class: "margins row", role: "group", "aria-label": "By how many pixels the picture grows" },
    fields.map(([side, field]) => h("label", null, sentence(side), field)),
  );
  work.listen("draft source", () => {
    element.hidden = work.draft.intent !== "expand";
    const now = marginsOf(work.draft, work.source?.width ?? 0, work.source?.height ?? 0);
    for (const [side, field] of fields) put(field, now[side]);
  });
  return element;
}

/** @param {Work} work */
export function keepSection(work) {
  const toggles = KEEPS.map(([keep, label]) => {
    const toggle = () => {
      const kept = work.kept();
      work.set({ keep: kept.includes(keep) ? kept.filter((it) => it !== keep) : [...kept, keep] });
    };
    return h("button", { type: "button", "aria-pressed": "false", dataset: { keep }, on: { click: toggle } }, label);
  });
  const none = h("p", { class: "dim" }, "The ticked models cannot be told what to keep: a mask protects it.");
  const row = h("div", { class: "keeps", role: "group", "aria-label": "What must stay" }, toggles);
  work.listen("draft models", () => {
    const kept = work.kept();
    const possible = work.controls.keep;
    for (const button of toggles) {
      const keep = /** @type {import("../../../typescript/protocol.ts").Keep} */ (button.dataset.keep);
      button.setAttribute("aria-pressed", String(kept.includes(keep)));
      button.disabled = !possible.has(keep);
      button.title = possible.has(keep) ? "" : "The ticked models cannot be told to keep this";
    }
    none.hidden = possible.size > 0;
    row.hidden = possible.size === 0;
  });
  return section("Keep", row, none);
}
