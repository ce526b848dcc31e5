/** A dialog of pictures that were made before, of which one is chosen. */
import { fill, h } from "../../core/dom.js";
import { failureLine, shortened } from "../../core/words.js";
import { resultsOf } from "./made.js";

const PAGE = 60;

/** @param {import("../../core/app.js").App} app @param {(reference: import("../../core/draft.js").Reference) => void} take */
export async function pickFromHistory(app, take) {
  const place = h("div", { class: "pick" }, h("p", { class: "dim" }, "Looking…"));
  const dialog = h(
    "dialog",
    { class: "pick-dialog", "aria-labelledby": "pick-title", on: { close: () => dialog.remove() } },
    h("h2", { id: "pick-title" }, "From the history"),
    place,
    h("button", { type: "button", on: { click: () => dialog.close() } }, "Close"),
  );
  document.body.append(dialog);
  dialog.showModal();
  try {
    const { transforms } = await app.session.call("transform.list", { limit: PAGE });
    const made = transforms.flatMap((record) => resultsOf(record, (model) => app.label(model)));
    const pictures = made.flatMap(({ artifact, label, title }) => {
      if (!artifact) return [];
      const { blob, width, height } = artifact;
      const name = shortened(`${label}: ${title}`, 60);
      const choose = () => {
        take({ blob, title: name, width, height });
        dialog.close();
      };
      return [
        h(
          "button",
          { type: "button", class: "quiet", title: name, on: { click: choose } },
          app.pictures.image(blob, 192, name),
        ),
      ];
    });
    fill(place, pictures.length ? pictures : h("p", { class: "dim" }, "Nothing was made yet."));
  } catch (error) {
    fill(place, h("p", { class: "failure" }, failureLine(/** @type {Error} */ (error)).text));
  }
}
