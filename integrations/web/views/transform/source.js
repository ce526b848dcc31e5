/**
 * Section 1: what will be sent. A picture comes by drop, by paste or from a file; a result that is iterated from has a
 * way back.
 * @import { Work } from "./work.js"
 */
import { announce, fill, h, straight } from "../../core/dom.js";
import { size } from "../../core/words.js";
import { filesOf, picker, section, showLine } from "../../core/parts.js";

/** @param {Work} work */
export function sourceSection(work) {
  const file = picker((files) => void work.load(files), { name: "source" });
  const choose = h("button", { type: "button", on: { click: () => file.click() } }, "Choose a picture");
  const thumbnail = h("div", { class: "thumbnail" });
  const name = h("span", { class: "name" });
  const facts = h("span", { class: "dim number" });
  const chip = h("span", { class: "from" });
  const line = h("p", { role: "status", hidden: true });
  let drawn = "";

  work.listen("source mask", () => {
    const { source, reading, region } = work;
    choose.textContent = source ? "Another…" : "Choose a picture";
    choose.disabled = Boolean(reading);
    name.textContent = straight(reading ? `Reading ${reading}` : (source?.title ?? "No picture yet"));
    name.title = source?.title ?? "";
    const masked = region ? `mask ${size(region.width, region.height)}` : "";
    facts.textContent = source
      ? [size(source.width, source.height), source.detail, masked].filter(Boolean).join(" · ")
      : "Drop one anywhere, or paste it";
    const wanted = source ? source.blob : "";
    if (drawn !== wanted) {
      drawn = wanted;
      fill(thumbnail, source && work.app.pictures.image(source.blob, 128, ""));
    }
    const { parent, before } = source ?? {};
    const back = before ? `Back to ${before.title}` : "Let go of it";
    fill(
      chip,
      parent && [
        h("span", { class: "chip", title: parent.label }, `from ${parent.label}`),
        h("button", { type: "button", class: "quiet", on: { click: () => work.stopIterating() } }, back),
      ],
    );
    chip.hidden = !parent;
    showLine(line, work.sourceLine);
  });

  const element = section(
    "Source",
    h("div", { class: "source" }, thumbnail, h("div", { class: "about" }, name, facts), choose, file),
    chip,
    line,
  );
  return { element, choose: () => file.click() };
}

/**
 * Pictures that are dropped anywhere or pasted become the source, unless a place for references takes them.
 * @param {Work} work @param {HTMLElement} root @param {AbortSignal} signal
 */
export function arrivals(work, root, signal) {
  let depth = 0;
  const over = (/** @type {boolean} */ now) => root.classList.toggle("dropping", now);
  const carries = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
  document.addEventListener(
    "dragenter",
    (event) => {
      if (!carries(event)) return;
      depth += 1;
      over(true);
    },
    { signal },
  );
  document.addEventListener(
    "dragleave",
    (event) => {
      if (!carries(event)) return;
      depth = Math.max(0, depth - 1);
      if (!depth) over(false);
    },
    { signal },
  );
  document.addEventListener(
    "dragover",
    (event) => {
      if (carries(event)) event.preventDefault();
    },
    { signal },
  );
  document.addEventListener(
    "drop",
    (event) => {
      depth = 0;
      over(false);
      const files = filesOf(event.dataTransfer);
      // A file that nobody takes would take the place of the page.
      if (files.length) event.preventDefault();
      if (files.length && !taken.has(event)) void work.load(files);
    },
    { signal },
  );
  document.addEventListener(
    "paste",
    (event) => {
      const files = filesOf(event.clipboardData);
      if (!files.length || taken.has(event)) return;
      event.preventDefault();
      announce("Pasted");
      void work.load(files);
    },
    { signal },
  );
}

/** Drops and pastes that a smaller place took. @type {WeakSet<Event>} */
const taken = new WeakSet();

/** @param {Event} event */
export function take(event) {
  taken.add(event);
  event.preventDefault();
}
