/**
 * Before anything is sent: which models could do what is set, and what it would cost; the ask, and what the button says.
 * @import { Advice, Ask, AskShape, Keep, RecipeList, Region } from "../../../typescript/protocol.ts"
 * @import { Controls, Row } from "../../core/advice.js"
 * @import { Draft, Reference } from "../../core/draft.js"
 */
import { failureLine, money, several } from "../../core/words.js";
import { NO_CONTROLS, compare, controlsOf, rowsOf, tickedOf } from "../../core/advice.js";
import { AUTO, askOf, keptOf, marginsOf } from "../../core/draft.js";
import { Sheet } from "./sheet.js";

/** Before prices are asked for again where there was no answer. */
const AGAIN_MS = 2000;
/** A reference whose size nobody knows is taken to be so large. */
const UNKNOWN_SIDE = 1024;
/** Stands for pictures that were not sent yet. */
const NOT_SENT = "0".repeat(64);

export class Work extends Sheet {
  /** @type {Advice | undefined} */
  #advice;
  #advisedFor = "";
  /** @type {Row[]} */
  rows = [];
  /** @type {Controls} */
  controls = NO_CONTROLS;
  /** @type {RecipeList | null} */
  recipes = null;

  /** Asks which models and recipes there are; `anew`, although it was asked before. @param {boolean} [anew] */
  async list(anew = false) {
    try {
      const [entries, recipes] = await Promise.all([this.app.models(anew), this.session.call("recipe.list", {})]);
      this.entries = entries;
      this.recipes = recipes;
      this.#advisedFor = "";
      this.changed("recipes");
      this.relist();
      await this.advise();
    } catch {
      // Whatever needs the daemon says what is wrong with it; once it is back, this is asked again.
    }
  }

