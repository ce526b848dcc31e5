/**
 * A list of any length of which only the rows that one sees are elements. All rows are equally high, so that the place
 * of each is known before it is.
 * @import { Pages } from "./pages.js"
 */
import { h } from "../../core/dom.js";
import { Row } from "./row.js";

/** Rows kept ready above and below what is seen. */
const BESIDE = 6;
/** Rows that are asked for before they are seen. */
const AHEAD = 40;
/** The heights as the style has them. */
const WIDE = 72;
const NARROW = 104;

export class List {
  /** The row that the keyboard is in. */
  active = 0;
  /** @type {Map<number, Row>} */
  #rows = new Map();
  /** @type {Row[]} */
  #resting = [];
  /** What it shows. @type {Pages | undefined} */
  pages;
  #frame = 0;
  #narrow = matchMedia("(max-width: 700px)");

  /** @param {import("./row.js").Context} context @param {(index: number) => void} moved called when another row is active */
  constructor(context, moved) {
    this.context = { ...context, select: (/** @type {number} */ index) => this.setActive(index) };
    this.moved = moved;
    this.sizer = h("div", { class: "history-sizer", role: "list", "aria-label": "Transforms, newest first" });
    this.element = h("div", { class: "history-scroller", on: { scroll: () => this.draw(), keydown: (/** @type {KeyboardEvent} */ event) => this.#key(event) } }, this.sizer);
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(this.element);
    this.#narrow.addEventListener("change", this.#turned);
  }

  #turned = () => {
    for (const row of this.#rows.values()) this.#rest(row);
    this.#rows.clear();
    this.draw();
  };

  get height() {
    return this.#narrow.matches ? NARROW : WIDE;
  }

  /** Shows what another search found, from its top. @param {Pages} pages */
  open(pages) {
    this.pages = pages;
    this.active = 0;
    this.element.scrollTop = 0;
    // What another search showed under the same numbers is not this one's.
    for (const [index, row] of this.#rows) row.setActive(index === 0);
  }

  /** What models are called is known now. */
  relabel() {
    for (const row of this.#rows.values()) row.forget();
    this.draw();
  }

  /** With the next frame: however many reasons there are, it is drawn once. */
  draw() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw() {
    const { height, pages } = this;
    if (!pages) return;
    const { total } = pages;
    const { scrollTop, clientHeight } = this.element;
    const extent = `${total * height}px`;
    if (this.sizer.style.height !== extent) this.sizer.style.height = extent;
    const first = Math.max(0, Math.floor(scrollTop / height) - BESIDE);
    const last = Math.min(total, Math.ceil((scrollTop + clientHeight) / height) + BESIDE);
    const free = this.#free(first, last, total);
    if (total) pages.need(Math.max(0, first - AHEAD), Math.min(total, last + AHEAD));
    for (let index = first; index < last; index += 1) {
      let row = this.#rows.get(index);
      if (!row) {
        row = free.shift() ?? this.#resting.pop() ?? new Row(this.context);
        this.#rows.set(index, row);
        this.#insert(index, row);
        row.setActive(index === this.active);
      }
      row.show(index, pages.at(index), total, height);
    }
    for (const row of free) this.#rest(row);
  }

  /** Rows that are not seen any more, from top to bottom: they are the next ones that are. The row with the focus stays,
   * wherever the list is scrolled: the keyboard would be lost with it.
   * @param {number} first @param {number} last @param {number} total */
  #free(first, last, total) {
    const gone = [...this.#rows.keys()].filter((index) => index < first || index >= last);
    const free = [];
    for (const index of gone.sort((one, other) => one - other)) {
      const row = /** @type {Row} */ (this.#rows.get(index));
      if (index < total && row.element.contains(document.activeElement)) continue;
      this.#rows.delete(index);
      free.push(row);
    }
    return free;
  }

  /** Keeps the order of the elements that of the rows: a screen reader and the Tab key follow it.
   * @param {number} index @param {Row} row */
  #insert(index, row) {
    const { element } = row;
    const before = this.#rows.get(index - 1)?.element;
    if (before) {
      // A list that jumps has its elements in order already.
      if (before.nextElementSibling !== element) before.after(element);
      return;
    }
    const others = [...this.#rows.keys()].filter((other) => other !== index);
    const next = this.#rows.get(Math.min(...others.filter((other) => other > index)));
    if (next) next.element.before(element);
    else if (others.length || !element.isConnected) this.sizer.append(element);
  }

  /** @param {Row} row */
  #rest(row) {
    row.rest();
    this.#resting.push(row);
  }

  /** @param {number} index */
  setActive(index) {
    if (index < 0 || index === this.active) return;
    this.#rows.get(this.active)?.setActive(false);
    this.active = index;
    this.#rows.get(index)?.setActive(true);
    this.moved(index);
  }

  /** Moves the keyboard to a row, and the list to where it is seen. @param {number} index */
  focus(index) {
    const total = this.pages?.total ?? 0;
    if (!total) return;
    const wanted = Math.max(0, Math.min(total - 1, index));
    const { height } = this;
    const { scrollTop, clientHeight } = this.element;
    const top = wanted * height;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + height > scrollTop + clientHeight) this.element.scrollTop = top + height - clientHeight;
    this.#draw();
    this.setActive(wanted);
    this.#rows.get(wanted)?.title.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.height) - 1);
    const to = {
      ArrowUp: this.active - 1,
      ArrowDown: this.active + 1,
      PageUp: this.active - page,
      PageDown: this.active + page,
      Home: 0,
      End: Infinity,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.focus(to);
  }

  close() {
    cancelAnimationFrame(this.#frame);
    this.sizes.disconnect();
    this.#narrow.removeEventListener("change", this.#turned);
    for (const row of this.#rows.values()) row.rest();
  }
}
