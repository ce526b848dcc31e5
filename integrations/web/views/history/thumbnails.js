/**
 * Small pictures for rows that come and go: the latest wish first, a few at a time, and those that were scrolled past
 * are not fetched, or no further.
 * @import { BlobId } from "../../../typescript/protocol.ts"
 */

/** A browser opens six connections to a place; the questions for rows need some too. */
const AT_ONCE = 3;
const KEPT = 800;
/** A row that is scrolled past within so many milliseconds fetches nothing. */
const REST_MS = 60;
/** The longer side, enough for 56 CSS pixels on a dense screen. */
const SIDE = 128;

/** @typedef {HTMLImageElement & { wants?: BlobId | undefined }} Thumbnail */

export class Thumbnails {
  /** What is ready, the least used first. @type {Map<BlobId, string>} */
  #ready = new Map();
  /** Who waits for what, the latest last. @type {Map<BlobId, Set<Thumbnail>>} */
  #wanted = new Map();
  /** @type {Map<BlobId, AbortController>} */
  #running = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #rest;

  /** @param {import("../../core/wire.js").Session} session */
  constructor(session) {
    this.session = session;
  }

  /** Shows a picture in an element, sooner or later; nothing shows nothing.
   * @param {Thumbnail} image @param {BlobId | undefined} blob */
  show(image, blob) {
    if (image.wants === blob) return;
    this.#drop(image);
    image.wants = blob;
    image.hidden = !blob;
    image.classList.remove("gone");
    const ready = blob && this.#ready.get(blob);
    if (ready) {
      this.#fill(image, ready);
      return;
    }
    // An image without an address would show its frame.
    image.removeAttribute("src");
    image.classList.add("loading");
    if (!blob) return;
    const waiting = this.#wanted.get(blob) ?? new Set();
    this.#wanted.delete(blob);
    this.#wanted.set(blob, waiting.add(image));
    this.#soon();
  }

  /** @param {Thumbnail} image */
  #drop(image) {
    const { wants } = image;
    const waiting = wants ? this.#wanted.get(wants) : undefined;
    if (!wants || !waiting?.delete(image) || waiting.size) return;
    this.#wanted.delete(wants);
    this.#running.get(wants)?.abort();
  }

  #soon() {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.#pump(), REST_MS);
  }

  #pump() {
    for (const blob of [...this.#wanted.keys()].reverse()) {
      if (this.#running.size >= AT_ONCE) return;
      if (!this.#running.has(blob)) void this.#load(blob);
    }
  }

  /** @param {BlobId} blob */
  async #load(blob) {
    const stop = new AbortController();
    this.#running.set(blob, stop);
    /** @type {string | undefined} */
    let address;
    try {
      address = URL.createObjectURL(await this.session.preview(blob, SIDE, stop.signal));
    } catch {
      // It was scrolled past, or its pixels are gone.
    }
    this.#running.delete(blob);
    if (address) this.#keep(blob, address);
    // Who scrolled back meanwhile still waits, and is asked for again.
    if (!stop.signal.aborted) {
      for (const image of this.#wanted.get(blob) ?? []) this.#fill(image, address);
      this.#wanted.delete(blob);
    }
    this.#pump();
  }

  /** @param {BlobId} blob @param {string} address */
  #keep(blob, address) {
    this.#ready.set(blob, address);
    for (const [oldest, old] of this.#ready) {
      if (this.#ready.size <= KEPT) return;
      this.#ready.delete(oldest);
      URL.revokeObjectURL(old);
    }
  }

  /** @param {Thumbnail} image @param {string | undefined} address */
  #fill(image, address) {
    image.classList.remove("loading");
    image.classList.toggle("gone", !address);
    if (address) image.src = address;
  }

  close() {
    clearTimeout(this.#rest);
    this.#wanted.clear();
    for (const stop of this.#running.values()) stop.abort();
    for (const address of this.#ready.values()) URL.revokeObjectURL(address);
    this.#ready.clear();
  }
}
