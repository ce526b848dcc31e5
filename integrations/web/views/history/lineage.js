/**
 * Which picture came from which: a small tree around one transform, oldest first, with what it goes back to and what came
 * of it. A chain of iterations stays a column; only where ways part is it indented.
 * @import { TransformRow } from "../../../typescript/protocol.ts"
 * @import { App } from "../../core/app.js"
 * @import { Thumbnails } from "./thumbnails.js"
 */
import { fill, h } from "../../core/dom.js";
import { failureLine, intentLabel, moment, shortened } from "../../core/words.js";

/** How far ways that part are indented at most, so that words keep their place. */
const DEEPEST = 4;

/**
 * `guides` are the columns of lines that pass a node by on their way to one further down, `elbow` the column from which
 * a line leads to it.
 * @typedef {{ row: TransformRow, children: Node[], parent: Node | undefined, level: number, indent: number, guides: number[], elbow: number | undefined }} Node
 */

/** @param {readonly TransformRow[]} rows oldest first @returns {Node[]} in the order of a tree, depth first */
export function treeOf(rows) {
  /** @type {Map<string, Node>} */
  const nodes = new Map(rows.map((row) => [row.id, { row, children: [], parent: undefined, level: 1, indent: 0, guides: [], elbow: undefined }]));
  /** @type {Node[]} */
  const roots = [];
  for (const node of nodes.values()) {
    const parent = node.row.parent_transform ? nodes.get(node.row.parent_transform) : undefined;
    node.parent = parent;
    (parent?.children ?? roots).push(node);
  }
  /** @type {Node[]} */
  const flat = [];
  // Without recursion: a chain may be five hundred long.
  const open = [...roots].reverse();
  for (let node = open.pop(); node; node = open.pop()) {
    flat.push(node);
    const parts = node.children.length > 1 && node.indent < DEEPEST;
    node.children.forEach((child, index) => {
      child.level = node.level + 1;
      child.indent = node.indent + Number(parts);
      child.guides = [...node.guides];
      if (parts) child.elbow = node.indent;
      if (parts && index < node.children.length - 1) child.guides.push(node.indent);
    });
    open.push(...[...node.children].reverse());
  }
  return flat;
}

/** @param {string} name @param {number} column */
function line(name, column) {
  return h("i", { class: `lineage-${name}`, style: { "--column": String(column) } });
}

export class LineagePanel {
  #id = "";
  /** @type {AbortController | undefined} */
  #asking;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #soon;
  /** @type {{ node: Node, link: HTMLAnchorElement }[]} */
  #items = [];

