/**
 * A list that is asked for again and again: an entry that stays keeps its element, so that the focus and what was
 * unfolded stay where they are.
 */

import { straight } from "./dom.js";

/** What shows one entry. @template T @typedef {{ element: HTMLElement, update: (item: T) => void }} Row */

/** @template T */
export class Rows {
  /** @type {Map<string, Row<T>>} */
  #known = new Map();

  /**
   * @param {HTMLElement} place
   * @param {(item: T) => string} key what tells one entry from another
   * @param {(item: T) => Row<T>} make
   */
  constructor(place, key, make) {
    this.place = place;
    this.key = key;
    this.make = make;
  }

  /** @param {readonly T[]} items */
  show(items) {
    /** @type {Map<string, Row<T>>} */
    const next = new Map();
    for (const item of items) {
      const key = this.key(item);
      const row = this.#known.get(key) ?? this.make(item);
      row.update(item);
      next.set(key, row);
    }
    for (const [key, row] of this.#known) {
      if (!next.has(key)) remove(row.element);
    }
    this.#known = next;
    let before = this.place.firstElementChild;
    for (const { element } of next.values()) {
      if (element === before) before = before.nextElementSibling;
      else this.place.insertBefore(element, before);
    }
  }
}

/** Takes an entry away; whoever was in it finds the focus on its neighbour. @param {HTMLElement} element */
function remove(element) {
  const had = element.contains(document.activeElement);
  const neighbour = element.nextElementSibling ?? element.previousElementSibling;
  const place = element.parentElement;
  element.remove();
  if (!had) return;
  const next = neighbour?.querySelector("button, a, summary") ?? place?.closest("[tabindex]");
  if (next instanceof HTMLElement) next.focus();
}

/** Sets a text where it is another: a screen reader is not told of what stayed the same.
 * @param {Element} element @param {string} text */
export function say(element, text) {
  const shown = straight(text);
  if (element.textContent !== shown) element.textContent = shown;
}
