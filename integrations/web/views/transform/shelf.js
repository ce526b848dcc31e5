/**
 * What was made on this page, newest first. The daemon keeps it, events say when it changes; nothing here is state.
 * @import { Event, TransformRecord } from "../../../typescript/protocol.ts"
 * @import { Result } from "./made.js"
 * @import { Work } from "./work.js"
 */
import { CLIENT } from "../../core/app.js";
import { resultsOf } from "./made.js";
import { FINAL } from "../../core/run.js";

const PAGE = 20;
/** Events that change nothing in the list. */
const BESIDE = ["progress", "preview", "note", "checkpoint"];
/** Before transforms are fetched whose events came, more may come; and where there was no answer. */
const SETTLED_MS = 100;
const AGAIN_MS = 2000;

export class Shelf {
  /** @type {Map<string, TransformRecord>} */
  #records = new Map();
  /** @type {Set<string>} */
  #stale = new Set();
  #oldest = "";
  /** @type {Result[]} */
  results = [];
  /** There are older ones. */
  hasMore = false;
  /**
   * Put away here, and where each lay in the list.
   * @type {Map<string, { result: Result, above: string | undefined }>}
   */
  discarded = new Map();
  /**
   * Jobs that are paid for once more when they are retried again, with what the daemon says about it.
   * @type {Map<string, string>}
   */
  asks = new Map();

  /** @param {Work} work */
  constructor(work) {
    this.work = work;
  }

  /** The newest page, or the next older one. */
  async load() {
    try {
      const before = this.hasMore && this.#oldest ? { before: this.#oldest } : {};
      const { transforms } = await this.work.session.call("transform.list", { client: CLIENT, limit: PAGE, ...before });
      this.hasMore = transforms.length === PAGE;
      this.#oldest = transforms.at(-1)?.id ?? this.#oldest;
      this.put(transforms);
    } catch (error) {
      if (/** @type {{ kind?: string }} */ (error).kind !== "unreachable") this.work.fail(error);
    }
  }

  /** Events may have been missed: what is new, and what had not ended, is asked for again. */
  refresh() {
    for (const { id, jobs } of this.#records.values()) {
      if (jobs.some(({ state }) => !FINAL.includes(state))) this.#stale.add(id);
    }
    void this.#catchUp();
    this.hasMore = false;
    void this.load();
  }

  /** @param {TransformRecord[]} records */
  put(records) {
    for (const record of records) this.#records.set(record.id, record);
    const { app } = this.work;
    const newest = [...this.#records.values()].sort((one, other) => (one.id < other.id ? 1 : -1));
    this.results = newest.flatMap((record) => resultsOf(record, (model) => app.label(model)));
    this.work.changed("results");
  }

  /** The model that a job runs, the ask, and so on. @param {string} transform */
  record(transform) {
    return this.#records.get(transform);
  }

  /** Those with a picture, as the keys 1 to 9 and the arrows see them. */
  get pictures() {
    return this.results.filter(({ artifact }) => artifact);
  }

  /** @param {Event} event */
  hear(event) {
    if (BESIDE.includes(event.event)) return;
    this.#stale.add(event.transform);
    this.work.soon("results", SETTLED_MS, () => void this.#catchUp());
  }

  async #catchUp() {
    const stale = [...this.#stale];
    this.#stale = new Set();
    try {
      const asked = stale.map((id) => this.work.session.call("transform.get", { id }).catch(goneIsNone));
      const found = (await Promise.all(asked)).filter((record) => record !== undefined);
      // What other programs ask for is in the history.
      this.put(found.filter(({ id, ask }) => ask.client === CLIENT || this.#records.has(id)));
    } catch {
      stale.forEach((id) => this.#stale.add(id));
      this.work.soon("results", AGAIN_MS, () => void this.#catchUp());
    }
  }

  /** Puts a picture away; it can be taken back. @param {Result} result */
  async discard(result) {
    const { artifact } = result;
    if (!artifact) return;
    const at = this.results.findIndex(({ key }) => key === result.key);
    try {
      await this.work.session.call("artifact.discard", { id: artifact.id });
      this.discarded.set(result.key, { result, above: this.results[at - 1]?.key });
      if (this.work.shown?.key === result.key) {
        this.work.shown = null;
        this.work.changed("shown");
      }
      this.hear({ event: "discarded", transform: result.transform, job: result.job, seq: 0, time: 0, artifact });
    } catch (error) {
      this.work.fail(error);
    }
  }

  /** @param {Result} result */
  async restore(result) {
    const { artifact } = result;
    if (!artifact) return;
    try {
      await this.work.session.call("artifact.restore", { id: artifact.id });
      this.discarded.delete(result.key);
      this.hear({ event: "restored", transform: result.transform, job: result.job, seq: 0, time: 0, artifact });
    } catch (error) {
      this.work.fail(error);
    }
  }

  /**
   * Runs a failed job again; where it may have been charged, only when it is asked for twice.
   * @param {Result} result @returns {Promise<boolean>} whether it was queued
   */
  async retry(result) {
    const again = this.asks.has(result.job);
    try {
      await this.work.session.call("job.retry", { id: result.job, pay_again: again });
      this.asks.delete(result.job);
      return true;
    } catch (error) {
      const failure = /** @type {import("../../core/wire.js").EaselError} */ (error);
      if (failure.kind === "conflict" && !again) {
        this.asks.set(result.job, failure.message);
        this.work.changed("results");
      } else {
        this.work.fail(error);
      }
      return false;
    }
  }
}

/** A transform may have been cleaned up since. @param {{ kind?: string }} error @returns {undefined} */
function goneIsNone(error) {
  if (error.kind !== "not_found") throw error;
  return undefined;
}
