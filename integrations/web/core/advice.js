/**
 * The models as the page lists them: one line each, dimmed with a reason where they cannot do what is asked, and the
 * controls that the ticked ones understand. The same judgement as in the panels of the editors.
 * @import { Advice, Choice, Keep, ModelEntry, ModelRecord, ParamRecord, SizeOffer, StyleRecord, TransformPlan } from "../../typescript/protocol.ts"
 * @import { Draft } from "./draft.js"
 */
import { duration, money, sentence } from "./words.js";
import { AUTO } from "./draft.js";

/**
 * One line of the list; `reason` says why it cannot do what is asked.
 * @typedef {{ id: string, label: string, strengths: string, limitation: string, chips: string[], price: string,
 *   seconds: number | null, reason: string, ticked: boolean, cost: number, currency: string }} Row
 */

/**
 * What the ticked models understand: nothing else is offered.
 * @typedef {{ prompt: boolean, promptHint: string, keep: Set<Keep>, strength: boolean, seed: boolean, maxCount: number,
 *   references: number, sizes: SizeOffer[], scales: number[], styles: StyleRecord[], params: ParamRecord[] }} Controls
 */

/** @type {Readonly<Controls>} */
export const NO_CONTROLS = {
  prompt: true,
  promptHint: "",
  keep: new Set(),
  strength: false,
  seed: false,
  maxCount: 1,
  references: 0,
  sizes: [],
  scales: [],
  styles: [],
  params: [],
};

/**
 * `Auto` first, then those that can do it, the best first, then the rest.
 * @param {ModelEntry[]} entries @param {Advice | undefined} advice @param {Draft} draft @param {number} megapixels
 * @returns {Row[]}
 */
export function rowsOf(entries, advice, draft, megapixels) {
  const choices = new Map((advice?.choices ?? []).map((choice) => [choice.model, choice]));
  const order = [...choices.keys()];
  const place = (/** @type {Row} */ row) => (order.indexOf(row.id) < 0 ? order.length : order.indexOf(row.id));
  const listed = entries
    .filter(({ record }) => record.intents.includes(draft.intent))
    .map((entry) => rowOf(entry, choices.get(entry.record.id), draft, megapixels))
    .sort((one, other) => Number(one.reason !== "") - Number(other.reason !== "") || place(one) - place(other));
  return [autoRow(listed, choices, draft), ...listed];
}

/**
 * @param {ModelEntry} entry @param {Choice | undefined} choice @param {Draft} draft @param {number} megapixels
 * @returns {Row}
 */
function rowOf({ record, available, reason: blocked }, choice, draft, megapixels) {
  let reason = "";
  if (!available) reason = sentence(blocked || "it cannot be used now");
  else if (choice?.failure) {
    // It stands in the model's own line, which has its name.
    const { message } = choice.failure;
    const own = `\`${record.id}\` `;
    reason = sentence(message.startsWith(own) ? message.slice(own.length) : message);
  }
  const pace = record.seconds_per_megapixel;
  const seconds = pace !== null && pace !== undefined && megapixels ? pace * megapixels : null;
  // Before it was asked, a model that costs is not called free.
  const price = choice || !record.price ? money(choice?.cost ?? 0, choice?.currency ?? "") : "";
  return {
    id: record.id,
    label: record.label,
    strengths: record.strengths,
    limitation: record.limitation,
    chips: chipsOf(record, price, seconds),
    price,
    seconds,
    reason,
    ticked: draft.models.includes(record.id),
    cost: choice?.cost ?? 0,
    currency: choice?.currency ?? "",
  };
}

/** @param {ModelRecord} record @param {string} price @param {number | null} seconds */
function chipsOf(record, price, seconds) {
  const chips = [];
  if (record.mask === "native") chips.push("mask");
  const most = record.references?.[1] ?? 0;
  if (most) chips.push(most === 1 ? "1 reference" : `${most} references`);
  const first = record.sizes?.[0]?.name;
  const last = record.sizes?.at(-1)?.name;
  if (first) chips.push(first === last ? first : `${first}–${last}`);
  if ((record.seed ?? "none") !== "none") chips.push("seed");
  if (price) chips.push(price);
  if (seconds !== null) chips.push(`about ${duration(seconds)}`);
  return chips;
}

