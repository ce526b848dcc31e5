/**
 * What a person has set on the page, and the ask it makes: plain values, kept by the browser as JSON, and taken from a
 * stored ask to repeat it. Knows no screen and no daemon.
 * @import { Ask, BlobId, Intent, Keep, Margins, Prefer } from "../../typescript/protocol.ts"
 */
import { CLIENT } from "./app.js";
import { KEPT_BY_DEFAULT } from "./words.js";

export const AUTO = "auto";

/** A picture that guides the change.
 * @typedef {{ blob: BlobId, title: string, width: number, height: number }} Reference */

/**
 * Everything that the page lets one set. What is `null` is left to the model.
 * @typedef {object} Draft
 * @property {Intent} intent
 * @property {string} prompt
 * @property {Keep[] | null} keep what must stay; `null`: as the intent suggests
 * @property {string[]} models ids; `auto` stands for the one that suits best
 * @property {Prefer} prefer what `auto` looks at
 * @property {Record<string, number>} styles by name, with their weights
 * @property {number | null} strength
 * @property {number | null} seed
 * @property {number | null} count
 * @property {number} scale by how much the result is larger; 1 keeps the size
 * @property {string | null} size
 * @property {number | null} feather
 * @property {number | null} context
 * @property {Margins} margins for `expand`; empty: by a quarter
 * @property {Record<string, unknown>} params of the models' own, by name
 * @property {Reference[]} references
 * @property {string | null} recipe decides everything but the source; `null`: what is set here
 */

/** @type {Readonly<Draft>} */
export const FRESH = {
  intent: "restyle",
  prompt: "",
  keep: null,
  models: [AUTO],
  prefer: "balance",
  styles: {},
  strength: null,
  seed: null,
  count: null,
  scale: 1,
  size: null,
  feather: null,
  context: null,
  margins: {},
  params: {},
  references: [],
  recipe: null,
};

/** From what the browser kept, of this or an older version; what cannot be used is left out.
 * @param {any} kept @returns {Draft} */
export function readDraft(kept) {
  const draft = { ...FRESH };
  for (const [name, otherwise] of Object.entries(FRESH)) {
    const value = kept?.[name];
    const fits =
      otherwise === null
        ? value !== undefined
        : typeof value === typeof otherwise && value !== null && Array.isArray(value) === Array.isArray(otherwise);
    if (fits) /** @type {any} */ (draft)[name] = value;
  }
  if (!(draft.intent in KEPT_BY_DEFAULT)) draft.intent = FRESH.intent;
  return draft;
}

/** Another intent brings its own defaults; styles and parameters are a matter of the models, and those of the intent.
 * @param {Draft} draft @param {Partial<Draft>} changes @returns {Draft} */
export function withChanges(draft, changes) {
  if (changes.intent === undefined || changes.intent === draft.intent) return { ...draft, ...changes };
  return { ...draft, keep: null, styles: {}, params: {}, scale: 1, ...changes };
}

/** What stays: as it was set, or as the intent suggests, as far as the models can be told so.
 * @param {Draft} draft @param {Set<Keep>} possible @returns {Keep[]} */
export function keptOf(draft, possible) {
  return (draft.keep ?? KEPT_BY_DEFAULT[draft.intent]).filter((it) => possible.has(it));
}

/** By how many pixels a picture of a size is to grow.
 * @param {Draft} draft @param {number} width @param {number} height @returns {Required<Margins>} */
export function marginsOf(draft, width, height) {
  const across = Math.max(1, Math.floor(width / 4));
  const down = Math.max(1, Math.floor(height / 4));
  const given = Object.keys(draft.margins).length > 0;
  const side = (/** @type {keyof Margins} */ name, /** @type {number} */ usual) =>
    given ? (draft.margins[name] ?? 0) : usual;
  return {
    top: side("top", down),
    right: side("right", across),
    bottom: side("bottom", down),
    left: side("left", across),
  };
}

/**
 * The ask that settings make of a source.
 * @param {Draft} draft
 * @param {{ source: BlobId, mask?: BlobId | undefined, width: number, height: number, keep: Keep[], title: string, parent?: string | undefined }} about
 * @returns {Ask}
 */
export function askOf(draft, { source, mask, width, height, keep, title, parent }) {
  const auto = draft.prefer === "balance" ? AUTO : `${AUTO}:${draft.prefer}`;
  /** @type {Ask} */
  const ask = {
    intent: draft.intent,
    source,
    models: draft.models.map((model) => (model === AUTO ? auto : model)),
    client: CLIENT,
    title,
  };
  if (mask) ask.mask = mask;
  if (draft.prompt.trim()) ask.prompt = draft.prompt.trim();
  if (keep.length) ask.keep = keep;
  if (draft.references.length) ask.references = draft.references.map(({ blob }) => blob);
  const styles = Object.entries(draft.styles);
  if (styles.length) ask.style = styles.map(([name, weight]) => ({ name, weight }));
  for (const name of /** @type {const} */ (["strength", "seed", "count", "size", "feather", "context"])) {
    const value = draft[name];
    if (value !== null) /** @type {any} */ (ask)[name] = value;
  }
  if (Object.keys(draft.params).length) ask.params = { ...draft.params };
  if (draft.intent === "expand") ask.expand = marginsOf(draft, width, height);
  // Without a word on it, a model that enlarges would: pictures keep their size unless asked.
  else ask.scale = draft.scale;
  if (parent) ask.parent = parent;
  return ask;
}

/** The settings that a stored ask was made with; what an ask does not say stays as it is now.
 * @param {Ask} ask @param {Draft} now @returns {Draft} */
export function draftOf(ask, now) {
  const auto = ask.models.find((model) => model.startsWith(`${AUTO}:`));
  return readDraft({
    ...now,
    intent: ask.intent,
    prompt: ask.prompt ?? "",
    keep: ask.keep ?? [],
    models: ask.models.map((model) => (model === auto ? AUTO : model)),
    prefer: auto ? auto.slice(AUTO.length + 1) : FRESH.prefer,
    styles: Object.fromEntries((ask.style ?? []).map(({ name, weight }) => [name, weight ?? 1])),
    strength: ask.strength ?? null,
    seed: ask.seed ?? null,
    count: ask.count ?? null,
    scale: ask.scale ?? 1,
    size: ask.size ?? null,
    feather: ask.feather ?? null,
    context: ask.context ?? null,
    margins: ask.expand ?? {},
    params: Object.fromEntries(
      Object.entries(ask.params ?? {}).map(([name, value]) => [name.split(":").at(-1), value]),
    ),
    references: (ask.references ?? []).map((blob, index) => ({
      blob,
      title: `reference ${index + 1}`,
      width: 0,
      height: 0,
    })),
    recipe: null,
  });
}
