/** Keys: whether one is meant for a field, and the list that `?` shows. */
import { h } from "./dom.js";

/** Whether a key belongs to what has the focus: a field, a slider, a button's own space and return.
 * @param {KeyboardEvent} event */
export function isTyping(event) {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select")) return true;
  if (target.matches("input")) return event.key.startsWith("Arrow") || event.key === " ";
  return target.matches("button, a, summary, [role=slider]") && (event.key === " " || event.key === "Enter");
}

const SHARED = [["?", "Show these keys"]];

/** @param {readonly { key: string, what: string }[]} keys */
export function showKeys(keys) {
  const rows = [...keys.map(({ key, what }) => [key === " " ? "space" : key, what]), ...SHARED];
  const close = () => dialog.close();
  const dialog = h(
    "dialog",
    { class: "keys", "aria-labelledby": "keys-title", on: { close: () => dialog.remove() } },
    h("h2", { id: "keys-title" }, "Keys"),
    h("dl", null, rows.map(([key, what]) => h("div", null, h("dt", null, h("kbd", null, key)), h("dd", null, what)))),
    h("button", { type: "button", on: { click: close } }, "Close"),
  );
  document.body.append(dialog);
  dialog.showModal();
}
