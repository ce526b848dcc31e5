/**
 * The pointer on the picture: it paints with a tool and moves the picture without one, with the middle button, or while
 * space is held; two fingers and the wheel zoom.
 * @import { Hero } from "./hero.js"
 * @import { Brush } from "./brush.js"
 */

/** @typedef {{ x: number, y: number }} Point */

/** @param {Hero} hero @param {Brush} brush @param {() => boolean} isSpaceHeld */
export function input(hero, brush, isSpaceHeld) {
  const { element, camera } = hero;
  /** @type {Map<number, Point>} */
  const fingers = new Map();
  /** @type {"pan" | "paint" | "pinch" | undefined} */
  let doing;

  /** From the middle of the element, in pixels of the screen. @param {number} x @param {number} y */
  const fromMiddle = (x, y) => {
    const box = element.getBoundingClientRect();
    const { density } = hero;
    return /** @type {const} */ ([(x - box.left - box.width / 2) * density, (y - box.top - box.height / 2) * density]);
  };
  const point = (/** @type {PointerEvent} */ event) => ({ x: event.clientX, y: event.clientY });

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
    if (event.button > 1) return;
    if (event.button === 1) event.preventDefault();
    element.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, point(event));
    if (fingers.size === 2) {
      // A stroke that was the beginning of a pinch is none.
      if (doing === "paint") brush.drop();
      doing = "pinch";
    } else if (event.button === 0 && brush.paints && hero.isPaintable && !isSpaceHeld()) {
      doing = "paint";
      brush.down(event);
    } else {
      doing = "pan";
    }
    element.classList.toggle("panning", doing === "pan");
  };

  /** @param {PointerEvent} event */
  const move = (event) => {
    brush.hover(event);
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = point(event);
    if (doing === "paint") {
      brush.move(event);
      return;
    }
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    fingers.set(event.pointerId, now);
    const { density } = hero;
    if (!other) {
      camera.pan((now.x - before.x) * density, (now.y - before.y) * density);
      return;
    }
    const apart = (/** @type {Point} */ it) => Math.max(1, Math.hypot(it.x - other.x, it.y - other.y));
    camera.pan(((now.x - before.x) / 2) * density, ((now.y - before.y) / 2) * density);
    camera.zoom(apart(now) / apart(before), ...fromMiddle((now.x + other.x) / 2, (now.y + other.y) / 2));
  };

  /** @param {PointerEvent} event */
  const up = (event) => {
    if (!fingers.delete(event.pointerId)) return;
    if (doing === "paint") brush.up();
    if (!fingers.size) doing = undefined;
    else if (doing === "pinch") doing = "pan";
    element.classList.toggle("panning", doing === "pan");
  };

  /**
   * Shift and the arrows move the picture, + and - zoom; the arrows alone step through the results.
   * @param {KeyboardEvent} event
   */
  const key = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== element) return;
    const step = 64 * hero.density;
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowLeft: () => camera.pan(step, 0),
      ArrowRight: () => camera.pan(-step, 0),
      ArrowUp: () => camera.pan(0, step),
      ArrowDown: () => camera.pan(0, -step),
    };
    const run = event.shiftKey ? keys[event.key] : undefined;
    if (!run) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  };

  element.addEventListener("wheel", wheel, { passive: false });
  element.addEventListener("pointerdown", down);
  element.addEventListener("pointermove", move);
  element.addEventListener("pointerup", up);
  element.addEventListener("pointercancel", up);
  element.addEventListener("pointerleave", () => brush.leave());
  element.addEventListener("keydown", key);
}
