/**
 * What runs now: it is sent once, followed to its end, and found again after a reload or after the daemon was away.
 * @import { Event, RunRecord, TransformRecord } from "../../../typescript/protocol.ts"
 * @import { Line } from "./base.js"
 * @import { Sent } from "../../core/run.js"
 * @import { Shelf } from "./shelf.js"
 * @import { Work } from "./work.js"
 */
import { CLIENT, settings } from "../../core/app.js";
import { announce } from "../../core/dom.js";
import { failureLine, several } from "../../core/words.js";
import { newKey, pause } from "../../core/wire.js";
import { FINAL, Run, endingOf } from "../../core/run.js";

/** Before a daemon that is away is asked again. */
const AGAIN_MS = 1000;
/** One question for the end of a recipe's run waits so long. */
const WAIT_MS = 25_000;
const KEPT = "transform.run";

export class Runs {
  /** @type {Run | null} */
  current = null;

  /** @param {Work} work @param {Shelf} shelf */
  constructor(work, shelf) {
    this.work = work;
    this.shelf = shelf;
    this.session = work.session;
  }

  #label = (/** @type {string} */ model) => this.work.app.label(model);

  /** Sends what is set and follows it. */
  async begin() {
    const { work } = this;
    if (this.current || work.button.reason) return;
    // Made now: what is changed while it is sent is for the next one.
    const { source, recipe } = work;
    const key = newKey();
    /** @type {Sent} */
    const sent = { key };
    if (recipe && source) {
      sent.recipe = {
        key: `web-${key}`,
        recipe: recipe.name,
        source: source.blob,
        title: source.title,
        client: CLIENT,
      };
    } else {
      sent.ask = work.ask();
    }
    const run = this.#open(new Run(recipe?.title ?? "", sent));
    announce("Sending");
    try {
      const mask = await patient(run, () => work.sendMask());
      if (run.cancelling) {
        this.#close(run, { severity: "info", text: "Cancelled" });
        return;
      }
      if (mask) Object.assign(sent.ask ?? sent.recipe ?? {}, { mask });
      await this.#submit(run);
    } catch (error) {
      this.#lost(run, error);
    }
  }

  /** Goes on with what was sent before a reload. */
  async resume() {
    const sent = settings.get(KEPT, /** @type {Sent | null} */ (null));
    if (!sent?.key || this.current) return;
    const run = this.#open(new Run(sent.recipe?.recipe ?? "", sent));
    try {
      if (sent.id && sent.ask)
        await this.#track(run, await patient(run, () => this.session.call("transform.get", { id: sent.id ?? "" })));
      else await this.#submit(run);
    } catch (error) {
      this.#lost(run, error);
    }
  }

  /** Follows a transform that somebody else began, or that was retried. @param {string} id */
  async follow(id) {
    if (this.current) return;
    try {
      const record = await this.session.call("transform.get", { id });
      if (record.jobs.every(({ state }) => FINAL.includes(state))) return;
      const run = this.#open(new Run("", { key: record.key, ask: record.ask, id }));
      await this.#track(run, record);
    } catch (error) {
      this.work.fail(error);
    }
  }

