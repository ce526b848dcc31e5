/** Wheel, drag and pinch on a pane, and the click that is none of them. */

/** Pixels that a pointer may stray and still click. */
const STRAY = 4;

/** @import { Camera } from "./camera.js" */

/**
 * @param {HTMLElement} element
 * @param {Camera} camera
 * @param {() => number} density pixels of the screen for one of CSS
 * @param {{ click: () => void, twice: () => void }} calls
 */
export function gestures(element, camera, density, { click, twice }) {
  /** @type {Map<number, { x: number, y: number }>} */
  const fingers = new Map();
  let strayed = false;
  let start = { x: 0, y: 0 };

  /** From the middle of the element, in pixels of the screen. @param {number} x @param {number} y */
  const fromMiddle = (x, y) => {
    const box = element.getBoundingClientRect();
    return /** @type {const} */ ([
      (x - box.left - box.width / 2) * density(),
      (y - box.top - box.height / 2) * density(),
    ]);
  };

  /** @param {WheelEvent} event */
  const wheel = (event) => {
    event.preventDefault();
    // Lines and pages as pixels; a pinch on a touchpad comes as a wheel with Control, in finer steps.
    const unit = [1, 16, 120][event.deltaMode] ?? 1;
    const by = Math.max(-120, Math.min(120, event.deltaY * unit)) * (event.ctrlKey ? 0.01 : 0.0025);
    camera.zoom(Math.exp(-by), ...fromMiddle(event.clientX, event.clientY));
  };

  /** @param {PointerEvent} event */
  const down = (event) => {
    if (event.button !== 0) return;
    if (!fingers.size) {
      strayed = false;
      start = { x: event.clientX, y: event.clientY };
    }
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size > 1) strayed = true;
    element.setPointerCapture(event.pointerId);
  };

  /** @param {PointerEvent} event */
  const move = (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    if (!strayed && Math.hypot(now.x - start.x, now.y - start.y) < STRAY) return;
    strayed = true;
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    fingers.set(event.pointerId, now);
    if (!other) {
      camera.pan((now.x - before.x) * density(), (now.y - before.y) * density());
      return;
    }
    const apart = (/** @type {{ x: number, y: number }} */ it) => Math.max(1, Math.hypot(it.x - other.x, it.y - other.y));
    const middle = fromMiddle((now.x + other.x) / 2, (now.y + other.y) / 2);
    camera.pan(((now.x - before.x) / 2) * density(), ((now.y - before.y) / 2) * density());
    camera.zoom(apart(now) / apart(before), ...middle);
  };

  /** @param {PointerEvent} event */
  const up = (event) => {
    if (!fingers.delete(event.pointerId) || strayed || event.type !== "pointerup") return;
    click();
  };

  element.addEventListener("wheel", wheel, { passive: false });
  element.addEventListener("pointerdown", down);
  element.addEventListener("pointermove", move);
  element.addEventListener("pointerup", up);
  element.addEventListener("pointercancel", up);
  element.addEventListener("dblclick", twice);
}
