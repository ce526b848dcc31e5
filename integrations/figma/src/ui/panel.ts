/**
 * What a person is about to do in Figma: the selected layers and their roles, the settings, the models that could do it
 * and what they would cost. The parts of the view show it, change it by its methods, and listen for what changed.
 */
import type { Advice, Ask, AskShape, Keep, ModelEntry, RecipeList, RecipeRecord, TransformRecord } from "../../../typescript/protocol.ts";
import { pause, type Session } from "../../../web/core/wire.js";
import { failureLine, money, several } from "../../../web/core/words.js";
import { NO_CONTROLS, compare, controlsOf, rowsOf, tickedOf, type Controls, type Row } from "../../../web/core/advice.js";
import { AUTO, askOf, keptOf, withChanges, type Draft, type Reference } from "../../../web/core/draft.js";
import type { Box, Sighted } from "../messages.ts";
import type { Bridge } from "./bridge.ts";
import type { Piece } from "./bring.ts";
import type { Settings } from "./kept.ts";
import { assigned, rolesOf, type Role } from "./roles.ts";
import { exporting, type Exporting } from "./size.ts";
import { Teller } from "./teller.ts";

export const CLIENT = "figma";

/** Before prices are asked for anew things settle; and before they are asked for again where there was no answer. */
const SETTLED_MS = 200;
const AGAIN_MS = 2000;
/** Between two times that settings are kept. */
const KEEP_MS = 300;
/** Stands for pictures that were not sent yet. */
const NOT_SENT = "0".repeat(64);
const UNKNOWN_SIDE = 1024;
/** References guide: more pixels than this only take time. */
export const REFERENCE_SIDE = 2048;

/** What would be sent if the button were pressed now. */
export interface Source {
  title: string;
  width: number;
  height: number;
}

export class Panel extends Teller {
  selection: Sighted[] = [];
  roles = new Map<string, Role>();
  /** The result that the next transform goes on from, in the place of a layer. */
  parent: Piece | null = null;
  /** A transform that is asked for once more, as it was. */
  again: { record: TransformRecord; price: string } | null = null;
  entries: ModelEntry[] = [];
  rows: Row[] = [];
  controls: Controls = NO_CONTROLS;
  recipes: RecipeList | null = null;
  /** Something runs, which the button cancels. */
  busy = false;

  #chosen = new Map<string, Role>();
  #keeping: Promise<void> | undefined;
  #advice: Advice | undefined;
  #advisedFor = "";

  constructor(
    readonly session: Session,
    readonly bridge: Bridge,
    public settings: Settings,
    /** The document's id, empty where nothing was transformed in it. */
    public document: string,
  ) {
    super();
  }

  label = (model: string): string => this.entries.find(({ record }) => record.id === model)?.record.label ?? model;

  // Settings.

  get draft(): Draft {
    return this.settings.draft;
  }

  set(changes: Partial<Draft>): void {
    const before = this.draft;
    const draft = withChanges(before, changes);
    if (draft.intent !== before.intent && this.entries.length) {
      // Another intent is another list of models: those that do not serve it lose their tick.
      const serves = (id: string) => id === AUTO || this.entries.some(({ record }) => record.id === id && record.intents.includes(draft.intent));
      const named = draft.models.filter(serves);
      draft.models = named.length ? named : [AUTO];
    }
    this.again = null;
    this.keep({ draft });
    this.changed("draft");
    this.#list();
    this.adviseSoon();
  }

  /** Ticks a model, or takes the tick away; several are a comparison. */
  tick(id: string, on: boolean): void {
    const others = this.draft.models.filter((model) => model !== id);
    this.set({ models: on ? [...others, id] : others });
  }