  /** @param {Run} run */
  #open(run) {
    this.current = run;
    // What comes of it is seen where the source is.
    this.work.shown = null;
    this.work.say(null);
    this.work.changed("run", "shown");
    return run;
  }

  /** @param {Run} run */
  async #submit(run) {
    const { key, ask, recipe } = run.sent;
    // On record before it is sent: a reload in between sends the same once more, and the daemon knows it by its key.
    settings.set(KEPT, run.sent);
    if (recipe) {
      const record = await patient(run, () => this.session.call("recipe.run", recipe));
      await this.#trackRecipe(run, record);
    } else if (ask) {
      await this.#track(run, await patient(run, () => this.session.call("transform.submit", { key, ask })));
    }
  }

  /** @param {Run} run @param {TransformRecord} record */
  async #track(run, record) {
    this.#accepted(run, record.id, record.created);
    for (const job of record.jobs) run.take(job, record.ask, this.#label(job.model));
    run.title = [...run.jobs.values()].map(({ label }) => label).join(", ");
    this.shelf.put([record]);
    this.work.changed("run");
    if (run.cancelling) await this.#stop(run);
    this.#look(run);
    // A quick job may have ended before the answer came, when nobody knew yet whose events those were.
    await this.catchUp();
  }

  /** @param {Run} run @param {string} id @param {number} created */
  #accepted(run, id, created) {
    run.sent.id = id;
    run.started = created;
    settings.set(KEPT, run.sent);
  }

  /** @param {Run} run @param {RunRecord} record */
  async #trackRecipe(run, record) {
    this.#accepted(run, record.id, record.created);
    if (run.cancelling) await this.#stop(run);
    for (;;) {
      run.record = record;
      run.title = record.recipe;
      this.work.changed("run");
      if (FINAL.includes(record.state)) break;
      record = await patient(run, () =>
        this.session.call("run.get", { id: record.id, wait_ms: WAIT_MS }, run.stop.signal),
      );
      if (run !== this.current) return;
    }
    const records = await Promise.all(record.transforms.map((id) => this.session.call("transform.get", { id })));
    this.shelf.put(records);
    const wanted = record.results[0]?.artifact.id;
    this.#close(run, endingOf(record, records), wanted);
  }

  /** @param {Event} event */
  hear(event) {
    const run = this.current;
    if (!run?.sent.id) return;
    if (run.sent.recipe) {
      run.hear(event);
      if (!run.jobs.has(event.job) && event.event !== "discarded")
        this.work.soon("run", 100, () => void this.#lookAtRecipe(run));
      else if (FINAL.includes(event.event)) this.work.soon("run", 100, () => void this.#lookAtRecipe(run));
    } else if (event.transform === run.sent.id) {
      run.hear(event);
      this.#look(run);
    } else {
      return;
    }
    this.work.changed("run");
  }

  /** A further step has begun: the run says which, and what its jobs are. @param {Run} run */
  async #lookAtRecipe(run) {
    if (run !== this.current || !run.sent.id) return;
    try {
      const record = await this.session.call("run.get", { id: run.sent.id });
      if (FINAL.includes(record.state)) return;
      for (const id of record.transforms) {
        if ([...run.jobs.keys()].some((job) => this.shelf.record(id)?.jobs.some((it) => it.id === job))) continue;
        const transform = await this.session.call("transform.get", { id });
        for (const job of transform.jobs) run.take(job, transform.ask, this.#label(job.model));
      }
      run.record = record;
      this.work.changed("run");
    } catch {
      // The question that waits for its end tells what is wrong.
    }
  }

  /** The daemon was away and is back: events may have been missed. */
  async catchUp() {
    const run = this.current;
    if (!run?.sent.id || run.sent.recipe) return;
    try {
      const record = await this.session.call("transform.get", { id: run.sent.id });
      if (run !== this.current) return;
      for (const job of record.jobs) run.take(job, record.ask, this.#label(job.model));
      this.#look(run);
      this.work.changed("run");
    } catch (error) {
      this.#lost(run, error);
    }
  }

  /** Whether all its jobs have ended. @param {Run} run */
  #look(run) {
    if (run !== this.current || [...run.jobs.values()].some(({ state }) => !FINAL.includes(state))) return;
    void this.#finish(run);
  }

  /** @param {Run} run */
  async #finish(run) {
    const id = run.sent.id ?? "";
    try {
      const record = await patient(run, () => this.session.call("transform.get", { id }));
      if (run !== this.current) return;
      if (record.jobs.some(({ state }) => !FINAL.includes(state))) return;
      this.shelf.put([record]);
      const failed = record.jobs.filter(({ failure, state }) => failure && state === "failed");
      const made = this.shelf.results.filter(({ transform, artifact }) => transform === id && artifact);
      /** @type {Line | null} */
      let line = null;
      if (failed[0]?.failure && made.length) {
        // What failed stands in its own place below; here it is only counted.
        line = { severity: "warning", text: several(failed.length, "model gave no picture", "models gave no picture") };
      } else if (!made.length && !failed.length) {
        line = { severity: "info", text: "Cancelled" };
      }
      this.#close(run, line, made[0]?.key);
    } catch (error) {
      this.#lost(run, error);
    }
  }

  /** Its end: the first picture is shown. @param {Run} run @param {Line | null} line @param {string} [first] */
  #close(run, line, first) {
    if (run !== this.current) return;
    this.current = null;
    run.stop.abort();
    settings.set(KEPT, undefined);
    const { work } = this;
    work.say(line);
    const result = this.shelf.results.find(({ key }) => key === first);
    if (result) {
      work.shown = result;
      work.changed("shown");
      announce(`Done: ${result.label}`);
    } else {
      announce(line?.text ?? "Ended without a picture");
    }
    work.changed("run");
  }

  /** It cannot be sent or followed. @param {Run} run @param {unknown} error */
  #lost(run, error) {
    if (run !== this.current || run.stop.signal.aborted) return;
    this.#close(run, { severity: "error", ...failureLine(/** @type {Error} */ (error)) });
    // A recipe's file may have changed since it was listed.
    if (run.sent.recipe) void this.work.list();
  }

  /** Stops what runs; what was made before stays. @param {string} [job] only this one */
  async cancel(job) {
    const run = this.current;
    if (!run || (run.cancelling && !job)) return;
    if (!job) run.cancelling = true;
    this.work.changed("run");
    if (run.isAccepted) await this.#stop(run, job);
  }

  /** @param {Run} run @param {string} [only] */
  async #stop(run, only) {
    const { id, recipe } = run.sent;
    try {
      if (recipe) {
        await this.session.call("run.cancel", { id: id ?? "" });
        return;
      }
      const open = [...run.jobs.values()].filter(({ state }) => !FINAL.includes(state));
      for (const job of open.filter((it) => !only || it.id === only))
        await this.session.call("job.cancel", { id: job.id }).catch(endedIsFine);
    } catch (error) {
      run.cancelling = false;
      this.work.fail(error);
    }
  }

  /** Follows it no more; it goes on in the daemon, and the page finds it again. */
  close() {
    this.current?.stop.abort();
    this.current = null;
  }
}

/**
 * Asks until there is an answer: a daemon that is away comes back.
 * @template T @param {Run} run @param {() => Promise<T>} ask
 * @returns {Promise<T>}
 */
async function patient(run, ask) {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (run.stop.signal.aborted || /** @type {{ kind?: string }} */ (error).kind !== "unreachable") throw error;
      await pause(AGAIN_MS, run.stop.signal);
      if (run.stop.signal.aborted) throw error;
    }
  }
}

/** It may have ended in between. @param {{ kind?: string }} error */
function endedIsFine(error) {
  if (error.kind !== "invalid_request") throw error;
}
