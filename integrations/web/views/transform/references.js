/**
 * Section 5: pictures that guide the change, in an order that counts; they come from files, by drop, by paste or from
 * the history, and a set of them is kept under a name for all editors.
 * @import { ReferenceSet } from "../../../typescript/protocol.ts"
 * @import { Reference } from "../../core/draft.js"
 * @import { Work } from "./work.js"
 */
import { announce, fill, h } from "../../core/dom.js";
import { failureLine, several } from "../../core/words.js";
import { filesOf, picker, press, section, showLine, signButton } from "../../core/parts.js";
import { pickFromHistory } from "./pick.js";
import { take } from "./source.js";

/** What a result or a thumbnail carries when it is dragged. */
export const DRAGGED = "application/x-easel-reference";
const MOVED = "application/x-easel-place";

/** @param {Work} work */
export function referenceSection(work) {
  const file = picker((files) => void addFiles(work, files, line), { several: true, name: "reference" });
  const list = h("ol", { class: "references", "aria-label": "References, in order" });
  const line = h("p", { role: "alert", hidden: true });
  const about = h("p", { class: "dim" });
  const sets = h("div", { class: "row sets" });
  const add = h("button", { type: "button", on: { click: () => file.click() } }, "Add files…");
  const past = h(
    "button",
    {
      type: "button",
      on: { click: press(() => void pickFromHistory(work.app, (reference) => addReference(work, reference))) },
    },
    "From the history…",
  );
  const element = section("References", about, list, h("div", { class: "row" }, add, past, file), sets, line);

  let drawn = "";
  work.listen("draft models", () => {
    const { references } = work.draft;
    const most = work.controls.references;
    if (!most && references.length)
      about.textContent = "None of the ticked models takes references: they are not sent.";
    else if (most) about.textContent = `Pictures that guide the style or a character, up to ${most}`;
    about.classList.toggle("warning", references.length > most);
    element.hidden = !most && !references.length;
    if (drawn !== JSON.stringify(references)) {
      drawn = JSON.stringify(references);
      const had = list.contains(document.activeElement)
        ? /** @type {HTMLElement} */ (document.activeElement).dataset.focus
        : undefined;
      fill(
        list,
        references.map((reference, index) => thumbnail(work, reference, index)),
      );
      if (had)
        /** @type {HTMLElement | null} */ (
          list.querySelector(`[data-focus="${had}"]`) ?? list.querySelector("button")
        )?.focus();
    }
    list.hidden = !references.length;
  });

  void setsRow(work, sets, line);
  element.addEventListener("dragover", (event) => {
    if (event.dataTransfer?.types.some((type) => type === DRAGGED || type === "Files")) event.preventDefault();
  });
  element.addEventListener("drop", (event) => {
    const dragged = event.dataTransfer?.getData(DRAGGED);
    const files = filesOf(event.dataTransfer);
    if (!dragged && !files.length) return;
    take(event);
    if (dragged) addReference(work, JSON.parse(dragged));
    else void addFiles(work, files, line);
  });
  // Whoever is among the references pastes one more.
  element.addEventListener("paste", (event) => {
    const files = filesOf(event.clipboardData);
    if (!files.length) return;
    take(event);
    void addFiles(work, files, line);
  });
  return element;
}

/** @param {Work} work @param {Reference} reference */
export function addReference(work, reference) {
  const { references } = work.draft;
  if (references.some(({ blob }) => blob === reference.blob)) return;
  work.set({ references: [...references, reference] });
  announce(`Reference ${references.length + 1}: ${reference.title}`);
}

/** @param {Work} work @param {File[]} files @param {HTMLElement} line */
async function addFiles(work, files, line) {
  showLine(line, null);
  for (const file of files) {
    try {
      const { id, picture } = await work.session.upload(file);
      addReference(work, {
        blob: id,
        title: file.name || "Pasted picture",
        width: picture?.width ?? 0,
        height: picture?.height ?? 0,
      });
    } catch (error) {
      const { text, hint } = failureLine(/** @type {Error} */ (error));
      showLine(line, { severity: "error", text: `${file.name}: ${text}`, hint });
    }
  }
}

