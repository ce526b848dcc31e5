/**
 * Stored transforms as the results that lie below the button: one a picture, and one a job that has none because it
 * waits, runs, failed or was cancelled.
 * @import { Artifact, Ask, BlobId, Failure, JobRecord, JobState, TransformRecord } from "../../../typescript/protocol.ts"
 */
import { duration } from "../../core/words.js";
import { costOf, said } from "../../core/results.js";

/** Such transforms of a recipe only found where a step may change the picture. */
const ONLY_MASK = /^r[0-9a-f]{32}\.\d+\.\d+\.mask\./;

/**
 * @typedef {{ key: string, transform: string, job: string, artifact: Artifact | undefined, label: string, title: string,
 *   ask: Ask, state: JobState, facts: string, failure: Failure | undefined, notes: string[] }} Result
 */

/** What a transform has made so far, in the order of its models.
 * @param {TransformRecord} record @param {(model: string) => string} label @returns {Result[]} */
export function resultsOf(record, label) {
  if (ONLY_MASK.test(record.key)) return [];
  return record.jobs.flatMap((job) => {
    if (!job.artifacts.length) return [resultOf(record, job, undefined, label)];
    const made = job.artifacts.filter((artifact) => !artifact.discarded);
    return made.map((artifact) => resultOf(record, job, artifact, label));
  });
}

/**
 * @param {TransformRecord} record @param {JobRecord} job @param {Artifact | undefined} artifact
 * @param {(model: string) => string} label
 * @returns {Result}
 */
function resultOf({ ask }, job, artifact, label) {
  const number = artifact && job.artifacts.length > 1 ? ` (${artifact.index + 1})` : "";
  return {
    key: artifact?.id ?? job.id,
    transform: job.transform,
    job: job.id,
    artifact,
    label: label(job.model) + number,
    title: said(ask),
    ask,
    state: artifact ? "done" : job.state,
    facts: artifact ? `${duration(artifact.provenance.milliseconds / 1000)} · ${costOf(job)}` : "",
    failure: artifact ? undefined : job.failure,
    notes: job.report?.notes ?? [],
  };
}

/**
 * The whole picture of an artifact as a blob, bit for bit: the artifact where it covers all of its source, else the
 * source with the artifact in its place.
 * @param {import("../../core/wire.js").Session} session @param {Artifact} artifact @param {Ask} ask
 * @returns {Promise<{ blob: BlobId, width: number, height: number }>}
 */
export async function wholeOf(session, artifact, ask) {
  const { place, blob, width, height } = artifact;
  const itself = { blob, width, height };
  if (place.width !== width || place.height !== height) return itself;
  const [source, part] = await Promise.all([rowsOf(session, ask.source), rowsOf(session, blob)]);
  if ((source.width === width && source.height === height) || source.kind !== part.kind) return itself;
  const bytes = part.rows.length / (width * height);
  for (let y = 0; y < height; y += 1) {
    const row = part.rows.subarray(y * width * bytes, (y + 1) * width * bytes);
    source.rows.set(row, ((place.y + y) * source.width + place.x) * bytes);
  }
  const stored = await session.upload(source.rows, { type: source.type });
  return { blob: stored.id, width: source.width, height: source.height };
}

/** The rows of a picture as they are stored; `type` also says its size, `kind` only its format and colours.
 * @param {import("../../core/wire.js").Session} session @param {BlobId} blob @param {string} [query] */
export async function rowsOf(session, blob, query = "") {
  const response = await session.get(`/v1/blobs/${blob}/pixels${query}`);
  const type = response.headers.get("content-type") ?? "";
  const named = (/** @type {string} */ name) => new RegExp(`${name}=([^;\\s]+)`).exec(type)?.[1] ?? "";
  return {
    rows: new Uint8Array(await response.arrayBuffer()),
    type,
    kind: `${named("format")} ${named("icc")}`,
    width: Number(named("width")),
    height: Number(named("height")),
  };
}
