/** What will be sent: the selected layers with what each is for, or the result that is iterated from. */
import { fill, h } from "../../../../web/core/dom.js";
import { Rows } from "../../../../web/core/rows.js";
import { size } from "../../../../web/core/words.js";
import { said } from "../../../../web/core/results.js";
import { section } from "../../../../web/core/parts.js";
import type { Sighted } from "../../messages.ts";
import type { Panel } from "../panel.ts";
import { ROLES, type Role } from "../roles.ts";
import type { Whole } from "./view.ts";

const THUMB = 192;

export function source({ panel, pictures }: Whole): HTMLElement {
  const list = h("ul", { class: "layers" });
  const rows = new Rows<Sighted>(list, ({ id }) => id, () => layer(panel));
  const instead = h("div", { class: "instead" });
  const line = h("p", { class: "line dim", role: "status" });
  panel.listen(["selection", "draft"], () => {
    const { parent, again, selection } = panel;
    instead.hidden = !parent && !again;
    list.hidden = !instead.hidden;
    if (again) {
      const { ask } = again.record;
      const leave = () => panel.iterate(null);
      const about = h("div", { class: "about" }, h("b", null, "Once more"), h("span", null, said(ask)), back(leave));
      fill(instead, thumb(pictures.image(ask.source, THUMB, "The source of that transform")), about);
    } else if (parent) {
      const { artifact, record, label } = parent;
      const facts = h("span", { class: "dim number" }, `${size(artifact.width, artifact.height)} px`);
      const name = h("span", null, `${label}: ${said(record.ask)}`);
      const about = h("div", { class: "about" }, h("b", null, "Iterating"), name, facts, back(() => panel.iterate(null)));
      fill(instead, thumb(pictures.image(artifact.blob, THUMB, "The result that is iterated from")), about);
    }
    rows.show(selection);
    line.textContent = selection.length || parent || again ? warning(panel) : "Select a frame, an image or a shape, say what should change.";
    line.hidden = !line.textContent;
    line.classList.toggle("warning", selection.length > 0);
  });
  return section("Source", instead, list, line);
}

function warning(panel: Panel): string {
  const { sight, parent, again } = panel;
  if (parent || again || !sight) return "";
  if (sight.problem) return [sight.problem.text, sight.problem.hint].filter(Boolean).join(". ");
  return panel.exporting(sight).note;
}

function back(run: () => void): HTMLElement {
  return h("button", { type: "button", class: "quiet", on: { click: run } }, "Back to layers");
}

function thumb(image: HTMLElement): HTMLElement {
  return h("div", { class: "thumb surround" }, image);
}

/** One selected layer: what it looks like, how large it is, what it is for. */
function layer(panel: Panel): { element: HTMLElement; update: (sight: Sighted) => void } {
  let own: Sighted | undefined;
  let address = "";
  const image = h("img", { alt: "", draggable: "false" });
  const name = h("b", { class: "name" });
  const facts = h("span", { class: "dim number" });
  const choice = h(
    "select",
    { on: { change: () => own && panel.assign(own.id, choice.value as Role) } },
    ROLES.map(([role, label]) => h("option", { value: role }, label)),
  );
  const element = h("li", { class: "layer" }, thumb(image), h("div", { class: "about" }, name, facts, choice));

  /** A small picture of its own; one that was painted on since is fetched again. */
  const show = async (sight: Sighted) => {
    try {
      const width = Math.max(1, Math.round(Math.min(THUMB, (THUMB * sight.box.width) / sight.box.height)));
      const { bytes } = await panel.bridge.call("export", { node: sight.id, width });
      if (own !== sight) return;
      const next = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: "image/png" }));
      image.onload = () => {
        if (address) URL.revokeObjectURL(address);
        address = next;
      };
      image.src = next;
    } catch {
      // Its problem is said below; whatever else keeps it from being sent is said when it is.
    }
  };

  const update = (sight: Sighted) => {
    const before = own;
    own = sight;
    name.textContent = sight.name;
    choice.setAttribute("aria-label", `What ${sight.name} is for`);
    image.alt = sight.name;
    const { width, height } = panel.exporting(sight);
    facts.textContent = sight.problem ? "" : `${size(width, height)} px`;
    choice.hidden = panel.selection.length < 2;
    const role = panel.roles.get(sight.id) ?? "none";
    choice.value = role;
    element.dataset.role = role;
    if (sight.problem) return;
    if (!before) void show(sight);
    else if (before !== sight) setTimeout(() => own === sight && void show(sight), 400);
  };
  return { element, update };
}
