/**
 * What is done with a result: saved, put away and taken back, tried again. The daemon does it; what went wrong is said
 * where the buttons are.
 * @import { Comparison } from "./comparison.js"
 * @import { Result } from "../../core/results.js"
 */
import { failureLine } from "../../core/words.js";
import { discardedOf } from "../../core/results.js";
import { copy, save } from "./save.js";

export class Deeds {
  /** Jobs of which the daemon said that they may cost a second time. @type {Set<string>} */
  #warned = new Set();

  /** @param {Comparison} comparison */
  constructor(comparison) {
    this.comparison = comparison;
    this.session = comparison.app.session;
  }

  /** Whether trying a job again may cost once more, so that somebody has to say so. @param {Result} result */
  asksConsent({ job }) {
    return job.failure?.charged === "yes" || job.failure?.charged === "maybe" || this.#warned.has(job.id);
  }

  async download() {
    const { actions, result } = this.comparison;
    const { artifact } = result ?? {};
    if (!artifact || actions.download.disabled) return;
    actions.download.disabled = true;
    actions.say("Writing the file…");
    await this.#do(async () => actions.say(`Saved ${await save(this.session, artifact.id)}`));
    actions.download.disabled = false;
  }

  async copy() {
    const { actions, result } = this.comparison;
    const { artifact } = result ?? {};
    if (!artifact) return;
    await this.#do(async () => {
      await copy(this.session, artifact.id);
      actions.say("Copied: paste it wherever pictures are taken");
    });
  }

  async discard() {
    const { actions, result, results } = this.comparison;
    if (!result?.artifact) return;
    const at = results.indexOf(result);
    const next = (results[at + 1] ?? results[at - 1])?.key ?? "";
    await this.#do(async () => {
      await this.session.call("artifact.discard", { id: result.key });
      this.comparison.chosen = next;
      actions.say(`Discarded result ${result.number}`);
      await this.comparison.again();
    });
  }

  async restore() {
    const { actions, record } = this.comparison;
    const last = record && discardedOf(record).at(-1);
    if (!last) return;
    await this.#do(async () => {
      await this.session.call("artifact.restore", { id: last.id });
      this.comparison.chosen = last.id;
      actions.say("Restored");
      await this.comparison.again();
    });
  }

  /** @param {Result} result */
  async retry(result) {
    const { id } = result.job;
    await this.#do(async () => {
      try {
        await this.session.call("job.retry", { id, pay_again: this.asksConsent(result) });
        this.#warned.delete(id);
      } catch (error) {
        if (/** @type {{ kind?: string }} */ (error).kind === "conflict") this.#warned.add(id);
        throw error;
      } finally {
        await this.comparison.again();
      }
    });
  }

  /** @param {Result} result */
  async cancel({ job }) {
    await this.#do(() => this.session.call("job.cancel", { id: job.id }));
  }

  /** @param {() => Promise<unknown>} work */
  async #do(work) {
    try {
      await work();
    } catch (error) {
      const { text, hint } = failureLine(/** @type {Error} */ (error));
      this.comparison.actions.fail(text, hint);
    }
  }
}
