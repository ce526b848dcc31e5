/**
 * Light, dark, or as the system has it. Loaded by itself and before the first paint, so that nobody sees the other one
 * flash by.
 */

/** @typedef {"system" | "light" | "dark"} Theme */

/** @type {readonly Theme[]} */
const THEMES = ["system", "light", "dark"];
/** The same as a setting of `core/app.js`, which is not waited for here. */
const NAME = "easel.theme";

/** @returns {Theme} */
export function theme() {
  try {
    const kept = JSON.parse(localStorage.getItem(NAME) ?? "null");
    return THEMES.includes(kept) ? kept : "system";
  } catch {
    return "system";
  }
}

/** The one that the switch leads to. @returns {Theme} */
export function nextTheme() {
  return THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length] ?? "system";
}

/** @param {Theme} wanted */
export function setTheme(wanted) {
  try {
    if (wanted === "system") localStorage.removeItem(NAME);
    else localStorage.setItem(NAME, JSON.stringify(wanted));
  } catch {
    // It holds until the page is closed.
  }
  apply(wanted);
}

/** @param {Theme} wanted */
function apply(wanted) {
  if (wanted === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = wanted;
}

apply(theme());
