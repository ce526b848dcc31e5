/**
 * The menu of recipes: files that say everything but the source. The first entry is none of them.
 * @import { RecipeRecord } from "../../../typescript/protocol.ts"
 * @import { Work } from "./work.js"
 */
import { fill, h } from "../../core/dom.js";
import { failureLine, intentLabel, several } from "../../core/words.js";
import { section } from "../../core/parts.js";
import { priceOf } from "./work.js";

const NONE = "None: what is set below";

/** @param {Work} work */
export function recipeSection(work) {
  const choose = h("select", {
    name: "recipe",
    "aria-label": "Recipe",
    on: { change: () => work.set({ recipe: choose.value || null }) },
  });
  const about = h("div", { class: "recipe-about" });
  const element = section("Recipe", choose, about);
  element.classList.add("recipe");
  let offered = "";
  work.listen("draft recipes models", () => {
    const { recipes, draft, recipe } = work;
    const known = recipes?.recipes ?? [];
    const names = JSON.stringify([known, draft.recipe]);
    if (offered !== names) {
      offered = names;
      const missing = draft.recipe !== null && !recipe ? [h("option", { value: draft.recipe }, draft.recipe)] : [];
      fill(
        choose,
        h("option", { value: "" }, NONE),
        known.map((it) =>
          h(
            "option",
            { value: it.name, disabled: Boolean(it.failure) && it.name !== draft.recipe },
            `${it.title} · ${it.failure ? failureLine(it.failure).text : noteOf(it)}`,
          ),
        ),
        missing,
      );
      choose.value = draft.recipe ?? "";
    }
    // Where there is none, nothing is chosen either: the section teaches once how to make one.
    choose.hidden = !known.length && draft.recipe === null;
    if (recipes && !known.length) {
      fill(about, h("p", { class: "dim" }, "None yet: ", h("code", null, "easel recipe new --shared"), " writes one"));
    } else {
      fill(about, recipe && aboutOf(work, recipe));
    }
    about.hidden = !about.childElementCount;
    element.hidden = !recipes;
  });
  return element;
}

/** Steps, pictures and price in a few words. @param {RecipeRecord} recipe */
function noteOf({ intents, results, price }) {
  return [
    several(intents.length, "step", "steps"),
    several(results, "picture", "pictures"),
    priceOf(price) || "free",
  ].join(" · ");
}

/** What it is for, its steps in order and who does them. @param {Work} work @param {RecipeRecord} recipe */
function aboutOf(work, recipe) {
  const named = recipe.models.map((model) => {
    // `auto:price` is what `auto` is in the list of models, with what it looks at.
    const [name = "", by] = model.split(":");
    return name === "auto" ? `Auto${by ? ` by ${by}` : ""}` : work.app.label(model);
  });
  const failure = recipe.failure && failureLine(recipe.failure);
  const said = recipe.description?.replaceAll(/\s+/g, " ").trim();
  return [
    said && h("p", null, /[.!?…]$/.test(said) ? said : `${said}.`),
    h("p", { class: "dim" }, `${recipe.intents.map(intentLabel).join(" → ")} · ${[...new Set(named)].join(", ")}`),
    h("p", { class: "dim number" }, noteOf(recipe)),
    failure && h("p", { class: "failure" }, `${failure.text}. ${failure.hint}`),
  ];
}
