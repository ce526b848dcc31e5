/** The menu of recipes; one that is chosen decides everything but the source. */
import { fill, h } from "../../../../web/core/dom.js";
import { section } from "../../../../web/core/parts.js";
import type { Panel } from "../panel.ts";
import { recipeAbout, recipeNote } from "../recipes.ts";

const NONE = "None: what is set below";

export function recipe(panel: Panel): HTMLElement {
  const choose = h("select", { name: "recipe", "aria-label": "Recipe", on: { change: () => panel.set({ recipe: choose.value || null }) } });
  const about = h("p", { class: "line dim" });
  const element = section("Recipe", choose, about);
  panel.listen(["recipes", "draft"], () => {
    const { recipes, draft, recipe } = panel;
    const listed = recipes?.recipes ?? [];
    const options = listed.map((it) => h("option", { value: it.name, disabled: Boolean(it.failure) }, `${it.title} · ${recipeNote(it)}`));
    // Its file may be gone since it was chosen.
    const missing = draft.recipe !== null && !recipe ? [h("option", { value: draft.recipe }, draft.recipe)] : [];
    fill(choose, h("option", { value: "" }, NONE), options, missing);
    choose.value = draft.recipe ?? "";
    about.textContent = recipe ? recipeAbout(recipe, panel.label) : "";
    about.hidden = !recipe;
    element.hidden = !listed.length && draft.recipe === null;
  });
  return element;
}
