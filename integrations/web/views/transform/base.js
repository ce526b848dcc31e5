/**
 * What the parts of Transform share: the daemon, telling whoever listens what changed, and doing things once they have
 * settled.
 */
import { failureLine } from "../../core/words.js";

/** @typedef {import("../../core/words.js").Line} Line what is said below the button */

export class Base {
  /** @type {Set<{ topics: string[], take: () => void }>} */
  #listeners = new Set();
  /** @type {Set<string>} */
  #told = new Set();
  /** @type {Map<string, ReturnType<typeof setTimeout>>} */
  #waiting = new Map();
  isClosed = false;
  /** @type {Line | null} */
  status = null;

  /** @param {import("../../core/app.js").App} app */
  constructor(app) {
    this.app = app;
    this.session = app.session;
  }

  /** @param {string} topics of `draft source mask models recipes run results shown status` @param {() => void} take */
  listen(topics, take) {
    this.#listeners.add({ topics: topics.split(" "), take });
    take();
  }

  /** Tells once all that belongs together has changed. @param {...string} topics */
  changed(...topics) {
    if (!this.#told.size) {
      queueMicrotask(() => {
        const told = this.#told;
        this.#told = new Set();
        if (this.isClosed) return;
        for (const { topics, take } of this.#listeners) if (topics.some((topic) => told.has(topic))) take();
      });
    }
    topics.forEach((topic) => this.#told.add(topic));
  }

  /**
   * Later, once; a newer wish of the same name takes its place.
   * @param {string} name @param {number} ms @param {() => void} act
   */
  soon(name, ms, act) {
    clearTimeout(this.#waiting.get(name));
    if (!this.isClosed) this.#waiting.set(name, setTimeout(act, ms));
  }

  /** @param {Line | null} line */
  say(line) {
    this.status = line;
    this.changed("status");
  }

  /** @param {unknown} error */
  fail(error) {
    this.say({ severity: "error", ...failureLine(/** @type {Error} */ (error)) });
  }

  close() {
    this.isClosed = true;
    this.#waiting.forEach(clearTimeout);
    this.#listeners.clear();
  }
}