  /** @override */
  relist() {
    const { source, entries, draft } = this;
    const megapixels = source ? (source.width * source.height) / 1e6 : 0;
    this.rows = rowsOf(entries, this.#advice, draft, megapixels);
    this.controls = controlsOf(entries, this.rows, draft);
    this.changed("models");
  }

  /**
   * Asks what each model would do with what is wished, and what the ticked ones would do with what they understand.
   * @override
   */
  async advise() {
    const { draft, source, controls } = this;
    if (!source || !this.entries.length || this.isClosed) return;
    const effective = this.effective();
    const { width, height } = source;
    const about = { source: NOT_SENT, width, height, title: source.title };
    // What the intent merely suggests is left out where a model cannot be told.
    const keep = draft.keep ?? [];
    const wished = { ...effective, styles: draft.styles, references: draft.references, models: [AUTO], prefer: FAIR };
    const ask = askOf(wished, { ...about, keep });
    const named = draft.models.filter((model) => model !== AUTO);
    const planned = askOf(
      { ...effective, models: named },
      { ...about, keep: keep.filter((it) => controls.keep.has(it)) },
    );
    const shape = this.#shape(draft.references);
    const prefer = draft.prefer;
    const asked = JSON.stringify([ask, planned, shape, prefer]);
    if (asked === this.#advisedFor && this.#advice) return;
    this.#advisedFor = asked;
    try {
      const advice = await this.session.call("model.advise", { ask, shape, prefer });
      if (named.length) {
        // A style or a reference is for those that take one: what hinders a model need not hinder it in a comparison.
        compare(
          advice,
          await this.session.call("transform.plan", { ask: planned, shape: this.#shape(effective.references) }),
        );
      }
      if (this.#advisedFor !== asked) return;
      this.#advice = advice;
      this.relist();
    } catch {
      this.#advisedFor = "";
      this.soon("advice", AGAIN_MS, () => void this.advise());
    }
  }

  /** @param {Reference[]} references @returns {AskShape} */
  #shape(references) {
    const { source, region } = this;
    return {
      width: source?.width ?? 1,
      height: source?.height ?? 1,
      references: references.map((it) => [it.width || UNKNOWN_SIDE, it.height || UNKNOWN_SIDE]),
      ...(region ? { mask: region } : {}),
    };
  }

  /**
   * The settings as far as the ticked models understand them: what is not offered any more hinders nobody.
   * @returns {Draft}
   */
  effective() {
    const { draft, controls } = this;
    /** @type {Record<string, unknown>} */
    const params = {};
    for (const { record } of this.entries) {
      // A parameter belongs to its model: another one must not refuse the ask for it.
      for (const { name } of record.params ?? [])
        if (name in draft.params) params[`${record.id}:${name}`] = draft.params[name];
    }
    const styles = Object.entries(draft.styles).filter(([name]) =>
      controls.styles.some((style) => style.name === name),
    );
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

  /** @returns {Keep[]} */
  kept() {
    return keptOf(this.draft, this.controls.keep);
  }

  /** The ask as it is sent, made now: what is changed meanwhile is for the next one.
   * @returns {Ask} */
  ask() {
    const { source } = this;
    if (!source) throw new Error("there is no source");
    const { blob, width, height, title, parent } = source;
    const effective = this.effective();
    const { models } = this.draft;
    // `auto` may be any of them.
    const asked = Object.entries(effective.params).filter(
      ([name]) => models.includes(AUTO) || models.includes(name.split(":")[0] ?? ""),
    );
    return askOf(
      { ...effective, params: Object.fromEntries(asked) },
      { source: blob, width, height, title, keep: this.kept(), parent: parent?.artifact },
    );
  }

  /** Where the picture would grow to, for those who look at it. @returns {Region | null} */
  get grown() {
    const { source, draft } = this;
    if (!source || draft.intent !== "expand" || draft.recipe !== null || this.shown) return null;
    const { top, right, bottom, left } = marginsOf(draft, source.width, source.height);
    return { x: -left, y: -top, width: source.width + left + right, height: source.height + top + bottom };
  }

  // The button.

  get recipe() {
    return this.recipes?.recipes.find(({ name }) => name === this.draft.recipe) ?? null;
  }

  /** What the one button says, and why it cannot be pressed. @returns {{ label: string, reason: string }} */
  get button() {
    return this.draft.recipe === null ? this.#transformButton() : this.#recipeButton();
  }

  #transformButton() {
    const rows = tickedOf(this.rows, this.draft);
    const parts = ["Transform"];
    if (rows.length > 1) parts.push(`${rows.length} models`);
    const currencies = new Set(rows.filter(({ cost }) => cost).map(({ currency }) => currency));
    const [currency] = currencies;
    if (currency && currencies.size === 1)
      parts.push(
        money(
          rows.reduce((sum, { cost }) => sum + cost, 0),
          currency,
        ),
      );
    const hindered = rows.find(({ reason }) => reason);
    let reason = this.#unsendable();
    if (!reason && !rows.length) reason = "Tick a model";
    // For `auto` it is the reason of the first that could, which helps more than that none can.
    if (!reason && hindered)
      reason = (hindered.id === AUTO && hindered.limitation) || `${hindered.label}: ${hindered.reason}`;
    return { label: parts.join(" · "), reason };
  }

  #recipeButton() {
    const { recipe } = this;
    const parts = ["Run recipe"];
    if (recipe?.results) parts.push(several(recipe.results, "picture", "pictures"));
    const price = priceOf(recipe?.price ?? []);
    if (price) parts.push(price);
    let reason = this.#unsendable();
    if (!reason && !recipe) reason = this.recipes ? "The recipe is not there any more" : "The recipes are being listed";
    if (!reason && recipe?.failure) reason = failureLine(recipe.failure).text;
    return { label: parts.join(" · "), reason };
  }

  /** Why there is no source to send, or nobody to send it to. */
  #unsendable() {
    if (this.reading) return `Reading ${this.reading}`;
    if (!this.source) return "Choose a picture, say what should change";
    if (!this.app.up) return "The daemon is away";
    return this.entries.length ? "" : "The models are being listed";
  }
}

/** The preference of a question is asked beside it, not as part of a model's name. */
const FAIR = /** @type {const} */ ("balance");

/** @param {{ amount: number, currency: string }[]} price */
export function priceOf(price) {
  return price
    .filter(({ amount }) => amount)
    .map(({ amount, currency }) => money(amount, currency))
    .join(" + ");
}