/** @param {Row[]} listed @param {Map<string, Choice>} choices @param {Draft} draft @returns {Row} */
function autoRow(listed, choices, draft) {
  const picked = chosen(listed, draft);
  /** @type {Row} */
  const row = {
    id: AUTO,
    label: "Auto",
    strengths: "",
    limitation: "",
    chips: [],
    price: "",
    seconds: null,
    reason: "",
    ticked: draft.models.includes(AUTO),
    cost: 0,
    currency: "",
  };
  if (picked) {
    const { chips, price, seconds, cost, currency } = picked;
    const why = choices.get(picked.id)?.reason ?? picked.strengths;
    return {
      ...row,
      strengths: `picks ${picked.label}`,
      limitation: sentence(why),
      chips,
      price,
      seconds,
      cost,
      currency,
    };
  }
  if (listed.some((it) => !it.reason)) {
    const reason = "Nothing is left to pick";
    return { ...row, strengths: reason, limitation: "All that can do this are ticked.", reason };
  }
  const first = listed.find((it) => it.reason);
  const reason = "No model can do this";
  return { ...row, strengths: reason, limitation: first ? `${first.label}: ${first.reason}` : "", reason };
}

/** The model that `auto` stands for: the best that is not named anyway. @param {Row[]} listed @param {Draft} draft */
export function chosen(listed, draft) {
  return listed.find((row) => row.id !== AUTO && !row.reason && !draft.models.includes(row.id));
}

/**
 * The rows that an ask would name, `Auto` as itself, in the settings' order.
 * @param {Row[]} listed @param {Draft} draft
 */
export function tickedOf(listed, draft) {
  return draft.models.flatMap((id) => listed.find((row) => row.id === id) ?? []);
}

/** Takes from the plan of a comparison what it says of the models in it.
 * @param {Advice} advice @param {TransformPlan} plan */
export function compare(advice, plan) {
  for (const choice of advice.choices) {
    const job = plan.jobs.find(({ model }) => model === choice.model);
    if (!job) continue;
    delete choice.failure;
    if (job.failure) choice.failure = job.failure;
    else Object.assign(choice, { cost: job.cost, currency: job.currency });
  }
}

/**
 * What the ticked models understand, `auto` as the model it stands for. In a comparison, a style or a reference is for
 * those that take one; strength, seed, count and size are for all.
 * @param {ModelEntry[]} entries @param {Row[]} listed @param {Draft} draft @returns {Controls}
 */
export function controlsOf(entries, listed, draft) {
  const names = draft.models.filter((id) => id !== AUTO);
  const picked = chosen(listed, draft);
  if (draft.models.includes(AUTO) && picked) names.push(picked.id);
  const records = names.flatMap((name) => entries.find(({ record }) => record.id === name)?.record ?? []);
  const [first] = records;
  if (!first) return NO_CONTROLS;
  const styles = new Map(records.flatMap((record) => record.styles ?? []).map((it) => [it.name, it]));
  const reads = records.some((record) => (record.prompt ?? "none") !== "none");
  let promptHint = "";
  if (!reads) {
    promptHint = records.length === 1 ? `${first.label} reads no prompt` : "These models read no prompt";
    promptHint += styles.size ? ": choose a style, or name one here" : "";
  }
  /** @template T @param {(record: ModelRecord) => T[]} of @param {(item: T) => unknown} [by] */
  const common = (of, by = (item) => item) =>
    of(first).filter((item) => records.every((record) => of(record).some((other) => by(other) === by(item))));
  return {
    prompt: reads || styles.size > 0,
    promptHint,
    keep: new Set(common((record) => record.keep ?? [])),
    strength: records.every((record) => record.strength),
    seed: records.every((record) => (record.seed ?? "none") !== "none"),
    maxCount: Math.min(...records.map((record) => record.max_count ?? 1)),
    references: Math.max(...records.map((record) => record.references?.[1] ?? 0)),
    sizes: common(
      (record) => record.sizes ?? [],
      (it) => it.name,
    ),
    scales: common((record) => record.scales ?? []).sort((one, other) => one - other),
    styles: [...styles.values()],
    params: [...new Map(records.flatMap((record) => record.params ?? []).map((it) => [it.name, it])).values()],
  };
}
