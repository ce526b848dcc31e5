/** Pictures that guide the change: further selected layers, and those that were kept; by name as a set for all editors. */
import type { ReferenceSet } from "../../../../typescript/protocol.ts";
import { fill, h } from "../../../../web/core/dom.js";
import { section } from "../../../../web/core/parts.js";
import type { Reference } from "../../../../web/core/draft.js";
import { asking } from "../asking.ts";
import { sendReference } from "../sending.ts";
import type { Whole } from "./view.ts";

export function references({ panel, pictures }: Whole): HTMLElement {
  const list = h("ol", { class: "references", "aria-label": "Kept references" });
  const line = h("p", { class: "line dim" });
  const keep = h("button", { type: "button", on: { click: () => void keepSelected() } }, "Keep the selected ones");
  const sets = h("select", { "aria-label": "Reference set", on: { change: () => use(sets.value) } });
  const name = h("input", { "aria-label": "Name of the set", placeholder: "Name of the set", maxlength: "100" });
  const save = h("button", null, "Save as set");
  const naming = h("div", { class: "row" }, name, save);
  const element = section("References", list, line, h("div", { class: "row" }, keep, sets), naming);
  let known: ReferenceSet[] = [];

  const keepSelected = async () => {
    keep.disabled = true;
    try {
      for (const sight of panel.with("reference").filter(({ problem }) => !problem)) panel.addReference(await sendReference(panel, sight));
    } catch (error) {
      panel.fail(error);
    }
    keep.disabled = false;
  };

  const move = (from: number, to: number) => {
    const order = [...panel.draft.references];
    const [taken] = order.splice(from, 1);
    if (!taken || to < 0 || to > order.length) return;
    order.splice(to, 0, taken);
    panel.set({ references: order });
    const button = list.children[to]?.querySelector("button");
    button?.focus();
  };

  const one = ({ blob, title }: Reference, index: number) => {
    const keys = ({ key }: KeyboardEvent) => {
      if (key === "ArrowLeft") move(index, index - 1);
      if (key === "ArrowRight") move(index, index + 1);
    };
    const remove = () => panel.set({ references: panel.draft.references.filter((_, at) => at !== index) });
    const named = { type: "button", class: "quiet remove", "aria-label": `Take ${title} out; left and right move it`, title: `Take ${title} out` };
    return h(
      "li",
      {
        draggable: "true",
        on: {
          dragstart: (event: DragEvent) => event.dataTransfer?.setData("text/x-easel-reference", String(index)),
          dragover: (event: DragEvent) => event.dataTransfer?.types.includes("text/x-easel-reference") && event.preventDefault(),
          drop: (event: DragEvent) => {
            event.preventDefault();
            move(Number(event.dataTransfer?.getData("text/x-easel-reference")), index);
          },
          keydown: keys,
        },
      },
      h("div", { class: "thumb surround" }, pictures.image(blob, 96, title)),
      h("button", { ...named, on: { click: remove } }, "×"),
    );
  };

  const use = (wanted: string) => {
    const set = known.find((it) => it.name === wanted);
    sets.value = "";
    if (set) panel.set({ references: set.references.map((it, index) => ({ ...it, title: `${set.name} ${index + 1}` })) });
  };

  const saveSet = async () => {
    const wanted = name.value.trim();
    if (!wanted) return name.focus();
    try {
      await panel.session.call("reference.save", { name: wanted, blobs: panel.draft.references.map(({ blob }) => blob) });
      name.value = "";
      panel.say({ severity: "info", text: `Saved the reference set ${wanted}` });
      await load();
    } catch (error) {
      panel.fail(error);
    }
  };

  asking(name, save, () => void saveSet());

  const load = async () => {
    known = (await panel.session.call("reference.list", {})).sets;
    panel.changed("sets");
  };
  load().catch(() => {
    // Whatever needs the daemon says what is wrong with it.
  });

  let shown = "";
  panel.listen(["draft", "models", "selection", "sets"], () => {
    const { draft, controls } = panel;
    const order = draft.references.map(({ blob }) => blob).join();
    if (order !== shown || list.children.length !== draft.references.length) fill(list, draft.references.map(one));
    shown = order;
    list.hidden = !draft.references.length;
    const selected = panel.with("reference").length;
    const all = selected + draft.references.length;
    if (!controls.references) line.textContent = all ? "No ticked model takes references." : "";
    else if (all > controls.references) line.textContent = `The ticked models take ${controls.references} at most.`;
    else line.textContent = all ? "" : "Select further layers: they guide the change.";
    line.hidden = !line.textContent;
    keep.hidden = !selected;
    fill(sets, h("option", { value: "" }, "Use a set…"), known.map((set) => h("option", { value: set.name }, set.name)));
    sets.hidden = !known.length;
    naming.hidden = !draft.references.length;
    element.classList.toggle("unused", !controls.references && !all);
  });
  return element;
}