  /** Kept at once, and while many changes come, now and then. */
  keep(changes: Partial<Settings>): void {
    this.settings = { ...this.settings, ...changes };
    if (this.#keeping) return;
    const kept = this.settings;
    this.#keeping = this.bridge.call("keep", { name: "settings", value: kept }).then(
      () => pause(KEEP_MS),
      (error) => this.fail(error),
    );
    void this.#keeping.then(() => {
      this.#keeping = undefined;
      if (this.settings !== kept) this.keep({});
    });
  }

  // The selection.

  select(selection: Sighted[]): void {
    this.selection = selection;
    const selected = new Set(selection.map(({ id }) => id));
    for (const id of this.#chosen.keys()) if (!selected.has(id)) this.#chosen.delete(id);
    this.roles = rolesOf(selection, this.#chosen);
    this.changed("selection");
    this.#list();
    this.adviseSoon();
  }

  assign(id: string, role: Role): void {
    this.roles = assigned(this.roles, id, role);
    this.#chosen = new Map(this.roles);
    this.changed("selection");
    this.#list();
    this.adviseSoon();
  }

  with(role: Role): Sighted[] {
    return this.selection.filter(({ id }) => this.roles.get(id) === role);
  }

  get sight(): Sighted | undefined {
    return this.with("source")[0];
  }

  get maskSight(): Sighted | undefined {
    return this.parent ? undefined : this.with("mask")[0];
  }

  get source(): Source | null {
    if (this.parent) {
      const { artifact, record, label } = this.parent;
      return { title: record.ask.title ?? label, width: artifact.width, height: artifact.height };
    }
    const { sight } = this;
    return sight && !sight.problem ? { title: sight.name, ...this.exporting(sight) } : null;
  }

  exporting(sight: Sighted): Exporting {
    return exporting(sight, this.settings.large);
  }

  /** Makes a result the source of the next transform, or goes back to the layers. */
  iterate(piece: Piece | null): void {
    this.parent = piece;
    this.again = null;
    this.changed("selection");
    this.#list();
    this.adviseSoon();
  }

  /** What the mask covers of the source, about: only its pixels know it exactly. */
  get region(): Box | null {
    const { sight, maskSight, source } = this;
    if (!sight || !maskSight || !source) return null;
    const { box } = sight;
    const scale = source.width / box.width;
    const left = Math.max(0, Math.floor((maskSight.box.x - box.x) * scale));
    const top = Math.max(0, Math.floor((maskSight.box.y - box.y) * scale));
    const right = Math.min(source.width, Math.ceil((maskSight.box.x + maskSight.box.width - box.x) * scale));
    const bottom = Math.min(source.height, Math.ceil((maskSight.box.y + maskSight.box.height - box.y) * scale));
    return right > left && bottom > top ? { x: left, y: top, width: right - left, height: bottom - top } : null;
  }

  /** Selected references and those that were kept, as shapes for a price. */
  get references(): { width: number; height: number }[] {
    const selected = this.with("reference").filter(({ problem }) => !problem);
    return [
      ...selected.map((sight) => referenceSize(this.exporting(sight))),
      ...this.draft.references.map(({ width, height }) => ({ width: width || UNKNOWN_SIDE, height: height || UNKNOWN_SIDE })),
    ];
  }

  // Models, advice, price.

  /** Asks which models and recipes there are. */
  async load(): Promise<void> {
    try {
      const [{ models }, recipes] = await Promise.all([this.session.call("model.list", {}), this.session.call("recipe.list", {})]);
      this.entries = models;
      this.recipes = recipes;
      this.#advisedFor = "";
      // What was made before bears the models' names.
      this.changed("recipes", "results");
      this.#list();
      await this.advise();
    } catch {
      // Whatever needs the daemon says what is wrong with it; once it is back, this is asked again.
    }
  }

  #list(): void {
    const { source, entries, draft } = this;
    const megapixels = source ? (source.width * source.height) / 1e6 : 0;
    this.rows = rowsOf(entries, this.#advice, draft, megapixels);
    this.controls = controlsOf(entries, this.rows, draft);
    this.changed("models");
  }

  adviseSoon(): void {
    this.soon("advice", SETTLED_MS, () => void this.advise());
  }

  /** Asks what each model would do with what is wished, and what the ticked ones would do with what they understand. */
  async advise(): Promise<void> {
    const { draft, source, controls } = this;
    if (!source || !this.entries.length) return;
    const effective = this.effective();
    const { width, height } = source;
    const about = { source: NOT_SENT, width, height, title: source.title };
    const keep = draft.keep ?? [];
    // What the intent merely suggests is left out where a model cannot be told.
    const wished = { ...effective, styles: draft.styles, references: draft.references, models: [AUTO], prefer: "balance" as const };
    const named = draft.models.filter((model) => model !== AUTO);
    const sent = controls.references ? this.references : [];
    const ask = this.#with(askOf(wished, { ...about, keep }), this.references.length);
    const planned = this.#with(askOf({ ...effective, models: named }, { ...about, keep: keep.filter((it) => controls.keep.has(it)) }), sent.length);
    const [shape, sentShape] = [this.#shape(this.references), this.#shape(sent)];
    const prefer = draft.prefer;
    const asked = JSON.stringify([ask, planned, shape, sentShape, prefer]);
    if (asked === this.#advisedFor && this.#advice) return;
    this.#advisedFor = asked;
    try {
      const advice = await this.session.call("model.advise", { ask, shape, prefer });
      if (named.length) {
        // A reference is for those that take one: what hinders a model need not hinder it in a comparison.
        compare(advice, await this.session.call("transform.plan", { ask: planned, shape: sentShape }));
      }
      if (this.#advisedFor !== asked) return;
      this.#advice = advice;
      this.#list();
    } catch {
      this.#advisedFor = "";
      this.soon("advice", AGAIN_MS, () => void this.advise());
    }
  }

  #with(ask: Ask, references: number): Ask {
    const { references: _, ...rest } = ask;
    return { ...rest, client: CLIENT, ...(references ? { references: Array.from({ length: references }, () => NOT_SENT) } : {}) };
  }

  #shape(references: { width: number; height: number }[]): AskShape {
    const { source, region } = this;
    return {
      width: source?.width ?? 1,
      height: source?.height ?? 1,
      references: references.map(({ width, height }) => [width, height]),
      ...(region ? { mask: region } : {}),
    };
  }

  /** The settings as far as the ticked models understand them: what is not offered any more hinders nobody. */
  effective(): Draft {
    const { draft, controls } = this;
    const params: Record<string, unknown> = {};
    for (const { record } of this.entries) {
      // A parameter belongs to its model: another one must not refuse the ask for it.
      for (const { name } of record.params ?? []) if (name in draft.params) params[`${record.id}:${name}`] = draft.params[name];
    }
    const styles = Object.entries(draft.styles).filter(([name]) => controls.styles.some((style) => style.name === name));
    return {
      ...draft,
      strength: controls.strength ? draft.strength : null,
      seed: controls.seed ? draft.seed : null,
      count: draft.count ? Math.min(draft.count, controls.maxCount) : null,
      size: controls.sizes.some(({ name }) => name === draft.size) ? draft.size : null,
      scale: controls.scales.includes(draft.scale) ? draft.scale : 1,
      styles: Object.fromEntries(styles),
      params,
      references: controls.references ? draft.references : [],
    };
  }

  kept(): Keep[] {
    return keptOf(this.draft, this.controls.keep);
  }

  get ticked(): Row[] {
    return tickedOf(this.rows, this.draft);
  }

  get recipe(): RecipeRecord | null {
    return this.recipes?.recipes.find(({ name }) => name === this.draft.recipe) ?? null;
  }

  addReference(reference: Reference): void {
    if (this.draft.references.every(({ blob }) => blob !== reference.blob)) this.set({ references: [...this.draft.references, reference] });
  }

  /** What the one button says, and why it cannot be pressed where it cannot. */
  get button(): { label: string; reason: string } {
    const { again, recipe } = this;
    if (again) return { label: ["Re-run", again.price].filter((it) => it && it !== "free").join(" · "), reason: "" };
    if (this.draft.recipe !== null) {
      const price = recipe?.price.filter(({ amount }) => amount).map(({ amount, currency }) => money(amount, currency)).join(" + ");
      const pictures = recipe?.results ? several(recipe.results, "picture", "pictures") : "";
      const label = ["Run recipe", pictures, price].filter(Boolean).join(" · ");
      const broken = recipe ? recipe.failure && failureLine(recipe.failure).text : "The recipe is not there any more";
      return { label, reason: this.#unsendable() || broken || "" };
    }
    const rows = this.ticked;
    const currencies = new Set(rows.filter(({ cost }) => cost).map(({ currency }) => currency));
    const [currency] = currencies;
    const price = currencies.size === 1 && currency ? money(rows.reduce((sum, { cost }) => sum + cost, 0), currency) : "";
    const label = ["Transform", rows.length > 1 ? `${rows.length} models` : "", price].filter(Boolean).join(" · ");
    const first = rows.find(({ reason }) => reason);
    const reason = this.#unsendable() || (rows.length ? "" : "Tick a model") || (first ? `${first.label}: ${first.reason}` : "");
    return { label, reason };
  }

  /** Why there is nothing to send. */
  #unsendable(): string {
    if (this.parent) return "";
    const { sight, maskSight } = this;
    if (!sight) return "Select a frame, an image or a shape";
    if (sight.problem) return sight.problem.text;
    if (!maskSight) return "";
    if (maskSight.problem) return maskSight.problem.text;
    if (maskSight.within.includes(sight.id)) return `${maskSight.name} lies in ${sight.name} and would be in the picture`;
    return this.region ? "" : `${maskSight.name} does not lie over ${sight.name}`;
  }
}

/** What a reference is scaled to. */
export function referenceSize({ width, height }: { width: number; height: number }): { width: number; height: number } {
  const scale = Math.min(1, REFERENCE_SIDE / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
