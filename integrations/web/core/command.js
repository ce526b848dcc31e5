/** What the page may not do, a terminal may: the command in full, with a button that copies it. */
import { announce, h } from "./dom.js";

/** A word as a shell takes it: a path with spaces in it, for one. @param {string} text */
export function quoted(text) {
  return /^[\w@%+=:,./~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** @param {string} text */
export function command(text) {
  const code = h("code", null, text);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      announce("Copied");
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 2000);
    } catch {
      // Not every browser lets a page do that: then it is marked, and the reader's own key copies it.
      getSelection()?.selectAllChildren(code);
      announce("Marked. Copy it with your keyboard.");
    }
  };
  const button = h("button", { type: "button", class: "quiet", "aria-label": `Copy ${text}`, on: { click: copy } }, "Copy");
  return h("div", { class: "command" }, code, button);
}