  /** @param {App} app @param {Thumbnails} thumbnails @param {() => void} close */
  constructor(app, thumbnails, close) {
    this.app = app;
    this.thumbnails = thumbnails;
    this.body = h("div", { class: "lineage-body" });
    this.element = h(
      "aside",
      { class: "lineage", "aria-label": "Lineage" },
      h("header", null, h("h2", null, "Lineage"), h("button", { type: "button", class: "quiet lineage-close", on: { click: close } }, "Close")),
      this.body,
    );
    this.element.addEventListener("keydown", (event) => this.#key(event));
    fill(this.body, h("p", { class: "dim" }, "Select a transform to see what it came from and what came of it."));
  }

  /** @param {string} id @param {boolean} [anew] */
  show(id, anew = false) {
    if (id === this.#id && !anew) return;
    this.#id = id;
    this.#asking?.abort();
    clearTimeout(this.#soon);
    // Whoever walks through the rows waits for the one that they stop at.
    this.#soon = setTimeout(() => void this.#load(id), 120);
  }

  /** @param {string} id */
  async #load(id) {
    const asking = (this.#asking = new AbortController());
    try {
      const { rows } = await this.app.session.call("transform.lineage", { id }, asking.signal);
      if (!asking.signal.aborted) this.#fill(id, rows);
    } catch (error) {
      if (asking.signal.aborted) return;
      this.#id = "";
      const { text, hint } = failureLine(/** @type {Error} */ (error));
      fill(this.body, h("p", { class: "failure" }, text), h("p", null, hint));
    }
  }

  /** @param {string} id @param {readonly TransformRow[]} rows */
  #fill(id, rows) {
    const nodes = treeOf(rows);
    const had = this.body.contains(document.activeElement);
    for (const image of this.body.querySelectorAll("img")) this.thumbnails.show(image, undefined);
    this.#items = nodes.map((node) => this.#item(node, node.row.id === id));
    const root = nodes[0]?.row;
    const tree = h("div", { role: "tree", "aria-label": "Which picture came from which" }, this.#items.map(({ link }) => link));
    const alone = nodes.length === 1 && h("p", { class: "dim" }, "Iterate from a result and it appears here.");
    fill(this.body, root && this.#origin(root), tree, alone);
    const current = this.#items.find(({ node }) => node.row.id === id);
    if (current) {
      current.link.tabIndex = 0;
      current.link.scrollIntoView({ block: "nearest" });
      if (had) current.link.focus();
    }
  }

  /** The picture that it all began with. @param {TransformRow} root */
  #origin(root) {
    return h("div", { class: "lineage-origin" }, this.#thumbnail(root.source), h("span", { class: "lineage-words" }, h("span", null, "Source"), h("span", { class: "dim" }, root.title ?? "")));
  }

  /** @param {string | undefined} blob */
  #thumbnail(blob) {
    const image = h("img", { alt: "", decoding: "async", draggable: "false" });
    this.thumbnails.show(image, blob);
    return h("span", { class: "lineage-thumb" }, image);
  }

  /** @param {Node} node @param {boolean} current */
  #item(node, current) {
    const { row, level, indent, parent, guides, elbow } = node;
    const words = row.prompt?.trim() || intentLabel(row.intent);
    const models = [...new Set(row.jobs.map(({ model }) => this.app.label(model)))].join(", ");
    const siblings = parent?.children ?? [node];
    const link = h(
      "a",
      {
        class: "lineage-node",
        role: "treeitem",
        href: `#/compare/${row.id}`,
        tabindex: "-1",
        "aria-level": level,
        "aria-setsize": siblings.length,
        "aria-posinset": siblings.indexOf(node) + 1,
        "aria-selected": String(current),
        "aria-expanded": node.children.length ? "true" : undefined,
        style: { "--indent": String(indent) },
      },
      guides.map((column) => line("guide", column)),
      elbow === undefined ? line("stem", indent) : line("elbow", elbow),
      this.#thumbnail(row.jobs.flatMap(({ pictures }) => pictures)[0]),
      h("span", { class: "lineage-words" }, h("span", null, shortened(words, 70)), h("span", { class: "dim" }, `${models} · ${moment(row.created)}`)),
    );
    return { node, link };
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const at = this.#items.findIndex(({ link }) => link === document.activeElement);
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const { node } = /** @type {{ node: Node }} */ (this.#items[at]);
    const indexOf = (/** @type {Node | undefined} */ it) => this.#items.findIndex((item) => item.node === it);
    const to = {
      ArrowUp: at - 1,
      ArrowDown: at + 1,
      ArrowLeft: indexOf(node.parent),
      ArrowRight: indexOf(node.children[0]),
      Home: 0,
      End: this.#items.length - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = this.#items[to];
    if (!next) return;
    for (const { link } of this.#items) link.tabIndex = -1;
    next.link.tabIndex = 0;
    next.link.focus();
  }

  /** Something happened in what may be shown here. @param {string} transform */
  heard(transform) {
    if (this.#items.some(({ node }) => node.row.id === transform)) this.show(this.#id, true);
  }

  forget() {
    this.#id = "";
  }

  close() {
    clearTimeout(this.#soon);
    this.#asking?.abort();
  }
}
