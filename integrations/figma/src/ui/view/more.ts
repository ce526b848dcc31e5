/** What few change: folded, and remembered. */
import type { ParamRecord } from "../../../../typescript/protocol.ts";
import { fill, h } from "../../../../web/core/dom.js";
import { sentence } from "../../../../web/core/words.js";
import { labelled, numberField, put } from "../../../../web/core/parts.js";
import type { Panel } from "../panel.ts";
import type { Large } from "../size.ts";

const SIDES = ["top", "right", "bottom", "left"] as const;

export function more(panel: Panel): HTMLElement {
  const share = { min: 0, max: 1, step: "0.05", placeholder: "as the model has it" };
  const strength = numberField({ ...share, name: "strength" }, (value) => panel.set({ strength: value }));
  const seed = numberField({ min: 0, placeholder: "any", name: "seed" }, (value) => panel.set({ seed: value }));
  const count = numberField({ min: 1, placeholder: "1", name: "count" }, (value) => panel.set({ count: value }));
  const feather = numberField({ min: 0, placeholder: "8 px", name: "feather" }, (value) => panel.set({ feather: value }));
  const context = numberField({ min: 0, step: "0.1", placeholder: "0.5", name: "context" }, (value) => panel.set({ context: value }));
  const size = h("select", { name: "size", on: { change: () => panel.set({ size: size.value || null }) } });
  const scale = h("select", { name: "scale", on: { change: () => panel.set({ scale: Number(scale.value) }) } });
  const margins = SIDES.map((side) =>
    numberField({ min: 0, placeholder: "a quarter", name: side }, (value) => {
      const { [side]: _, ...others } = panel.draft.margins;
      panel.set({ margins: value === null ? others : { ...others, [side]: value } });
    }),
  );
  const resize = () => {
    panel.keep({ large: large.value as Large });
    panel.select(panel.selection);
  };
  const large = h(
    "select",
    { name: "large", on: { change: resize } },
    h("option", { value: "tiles" }, "every pixel, in several pictures"),
    h("option", { value: "scale" }, "scaled down to one picture"),
  );
  const own = h("div", { class: "fields" });
  const fields = {
    strength: labelled("Strength", strength),
    seed: labelled("Seed", seed),
    size: labelled("Size", size),
    scale: labelled("Enlarge", scale),
    count: labelled("Count", count),
    margins: h(
      "fieldset",
      { class: "fields" },
      h("legend", null, "Grow by, px"),
      SIDES.map((side, number) => labelled(sentence(side), margins[number] as HTMLElement)),
    ),
    context: labelled("Context", context),
    feather: labelled("Feather", feather),
  };
  const element = h(
    "details",
    { class: "part more", on: { toggle: () => element.open !== panel.settings.more && panel.keep({ more: element.open }) } },
    h("summary", null, h("h2", null, "More")),
    h("div", { class: "fields" }, Object.values(fields), labelled("Above 4096 px", large)),
    own,
  );
  element.open = panel.settings.more;

  let shown = "";
  panel.listen(["draft", "models", "selection"], () => {
    const { draft, controls, settings } = panel;
    put(strength, draft.strength);
    put(seed, draft.seed);
    put(count, draft.count);
    put(feather, draft.feather);
    put(context, draft.context);
    count.max = String(controls.maxCount);
    fill(size, h("option", { value: "" }, "as the source needs"), controls.sizes.map(({ name }) => h("option", { value: name }, name)));
    size.value = draft.size ?? "";
    fill(scale, [1, ...controls.scales.filter((it) => it !== 1)].map((it) => h("option", { value: String(it) }, it === 1 ? "no" : `${it}×`)));
    scale.value = String(draft.scale);
    SIDES.forEach((side, number) => put(margins[number] as HTMLInputElement, draft.margins[side] ?? null));
    large.value = settings.large;
    fields.strength.hidden = !controls.strength;
    fields.seed.hidden = !controls.seed;
    fields.size.hidden = !controls.sizes.length;
    fields.scale.hidden = !controls.scales.length;
    fields.count.hidden = controls.maxCount < 2;
    fields.margins.hidden = draft.intent !== "expand";
    const masked = Boolean(panel.maskSight);
    fields.context.hidden = fields.feather.hidden = !masked;
    const names = controls.params.map(({ name }) => name).join();
    if (names !== shown) fill(own, controls.params.map((param) => parameter(panel, param)));
    shown = names;
  });
  return element;
}

/** A parameter of a model's own. */
function parameter(panel: Panel, { name, description, value, default: usual }: ParamRecord): HTMLElement {
  const set = (given: unknown) => {
    const { [name]: _, ...others } = panel.draft.params;
    panel.set({ params: given === null || given === "" ? others : { ...others, [name]: given } });
  };
  const now = panel.draft.params[name];
  const field = (): HTMLElement => {
    if (value.kind === "number") {
      const number = numberField({ min: value.min, max: value.max, step: "any", placeholder: String(usual ?? ""), name }, set);
      put(number, typeof now === "number" ? now : null);
      return number;
    }
    if (value.kind === "boolean" || value.kind === "choice") {
      const values = value.kind === "choice" ? value.values : ["true", "false"];
      const change = () => set(value.kind === "boolean" && choose.value ? choose.value === "true" : choose.value);
      const usually = h("option", { value: "" }, `as usual: ${String(usual)}`);
      const choose = h("select", { name, on: { change } }, usually, values.map((it) => h("option", { value: it }, it)));
      choose.value = now === undefined ? "" : String(now);
      return choose;
    }
    const text = h("input", { name, placeholder: String(usual ?? ""), on: { change: () => set(text.value) } });
    text.value = typeof now === "string" ? now : "";
    return text;
  };
  const element = labelled(name.replaceAll(/[-_]/g, " "), field());
  element.title = description;
  return element;
}
