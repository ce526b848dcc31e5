/** What a recipe's run has made, and how it is spoken of. Pure. */
import type { Margins, RecipeRecord, RunRecord, TransformRecord } from "../../../typescript/protocol.ts";
import { failureLine, intentLabel, money, several, shortened } from "../../../web/core/words.js";
import type { Piece } from "./bring.ts";

/** What a run gave, as pieces whose names say the values that they were made with. */
export function piecesOfRun(record: RunRecord, transforms: TransformRecord[], label: (model: string) => string): Piece[] {
  return record.results.flatMap(({ artifact, axes, model }) => {
    const own = transforms.find(({ jobs }) => jobs.some(({ id }) => id === artifact.job));
    const job = own?.jobs.find(({ id }) => id === artifact.job);
    if (!own || !job) return [];
    // An axis may be the model itself.
    const values = Object.values(axes).filter((value) => value.split(",")[0]?.trim() !== model);
    return [{ record: own, job, artifact, label: [...values.map((value) => shortened(value, 48)), label(model)].join(" · ") }];
  });
}

/** A transform's key says where in the run it belongs. */
const STEP = /^r[0-9a-f]{32}\.(\d+)\.(\d+)\.(?!mask)/;

/** By how much the picture has grown by the end of a step, all steps before it included. */
export function growthOf({ record }: Piece, transforms: TransformRecord[]): Required<Margins> {
  const [, cell, last] = STEP.exec(record.key) ?? [];
  const grown = { top: 0, right: 0, bottom: 0, left: 0 };
  for (const { key, ask, jobs } of transforms) {
    const [, other, step] = STEP.exec(key) ?? [];
    if (other === undefined || other !== cell || Number(step) > Number(last) || !ask.expand || !jobs.some(({ artifacts }) => artifacts.length)) continue;
    for (const side of ["top", "right", "bottom", "left"] as const) grown[side] += ask.expand[side] ?? 0;
  }
  return grown;
}

/** Steps, pictures and price in a few words; or why it cannot run. */
export function recipeNote({ failure, intents, results, price }: RecipeRecord): string {
  if (failure) return failureLine(failure).text;
  const costs = price.filter(({ amount }) => amount).map(({ amount, currency }) => money(amount, currency));
  return [several(intents.length, "step", "steps"), several(results, "picture", "pictures"), costs.join(" + ") || "free"].join(" · ");
}

/** What it is for, the intents in order, the models. */
export function recipeAbout({ description, intents, models }: RecipeRecord, label: (model: string) => string): string {
  const said = (description ?? "").split(/\s+/).filter(Boolean).join(" ");
  const steps = intents.map(intentLabel).join(" → ");
  const names = [...new Set(models.map((model) => (model.startsWith("auto") ? model.replace(/^auto:?/, "Auto by ").replace(/ by $/, "") : label(model))))];
  const does = [steps, names.join(", ")].filter(Boolean).join(" · ");
  return [said && (/[.!?…]$/.test(said) ? said : `${said}.`), does].filter(Boolean).join(" ");
}
