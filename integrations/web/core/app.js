/**
 * What all views share: the session, the events of the daemon, the models, and the pictures that were fetched.
 * @import { Event, ModelEntry } from "../../typescript/protocol.ts"
 */
import { Pictures } from "./pictures.js";
import { Session } from "./wire.js";

/** What the page calls itself towards the daemon. */
export const CLIENT = "web";

/**
 * A view: its element, its title, and what to do when another takes its place. `update` is called where only its
 * parameters changed; without it the view is opened anew.
 * @typedef {{ element: HTMLElement, title: string, close?: () => void, update?: (parameters: URLSearchParams, rest: string) => void, keys?: Key[] }} View
 */
/** @typedef {{ key: string, what: string, shown?: string, run: (event: KeyboardEvent) => void }} Key a key of a view, as `?` shows it */

export class App {
  #stop = new AbortController();
  /** @type {Set<(event: Event) => void>} */
  #listeners = new Set();
  /** @type {Set<(up: boolean) => void>} */
  #connections = new Set();
  /** @type {Promise<ModelEntry[]> | undefined} */
  #models;
  /** @type {Map<string, string>} */
  #labels = new Map();

  /** @param {Session} session @param {(error: unknown) => void} lost called where the token is not good any more */
  constructor(session, lost) {
    this.session = session;
    this.pictures = new Pictures(session);
    this.up = true;
    void this.#follow(lost);
  }

  /** @param {(error: unknown) => void} lost */
  async #follow(lost) {
    try {
      const info = await this.session.call("server.info", {});
      await this.session.follow(info.last_event, (event) => this.#listeners.forEach((take) => take(event)), {
        signal: this.#stop.signal,
        connected: (up) => {
          // Views ask anew when it is back: that it is there at first, they take for granted.
          if (up === this.up) return;
          if (up) this.#models = undefined;
          this.up = up;
          this.#connections.forEach((take) => take(up));
        },
      });
    } catch (error) {
      if (!this.#stop.signal.aborted) lost(error);
    }
  }

  /** Every event from now on; the answer ends it. @param {(event: Event) => void} take */
  onEvent(take) {
    this.#listeners.add(take);
    return () => this.#listeners.delete(take);
  }

  /** Whether the daemon is there, whenever that changes. @param {(up: boolean) => void} take */
  onConnection(take) {
    this.#connections.add(take);
    return () => this.#connections.delete(take);
  }

  /** The models with their records; `anew` asks again. */
  models(anew = false) {
    if (anew || !this.#models) {
      this.#models = this.session.call("model.list", {}).then(({ models }) => {
        for (const { record } of models) this.#labels.set(record.id, record.label);
        return models;
      });
      this.#models.catch(() => (this.#models = undefined));
    }
    return this.#models;
  }

  /** A model's name on screens. @param {string} id */
  label(id) {
    return this.#labels.get(id) ?? id;
  }

  close() {
    this.#stop.abort();
    this.pictures.close();
  }
}

/** Settings of this browser, small ones; nothing of the work. */
export const settings = {
  /** @template T @param {string} name @param {T} otherwise @returns {T} */
  get(name, otherwise) {
    try {
      const text = localStorage.getItem(`easel.${name}`);
      return text === null ? otherwise : JSON.parse(text);
    } catch {
      return otherwise;
    }
  },
  /** @param {string} name @param {unknown} value */
  set(name, value) {
    try {
      if (value === undefined) localStorage.removeItem(`easel.${name}`);
      else localStorage.setItem(`easel.${name}`, JSON.stringify(value));
    } catch {
      // A browser that keeps nothing still works until it is closed.
    }
  },
};
