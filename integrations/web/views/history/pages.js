/**
 * The rows that a search found, of which only some are here: pages are fetched as they come into view. The list is
 * pinned to a moment, so that no row moves while new ones come.
 * @import { SearchParams, TransformRecord, TransformRow } from "../../../typescript/protocol.ts"
 * @import { Session } from "../../core/wire.js"
 */

const PAGE = 100;
/** Pages that are kept; a long list is not held in memory. */
const KEPT = 60;

/** @typedef {{ text?: string, model?: string, client?: string, folder?: string, since?: number, until?: number }} Query */

export class Pages {
  total = 0;
  /** The search has answered. */
  known = false;
  /** @type {Map<number, TransformRow[]>} */
  #pages = new Map();
  /** @type {Map<number, AbortController>} */
  #running = new Map();
  /** @type {Map<string, TransformRow>} */
  #rows = new Map();
  #stop = new AbortController();

  /**
   * @param {Session} session @param {Query} query
   * @param {{ changed: () => void, failed: (error: Error) => void }} calls
   */
  constructor(session, query, { changed, failed }) {
    this.session = session;
    this.query = query;
    this.changed = changed;
    this.failed = failed;
    this.pinned = Date.now() + 1;
  }

  /** Nothing was left out. */
  get isAll() {
    return Object.keys(this.query).length === 0;
  }

  /** @param {Partial<SearchParams>} more @param {AbortSignal} signal */
  #ask(more, signal) {
    const until = Math.min(this.query.until ?? Infinity, this.pinned);
    return this.session.call("transform.search", { ...this.query, until, ...more }, signal);
  }

  /** @param {number} index @returns {TransformRow | undefined} */
  at(index) {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** @param {string} id */
  row(id) {
    return this.#rows.get(id);
  }

  /** Fetches what is seen and is not here; what was scrolled past is not fetched any further.
   * @param {number} from @param {number} to the index behind the last */
  need(from, to) {
    const first = Math.max(0, Math.floor(from / PAGE));
    const last = Math.floor(Math.max(from, to - 1) / PAGE);
    for (const [page, stop] of this.#running) {
      if (page < first || page > last) {
        this.#running.delete(page);
        stop.abort();
      }
    }
    for (let page = first; page <= last; page += 1) {
      const rows = this.#pages.get(page);
      if (rows) {
        this.#pages.delete(page);
        this.#pages.set(page, rows);
      } else if (!this.#running.has(page)) {
        void this.#load(page);
      }
    }
  }

  /** @param {number} page */
  async #load(page) {
    const stop = new AbortController();
    this.#running.set(page, stop);
    try {
      const signal = AbortSignal.any([stop.signal, this.#stop.signal]);
      const { total, rows } = await this.#ask({ offset: page * PAGE, limit: PAGE }, signal);
      if (signal.aborted) return;
      this.total = total;
      this.known = true;
      this.#pages.set(page, rows);
      for (const row of rows) this.#rows.set(row.id, row);
      this.#forget();
      this.changed();
    } catch (error) {
      if (!stop.signal.aborted && !this.#stop.signal.aborted) this.failed(/** @type {Error} */ (error));
    } finally {
      if (this.#running.get(page) === stop) this.#running.delete(page);
    }
  }

  #forget() {
    for (const [page, rows] of this.#pages) {
      if (this.#pages.size <= KEPT) return;
      this.#pages.delete(page);
      for (const { id } of rows) this.#rows.delete(id);
    }
  }

  /** How many came since, that this search would find. */
  async countNew() {
    if (this.query.until !== undefined && this.query.until <= this.pinned) return 0;
    const since = Math.max(this.query.since ?? 0, this.pinned);
    const { total } = await this.session.call("transform.search", { ...this.query, since, limit: 1 }, this.#stop.signal);
    return total;
  }

  /** A transform that is here went on. @param {TransformRecord} record */
  update(record) {
    const row = this.#rows.get(record.id);
    if (!row) return;
    row.jobs = record.jobs.map(({ id, model, state, artifacts }) => ({
      id,
      model,
      state,
      pictures: artifacts.filter((artifact) => !artifact.discarded).map(({ blob }) => blob),
    }));
    this.changed();
  }

  close() {
    this.#stop.abort();
  }
}
