/**
 * Section 6: the finer controls, as far as the ticked models understand them. Folded; remembers whether it is.
 * @import { ParamRecord } from "../../../typescript/protocol.ts"
 * @import { Work } from "./work.js"
 */
import { settings } from "../../core/app.js";
import { fill, h, uniqueId } from "../../core/dom.js";
import { sentence } from "../../core/words.js";
import { labelled, numberField, put } from "../../core/parts.js";

/** @param {Work} work */
export function moreSection(work) {
  const fields = h("div", { class: "fields" });
  const nothing = h("p", { class: "dim" }, "The ticked models have no further controls.");
  const element = h(
    "details",
    {
      class: "part finer",
      open: settings.get("transform.more", false),
      on: { toggle: () => settings.set("transform.more", element.open) },
    },
    h("summary", null, h("h2", null, "More")),
    fields,
    nothing,
  );
  let made = "";
  /** @type {(() => void)[]} */
  let updates = [];
  work.listen("draft models mask", () => {
    const { strength, seed, maxCount, sizes, scales, params } = work.controls;
    const isMasked = Boolean(work.region);
    // Fields stay as long as they are the same ones: somebody may be typing in one.
    const wanted = JSON.stringify([strength, seed, maxCount, sizes, scales, params, isMasked, work.draft.intent]);
    if (wanted !== made) {
      made = wanted;
      updates = [];
      fill(fields, ...fieldsOf(work, isMasked, updates));
      nothing.hidden = fields.childElementCount > 0;
    }
    updates.forEach((update) => update());
  });
  return element;
}

/** @param {Work} work @param {boolean} isMasked @param {(() => void)[]} updates */
function fieldsOf(work, isMasked, updates) {
  const { strength, seed, maxCount, sizes, scales, params } = work.controls;
  const fields = [];
  if (strength) fields.push(strengthField(work, updates));
  if (seed) {
    const field = numberField(
      { name: "seed", min: 0, max: 4294967295, placeholder: "Another one each time" },
      (value) => work.set({ seed: value }),
    );
    updates.push(() => put(field, work.draft.seed));
    fields.push(labelled("Seed", field));
  }
  if (sizes.length) {
    const names = sizes.map(({ name }) => /** @type {const} */ ([name, name]));
    fields.push(
      choice(
        updates,
        "Size",
        [["", "As the source"], ...names],
        () => work.draft.size ?? "",
        (size) => work.set({ size: size || null }),
      ),
    );
  }
  if (maxCount > 1) {
    const field = numberField({ name: "count", min: 1, max: maxCount, placeholder: "1" }, (count) =>
      work.set({ count }),
    );
    updates.push(() => put(field, work.draft.count));
    fields.push(labelled("Count", field, h("span", { class: "dim" }, `pictures a model, up to ${maxCount}`)));
  }
  // A result behind a mask keeps the size of the source.
  if (scales.length && !isMasked && work.draft.intent !== "expand") {
    const larger = scales
      .filter((scale) => scale !== 1)
      .map((scale) => /** @type {const} */ ([String(scale), `${scale} times as large`]));
    fields.push(
      choice(
        updates,
        "Enlarge",
        [["1", "Same size"], ...larger],
        () => String(work.draft.scale),
        (scale) => work.set({ scale: Number(scale) }),
      ),
    );
  }
  if (isMasked) {
    const context = numberField({ name: "context", min: 0, max: 400, placeholder: "As usual (50 %)" }, (value) =>
      work.set({ context: value === null ? null : value / 100 }),
    );
    updates.push(() => put(context, work.draft.context === null ? null : Math.round(100 * work.draft.context)));
    fields.push(
      labelled("Context", context, h("span", { class: "dim" }, "% of the mask's size that a model sees around it")),
    );
    const feather = numberField({ name: "feather", min: 0, max: 4096, placeholder: "As usual (8 px)" }, (value) =>
      work.set({ feather: value }),
    );
    updates.push(() => put(feather, work.draft.feather));
    fields.push(
      labelled("Feather", feather, h("span", { class: "dim" }, "px inside the mask's edge in which the change fades")),
    );
  }
  for (const param of params) fields.push(paramField(work, param, updates));
  return fields;
}

/** @param {Work} work @param {(() => void)[]} updates */
function strengthField(work, updates) {
  const field = h("input", {
    type: "range",
    name: "strength",
    min: "0",
    max: "1",
    step: "0.05",
    on: { input: () => work.set({ strength: field.valueAsNumber }) },
  });
  const text = h("output", { class: "number dim" });
  const reset = h(
    "button",
    { type: "button", class: "quiet", on: { click: () => work.set({ strength: null }) } },
    "As usual",
  );
  updates.push(() => {
    const { strength } = work.draft;
    if (field !== document.activeElement || strength === null) field.value = String(strength ?? 1);
    text.textContent = strength === null ? "as usual" : `${Math.round(100 * strength)} %`;
    field.setAttribute("aria-valuetext", text.textContent);
    reset.hidden = strength === null;
  });
  return labelled("Strength", field, h("span", { class: "row" }, text, reset));
}

/** @param {(() => void)[]} updates @param {string} label @param {(readonly [string, string])[]} options @param {() => string} get @param {(value: string) => void} set
 * @param {import("../../core/dom.js").Child} [more] */
function choice(updates, label, options, get, set, more) {
  const field = h(
    "select",
    { name: label.toLowerCase(), on: { change: () => set(field.value) } },
    options.map(([value, text]) => h("option", { value }, text)),
  );
  updates.push(() => (field.value = get()));
  return labelled(label, field, more);
}

/** A parameter of the models' own. @param {Work} work @param {ParamRecord} param @param {(() => void)[]} updates */
function paramField(work, { name, description, value, default: usual }, updates) {
  const label = sentence(name.replaceAll(/[-_]/g, " "));
  const about = h("span", { class: "dim" }, sentence(description));
  const given = () => work.draft.params[name];
  const set = (/** @type {unknown} */ wanted) => {
    const { [name]: _, ...rest } = work.draft.params;
    work.set({ params: wanted === undefined || wanted === "" ? rest : { ...rest, [name]: wanted } });
  };
  if (value.kind === "choice") {
    const options = value.values.map((word) => /** @type {const} */ ([word, sentence(word)]));
    return choice(
      updates,
      label,
      options,
      () => String(given() ?? usual),
      (word) => set(word === usual ? undefined : word),
      about,
    );
  }
  if (value.kind === "number") {
    const field = numberField(
      { name, min: value.min, max: value.max, step: "any", placeholder: String(usual) },
      (number) => set(number ?? undefined),
    );
    updates.push(() => put(field, /** @type {number | undefined} */ (given()) ?? null));
    return labelled(label, field, about);
  }
  if (value.kind === "boolean") {
    const field = h("input", {
      type: "checkbox",
      name,
      id: uniqueId("field"),
      on: { change: () => set(field.checked === usual ? undefined : field.checked) },
    });
    updates.push(() => (field.checked = Boolean(given() ?? usual)));
    return labelled(label, field, about);
  }
  const field = h("input", {
    type: "text",
    name,
    placeholder: String(usual ?? ""),
    on: { change: () => set(field.value.trim()) },
  });
  updates.push(() => put(field, /** @type {string | undefined} */ (given()) ?? ""));
  return labelled(label, field, about);
}
