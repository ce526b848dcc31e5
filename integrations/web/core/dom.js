/**
 * Elements without markup: whatever people typed or files are called becomes text, never HTML. The page forbids
 * `innerHTML` to itself by Trusted Types.
 */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Node | string | number | false | null | undefined} Child */
/** @typedef {{ class?: string, style?: Record<string, string>, dataset?: Record<string, string>, on?: Record<string, (event: any) => void>, [name: string]: unknown }} Attributes */

/**
 * `h("button", { type: "button", on: { click } }, "Transform")`. Booleans set or leave out an attribute; `on` holds
 * listeners, `style` custom properties and others, set one by one since the page's policy knows no style attributes.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name @param {Attributes | null} [attributes] @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function h(name, attributes, ...children) {
  const element = document.createElement(name);
  dress(element, attributes ?? {});
  element.append(...nodes(children));
  return element;
}

/** The same for SVG. @param {string} name @param {Attributes | null} [attributes] @param {...(Child | Child[])} children */
export function svg(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  dress(element, attributes ?? {});
  element.append(...nodes(children));
  return element;
}

/** @param {(Child | Child[])[]} children */
function nodes(children) {
  return children
    .flat()
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : straight(String(child))));
}

/**
 * A text without the characters that turn round what stands beside it: a name may hold them, a screen shows none, or a
 * plugin's name would turn the warning about it. Languages that are read from the right need none of them.
 * @param {string} text
 */
export function straight(text) {
  return text.replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, "");
}

/** @param {HTMLElement | SVGElement} element @param {Attributes} attributes */
export function dress(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(/** @type {Record<string, EventListener>} */ (value))) {
        element.addEventListener(event, listener);
      }
    } else if (name === "style") {
      for (const [property, text] of Object.entries(/** @type {Record<string, string>} */ (value))) {
        element.style.setProperty(property, text);
      }
    } else if (name === "dataset") {
      Object.assign(element.dataset, value);
    } else if (value === true) {
      element.setAttribute(name, "");
    } else if (value === false || value === null || value === undefined) {
      element.removeAttribute(name);
    } else {
      element.setAttribute(name, String(value));
    }
  }
}

/** Replaces what is in an element. @param {Element} element @param {...(Child | Child[])} children */
export function fill(element, ...children) {
  element.replaceChildren(...nodes(children));
}

let uniqueIds = 0;
/** An id for `for`, `aria-labelledby` and the like. @param {string} stem */
export function uniqueId(stem) {
  uniqueIds += 1;
  return `${stem}-${uniqueIds}`;
}

/** Says something to whoever uses a screen reader. @param {string} text */
export function announce(text) {
  const region = document.getElementById("said");
  if (region) region.textContent = text;
}

/** Whether the reader asked for no motion. */
export function isStill() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
