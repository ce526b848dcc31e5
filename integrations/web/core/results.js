/**
 * What a transform made, as panes show it: a picture, or a job that has none yet, or none at all. Pure.
 * @import { Artifact, Ask, JobRecord, Region, TransformRecord } from "../../typescript/protocol.ts"
 */
import { duration, intentLabel, money } from "./words.js";

/** A mean distance in OKLab that fills the bar of colour: black from white is 1. */
const FULL_COLOUR = 0.25;

/**
 * @typedef {object} Result
 * @property {string} key names it among the panes: the artifact's id, or the job's
 * @property {number} number from 1, the key that chooses it
 * @property {string} label the model's name
 * @property {JobRecord} job
 * @property {Artifact} [artifact] absent where there is no picture
 * @property {Region} [area] what it covers, in pixels of the source; a picture that grew begins left of it
 * @property {string} facts time and price
 */

/**
 * @param {TransformRecord} record
 * @param {(model: string) => string} label
 * @returns {Result[]}
 */
export function resultsOf(record, label) {
  /** @type {Result[]} */
  const found = [];
  for (const job of record.jobs) {
    const shared = { label: label(job.model), job };
    const shown = job.artifacts.filter((artifact) => !artifact.discarded);
    for (const artifact of shown) {
      const which = job.artifacts.length > 1 ? ` (${artifact.index + 1})` : "";
      found.push({
        ...shared,
        key: artifact.id,
        number: found.length + 1,
        label: shared.label + which,
        artifact,
        area: areaOf(artifact, record.ask),
        facts: `${duration(artifact.provenance.milliseconds / 1000)} · ${costOf(job)}`,
      });
    }
    // While it runs there may be more to come; where all were put away there is nothing to say.
    if (!shown.length && !job.artifacts.length) {
      found.push({ ...shared, key: job.id, number: found.length + 1, facts: "" });
    }
  }
  return found;
}

/** What was put away, the latest last. @param {TransformRecord} record */
export function discardedOf(record) {
  return record.jobs.flatMap((job) => job.artifacts).filter((artifact) => artifact.discarded);
}

/** Where an artifact lies in pixels of its source: one that grew the picture begins outside of it.
 * @param {Pick<Artifact, "place" | "width" | "height">} artifact @param {Ask} ask @returns {Region} */
export function areaOf({ place, width, height }, ask) {
  if (ask.intent !== "expand" || !ask.expand) return place;
  return { x: place.x - (ask.expand.left ?? 0), y: place.y - (ask.expand.top ?? 0), width, height };
}

/** Whether a picture reaches beyond its source. @param {Result} result */
export function hasGrown({ artifact, area }) {
  return Boolean(artifact && area && (area.width !== artifact.place.width || area.height !== artifact.place.height));
}

/** @param {JobRecord} job */
export function costOf({ report, plan }) {
  if (report?.cost !== undefined) return money(report.cost, report.currency ?? plan.currency);
  return money(plan.cost, plan.currency);
}

/** What is asked for, in a few words. @param {Pick<Ask, "prompt" | "style" | "intent">} ask */
export function said({ prompt, style, intent }) {
  if (prompt?.trim()) return prompt.trim();
  if (style?.length) return style.map(({ name }) => name.replaceAll("-", " ")).join(", ");
  return intentLabel(intent);
}

/** @typedef {{ name: string, share: number, text: string }} Bar */

/**
 * Three bars of 0 to 1, each with its text: the structure that stayed, the colour that stayed, and whether all that lies
 * outside stayed.
 * @param {Artifact} artifact @returns {Bar[]}
 */
export function barsOf({ fidelity }) {
  const structure = share(fidelity.structure);
  const colour = share(1 - fidelity.colour / FULL_COLOUR);
  const outside = fidelity.changed_outside;
  return [
    { name: "Structure", share: structure, text: `structure ${percent(structure)} kept` },
    { name: "Colour", share: colour, text: `colour ${percent(colour)} kept` },
    {
      name: "Outside",
      share: outside ? 0 : 1,
      text: outside ? `${outside.toLocaleString("en")} pixels changed outside` : "nothing changed outside",
    },
  ];
}

/** @param {number} value */
export function percent(value) {
  return `${Math.round(100 * value)} %`;
}

/** @param {number} value */
function share(value) {
  return Math.min(1, Math.max(0, value));
}
