/**
 * One transform or recipe while it runs: what each job is doing, and how far all of it is.
 * @import { Ask, Event, JobRecord, Region, RecipeRunParams, RunRecord, TransformRecord } from "../../typescript/protocol.ts"
 * @import { Line } from "./words.js"
 */
import { failureLine, sentence, shortened } from "./words.js";
import { areaOf } from "./results.js";

export const FINAL = ["done", "failed", "cancelled"];

/**
 * What one job is doing.
 * @typedef
 * {{ id: string, label: string, state: string, stage: string, fraction: number | undefined, started: number, area: Region | undefined }}
 * JobLine
 */

/** What was asked for, kept until it has ended: with its key it is asked for only once, however often.
 * @typedef {{ key: string, ask?: Ask, recipe?: RecipeRunParams, id?: string }} Sent */

export class Run {
  /** @type {Map<string, JobLine>} */
  jobs = new Map();
  /** @type {RunRecord | undefined} */
  record;
  cancelling = false;
  started = Date.now();
  /** @type {{ blob: string, area: Region | undefined } | undefined} */
  preview;
  stop = new AbortController();

  /** @param {string} title @param {Sent} sent */
  constructor(title, sent) {
    this.title = title;
    this.sent = sent;
  }

  /** It is the daemon's now. */
  get isAccepted() {
    return this.sent.id !== undefined;
  }

  /** The share of it that is done; `undefined` where nobody says. @returns {number | undefined} */
  get fraction() {
    const lines = [...this.jobs.values()];
    if (this.record) {
      const { done, total } = this.record;
      const running = lines
        .filter(({ state }) => state === "running")
        .reduce((sum, { fraction }) => sum + (fraction ?? 0), 0);
      return total ? Math.min(1, (Math.min(done, total) + running) / total) : undefined;
    }
    const shares = lines.map(({ state, fraction }) => (FINAL.includes(state) ? 1 : fraction));
    if (shares.every((share) => share === undefined)) return undefined;
    return shares.reduce((/** @type {number} */ sum, share) => sum + (share ?? 0), 0) / shares.length;
  }

  /** What it is doing, in a few words. */
  get stage() {
    if (this.cancelling) return "Cancelling";
    if (!this.isAccepted) return "Sending";
    const running = [...this.jobs.values()].find(({ state }) => state === "running");
    const stage = running?.stage ? sentence(running.stage) : "";
    if (!this.record) return running ? stage || "Running" : "Waiting";
    const { done, total } = this.record;
    if (!total) return "Waiting";
    return `${Math.min(done, total)} of ${total} done${stage ? ` · ${shortened(stage, 24).toLowerCase()}` : ""}`;
  }

  /**
   * A record may be older than the last event: what has ended, has ended.
   * @param {JobRecord} job @param {Ask} ask @param {string} label
   */
  take(job, ask, label) {
    if (FINAL.includes(this.jobs.get(job.id)?.state ?? "") && !FINAL.includes(job.state)) return;
    // What a model shows meanwhile is of all that it sees, not only of what it may change.
    const place = job.plan.region ?? job.plan.place;
    this.jobs.set(job.id, {
      id: job.id,
      label,
      state: job.state,
      stage: job.stage ?? "",
      fraction: job.progress,
      started: job.started ?? 0,
      area: place && areaOf({ place, width: place.width, height: place.height }, ask),
    });
  }

  /** Takes note of what happened to one of its jobs. @param {Event} event */
  hear(event) {
    const line = this.jobs.get(event.job);
    if (!line) return;
    if (event.event === "progress") {
      Object.assign(line, {
        state: "running",
        fraction: event.fraction ?? line.fraction,
        stage: event.stage ?? line.stage,
      });
    } else if (event.event === "started") {
      Object.assign(line, { state: "running", fraction: undefined, stage: "", started: event.time });
    } else if (event.event === "queued" || event.event === "requeued") {
      Object.assign(line, { state: "queued", fraction: undefined, stage: "" });
    } else if (FINAL.includes(event.event)) {
      line.state = event.event;
    } else if (event.event === "preview") {
      this.preview = { blob: event.blob, area: line.area };
    }
  }
}

/** What is to be said of how a recipe's run ended. @param {RunRecord} record @param {TransformRecord[]} records
 * @returns {Line | null} */
export function endingOf({ recipe, state, failure, notes }, records) {
  const made = records.some(({ jobs }) => jobs.some(({ artifacts }) => artifacts.length));
  const kept = made ? "What was made before is in the results." : "";
  if (failure) {
    const { text, hint } = failureLine(failure);
    return { severity: "error", text: `${recipe}: ${text}`, hint: [hint, kept].filter(Boolean).join(" ") };
  }
  if (state === "cancelled") return { severity: "info", text: "Cancelled", hint: kept };
  if (!notes[0]) return null;
  return {
    severity: "info",
    text: `${recipe}: ${sentence(notes[0])}${notes.length > 1 ? ` (and ${notes.length - 1} more)` : ""}`,
  };
}
