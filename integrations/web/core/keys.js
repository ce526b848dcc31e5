/** Keys: whether one is meant for a field, and the list that `?` shows. */
import { h } from "./dom.js";

/** Whether a key belongs to what has the focus: a field, a slider, a button's own space and return.
 * @param {KeyboardEvent} event */
export function isTyping(event) {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  // A slider takes the keys that move it, and no letters.
  if (target.matches("input[type=range]")) return /^(Arrow|Home|End|Page)/.test(event.key);
  if (target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select")) return true;
  if (target.matches("input")) return event.key.startsWith("Arrow") || event.key === " ";
  return target.matches("button, a, summary, [role=slider]") && (event.key === " " || event.key === "Enter");
}

/** As a person reads it. @type {Readonly<Record<string, string>>} */
const NAMES = { " ": "space", ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "esc", Enter: "return", Delete: "del" };
const SHARED = [
  { key: "?", what: "Show these keys" },
  { key: "Escape", what: "Close what is open" },
];

/** `shown` is what stands for several keys at once, such as `1–9`; keys without words of their own are not listed.
 * @typedef {{ key: string, what: string, shown?: string }} Listed */

/** @param {readonly Listed[]} keys @param {string} [view] what the view is called */
export function showKeys(keys, view = "Here") {
  const dialog = h(
    "dialog",
    { class: "keys", "aria-labelledby": "keys-title", closedby: "any", on: { close: () => dialog.remove() } },
    h("h2", { id: "keys-title" }, "Keys"),
    keys.length > 0 && [h("h3", null, view), list(keys), h("h3", null, "Everywhere")],
    list(SHARED),
    h("form", { method: "dialog" }, h("button", { autofocus: true }, "Close")),
  );
  document.body.append(dialog);
  dialog.showModal();
}

/** @param {readonly Listed[]} keys */
function list(keys) {
  const rows = new Map(keys.filter(({ what }) => what).map(({ key, what, shown }) => [shown ?? NAMES[key] ?? key, what]));
  return h("dl", null, [...rows].map(([key, what]) => h("div", null, h("dt", null, h("kbd", null, key)), h("dd", null, what))));
}