/** @param {Work} work @param {Reference} reference @param {number} index */
function thumbnail(work, reference, index) {
  const { references } = work.draft;
  const name = `reference ${index + 1}, ${reference.title}`;
  const move = (/** @type {number} */ from, /** @type {number} */ to) => {
    const order = [...work.draft.references];
    const [moved] = order.splice(from, 1);
    if (!moved || to < 0 || to > order.length) return;
    order.splice(to, 0, moved);
    work.set({ references: order });
    announce(`${moved.title} is reference ${to + 1}`);
  };
  const remove = () => work.set({ references: work.draft.references.filter((_, at) => at !== index) });
  return h(
    "li",
    {
      draggable: "true",
      title: reference.title,
      on: {
        dragstart: (/** @type {DragEvent} */ event) => event.dataTransfer?.setData(MOVED, String(index)),
        dragover: (/** @type {DragEvent} */ event) =>
          event.dataTransfer?.types.includes(MOVED) && event.preventDefault(),
        drop: (/** @type {DragEvent} */ event) => {
          const from = event.dataTransfer?.getData(MOVED);
          if (!from) return;
          take(event);
          move(Number(from), index);
        },
      },
    },
    work.app.pictures.image(reference.blob, 128, `Reference ${index + 1}: ${reference.title}`),
    h(
      "div",
      { class: "order" },
      signButton("left", `Move ${name} forward`, () => move(index, index - 1), {
        disabled: index === 0,
        dataset: { focus: `left${index - 1}` },
      }),
      signButton("close", `Take out ${name}`, remove, { dataset: { focus: `out${index}` } }),
      signButton("right", `Move ${name} back`, () => move(index, index + 1), {
        disabled: index === references.length - 1,
        dataset: { focus: `right${index + 1}` },
      }),
    ),
  );
}

/** The named sets. @param {Work} work @param {HTMLElement} place @param {HTMLElement} line */
async function setsRow(work, place, line) {
  /** @type {ReferenceSet[]} */
  let sets = [];
  const use = () => {
    const set = sets.find(({ name }) => name === choose.value);
    remove.hidden = !set;
    if (!set) return;
    work.set({ references: set.references.map((it, index) => ({ ...it, title: `${set.name} ${index + 1}` })) });
    announce(`The set ${set.name}, ${several(set.references.length, "picture", "pictures")}`);
  };
  const load = async (/** @type {string} */ chosen) => {
    try {
      ({ sets } = await work.session.call("reference.list", {}));
    } catch {
      return;
    }
    fill(
      choose,
      h("option", { value: "" }, sets.length ? "Use a set…" : "No sets yet"),
      sets.map(({ name, references }) => h("option", { value: name }, `${name} (${references.length})`)),
    );
    choose.value = chosen;
    choose.disabled = !sets.length;
    remove.hidden = !choose.value;
  };
  /** @param {() => Promise<string>} act */
  const attempt = async (act) => {
    showLine(line, null);
    try {
      await load(await act());
    } catch (error) {
      showLine(line, { severity: "error", ...failureLine(/** @type {Error} */ (error)) });
    }
  };
  const save = (/** @type {Event} */ event) => {
    event.preventDefault();
    void attempt(async () => {
      const { name: saved } = await work.session.call("reference.save", {
        name: name.value,
        blobs: work.draft.references.map(({ blob }) => blob),
      });
      announce(`Saved the reference set ${saved}`);
      name.value = "";
      return saved;
    });
  };
  const forget = () =>
    void attempt(async () => (await work.session.call("reference.remove", { name: choose.value }), ""));
  const choose = h("select", { name: "set", "aria-label": "Reference set", on: { change: use } });
  const remove = h("button", { type: "button", class: "quiet", hidden: true, on: { click: forget } }, "Forget the set");
  const name = h("input", {
    type: "text",
    name: "set-name",
    required: true,
    maxlength: "100",
    placeholder: "Name of the set",
    "aria-label": "Name of the reference set",
  });
  const keep = h("form", { class: "row", on: { submit: save } }, name, h("button", { type: "submit" }, "Save as set"));
  fill(place, choose, remove, keep);
  work.listen("draft", () => (keep.hidden = !work.draft.references.length));
  await load("");
}
