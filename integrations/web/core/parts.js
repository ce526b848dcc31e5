/** Small parts that the sections of the panel share. */
import { h, uniqueId } from "./dom.js";
import { icon } from "./icons.js";

/** A press of the mouse leaves the keys to the view: space holds the source and presses no button again.
 * @param {() => void} run */
export function press(run) {
  return (/** @type {MouseEvent} */ event) => {
    run();
    if (event.detail && event.currentTarget instanceof HTMLElement) event.currentTarget.blur();
  };
}

/**
 * A button that shows a sign and has a name.
 * @param {string} sign @param {string} name @param {() => void} run @param {Record<string, unknown>} [more]
 */
export function signButton(sign, name, run, more = {}) {
  return h(
    "button",
    { type: "button", class: "quiet sign", "aria-label": name, title: name, on: { click: press(run) }, ...more },
    icon(sign),
  );
}

/**
 * A part of the panel with its heading.
 * @param {string} title @param {...import("./dom.js").Child} children
 */
export function section(title, ...children) {
  const id = uniqueId("section");
  return h("section", { class: "part", "aria-labelledby": id }, h("h2", { id }, title), ...children);
}

/**
 * A label with its field below or beside it.
 * @param {string} text @param {HTMLElement} field @param {import("./dom.js").Child} [more]
 */
export function labelled(text, field, more) {
  if (!field.id) field.id = uniqueId("field");
  return h("div", { class: "field" }, h("label", { for: field.id }, text), field, more);
}

/** Two lines of what went wrong or is to be known, in the place where it happened. @param {HTMLElement} place
 * @param {{ severity: string, text: string, hint?: string | undefined } | null} line */
export function showLine(place, line) {
  place.hidden = !line;
  const text = line ? [line.text, line.hint].filter(Boolean).join("\n") : "";
  place.className = `line ${line?.severity === "error" ? "failure" : line?.severity === "warning" ? "warning" : "dim"}`;
  if (place.textContent === text) return;
  place.replaceChildren(
    ...(line ? [h("span", null, line.text), ...(line.hint ? [h("span", { class: "hint" }, line.hint)] : [])] : []),
  );
}

/** A field of whole numbers that says a number, or `null` where it is empty. @param {{ min?: number, max?: number, placeholder?: string, name: string, step?: string }} how
 * @param {(value: number | null) => void} set */
export function numberField({ min, max, placeholder, name, step = "1" }, set) {
  const change = () => {
    if (field.validity.valid) set(field.value === "" ? null : field.valueAsNumber);
  };
  const field = h("input", {
    type: "number",
    class: "number",
    name,
    min,
    max,
    step,
    placeholder,
    inputmode: step === "1" ? "numeric" : "decimal",
    on: { change },
  });
  return field;
}

/**
 * Shows a value in a field, unless somebody is typing there.
 * @param {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} field @param {string | number | null} value
 */
export function put(field, value) {
  const text = value === null ? "" : String(value);
  if (field !== document.activeElement && field.value !== text) field.value = text;
}

/** The files of a drop or a paste. @param {DataTransfer | null} data */
export function filesOf(data) {
  return data ? [...data.files] : [];
}

/**
 * Lets a person choose files.
 * @param {(files: File[]) => void} take @param {{ several?: boolean, name: string }} how
 */
export function picker(take, { several = false, name }) {
  const field = h("input", {
    type: "file",
    accept: "image/png,image/jpeg,image/webp,image/tiff,.png,.jpg,.jpeg,.webp,.tif,.tiff",
    multiple: several,
    hidden: true,
    name,
    "aria-label": "Choose a picture",
    on: {
      change: () => {
        take([...(field.files ?? [])]);
        field.value = "";
      },
    },
  });
  return field;
}
