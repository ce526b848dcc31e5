/**
 * What a person is about to do: the source, its mask, the settings, the models that could do it and what they would
 * cost. The parts of the view show it, change it by its methods, and listen for what changed.
 * @import { Advice, Ask, AskShape, BlobId, Keep, ModelEntry, RecipeList, Region } from "../../../typescript/protocol.ts"
 * @import { App } from "../../core/app.js"
 * @import { Controls, Row } from "./advice.js"
 * @import { Draft, Reference } from "./draft.js"
 * @import { Result } from "./made.js"
 */
import { settings } from "../../core/app.js";
import { failureLine, money, several } from "../../core/words.js";
import { NO_CONTROLS, compare, controlsOf, rowsOf as modelRows, tickedOf } from "./advice.js";
import { AUTO, askOf, keptOf, marginsOf, readDraft, withChanges } from "./draft.js";
import { keepMask, keptMask } from "./kept.js";
import { rowsOf, wholeOf } from "./made.js";
import { Mask } from "./mask.js";

/** Before prices are asked for anew things settle; and before they are asked for again where there was no answer. */
const SETTLED_MS = 200;
const AGAIN_MS = 2000;
/** A reference whose size nobody knows is taken to be so large. */
const UNKNOWN_SIDE = 1024;
/** Stands for pictures that were not sent yet. */
const NOT_SENT = "0".repeat(64);

/**
 * The picture that is to be changed. `parent` is the artifact that it is, where it is one, and `before` what it took the
 * place of.
 * @typedef {{ blob: BlobId, title: string, width: number, height: number, detail: string,
 *   parent?: { artifact: string, label: string }, before?: Source }} Source
 */

/** What is said below the button. @typedef {{ severity: "info" | "warning" | "error", text: string, hint?: string }} Line */

export class Work {
  /** @type {Set<{ topics: string[], take: () => void }>} */
  #listeners = new Set();
  /** @type {Set<string>} */
  #told = new Set();
  /** @type {Map<string, ReturnType<typeof setTimeout>>} */
  #waiting = new Map();
  /** @type {Advice | undefined} */
  #advice;
  #advisedFor = "";
  #sentMask = { version: -1, blob: "" };
  #maskVersion = 0;
  #closed = false;

  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.session = app.session;
    const kept = settings.get("transform", /** @type {any} */ ({}));
    /** @type {Draft} */
    this.draft = readDraft(kept.draft);
    /** @type {Source | null} */
    this.source = kept.source ?? null;
    /** What is being read, by its name. */
    this.reading = "";
    /** What went wrong or is to be known of the source. @type {Line | null} */
    this.sourceLine = null;
    /** @type {Mask | null} */
    this.mask = null;
    /** @type {ModelEntry[]} */
    this.entries = [];
    /** @type {Row[]} */
    this.rows = [];
    /** @type {Controls} */
    this.controls = NO_CONTROLS;
    /** @type {RecipeList | null} */
    this.recipes = null;
    /** The result that the picture shows in the place of the source. @type {Result | null} */
    this.shown = null;
    /** @type {Line | null} */
    this.status = null;
    /** Something runs, which the button cancels. */
    this.busy = false;
    void this.#restore();
  }

  // Telling.

  /** @param {string} topics of `draft source mask models recipes run results shown status` @param {() => void} take */
  listen(topics, take) {
    this.#listeners.add({ topics: topics.split(" "), take });
    take();
  }

  /** Tells once all that belongs together has changed. @param {...string} topics */
  changed(...topics) {
    if (!this.#told.size) {
      queueMicrotask(() => {
        const told = this.#told;
        this.#told = new Set();
        if (this.#closed) return;
        for (const { topics, take } of this.#listeners) if (topics.some((topic) => told.has(topic))) take();
      });
    }
    topics.forEach((topic) => this.#told.add(topic));
  }

  /** Later, once; a newer wish of the same name takes its place. @param {string} name @param {number} ms @param {() => void} act */
  soon(name, ms, act) {
    clearTimeout(this.#waiting.get(name));
    if (!this.#closed) this.#waiting.set(name, setTimeout(act, ms));
  }

  /** @param {Line | null} line */
  say(line) {
    this.status = line;
    this.changed("status");
  }

  /** @param {unknown} error */
  fail(error) {
    this.say({ severity: "error", ...failureLine(/** @type {Error} */ (error)) });
  }

  close() {
    this.#closed = true;
    this.#waiting.forEach(clearTimeout);
    this.#listeners.clear();
  }

  #keep() {
    settings.set("transform", { draft: this.draft, source: this.source });
  }

  // Settings.

  /** @param {Partial<Draft>} changes */
  set(changes) {
    const before = this.draft;
    this.draft = withChanges(before, changes);
    if (this.draft.intent !== before.intent && this.entries.length) {
      // Another intent is another list of models: those that do not serve it lose their tick.
      const serves = (/** @type {string} */ id) =>
        id === AUTO || this.entries.some(({ record }) => record.id === id && record.intents.includes(this.draft.intent));
      const named = this.draft.models.filter(serves);
      this.draft.models = named.length ? named : [AUTO];
    }
    this.#keep();
    this.changed("draft");
    this.#list();
    this.soon("advice", SETTLED_MS, () => void this.advise());
  }

  /** Ticks a model, or takes the tick away; several are a comparison. @param {string} id @param {boolean} on */
  tick(id, on) {
    const others = this.draft.models.filter((model) => model !== id);
    this.set({ models: on ? [...others, id] : others });
  }

  // The source and its mask.

  /** Reads a picture from a file; of several, the first. @param {readonly File[]} files */
  async load(files) {
    const [file] = files;
    if (!file) return;
    this.reading = file.name || "the picture";
    this.sourceLine = null;
    this.changed("source");
    try {
      const { id, picture } = await this.session.upload(file);
      if (!picture) throw new Error(`${file.name} is no picture`);
      const { width, height, format } = picture;
      const title = file.name || "Pasted picture";
      this.take({ blob: id, title, width, height, detail: depthOf(format) });
      if (files.length > 1) {
        this.sourceLine = { severity: "info", text: `${several(files.length, "file", "files")} came: this is the first`, hint: "A folder changes many: see Folders." };
      }
    } catch (error) {
      this.sourceLine = { severity: "error", ...failureLine(/** @type {Error} */ (error)) };
    }
    this.reading = "";
    this.changed("source");
  }

  /** Takes a picture as the source. A mask stays where it is asked for and fits. @param {Source | null} source @param {Uint8Array<ArrayBuffer> | "same" | undefined} [mask] */
  take(source, mask) {
    const fits = source && this.mask?.width === source.width && this.mask.height === source.height;
    this.source = source;
    if (source && mask instanceof Uint8Array) this.mask = new Mask(source.width, source.height, mask);
    else if (mask !== "same" || !fits) this.mask = null;
    this.sourceLine = null;
    this.shown = null;
    this.#keep();
    this.painted();
    this.changed("source", "shown");
    this.#list();
  }

  /** Makes a result the source of the next transform; what was to stay then is to stay now. @param {Result} result */
  async iterate(result) {
    const { artifact, ask } = result;
    if (!artifact) return;
    try {
      const whole = await wholeOf(this.session, artifact, ask);
      const before = this.source ? withoutBefore(this.source) : undefined;
      /** @type {Uint8Array<ArrayBuffer> | undefined} */
      let rows;
      if (ask.mask) {
        const mask = await rowsOf(this.session, ask.mask, "?format=gray8");
        if (mask.width === whole.width && mask.height === whole.height) rows = mask.rows;
      }
      this.take(
        {
          ...whole,
          title: ask.title ?? result.label,
          detail: "",
          parent: { artifact: artifact.id, label: `${result.label}: ${result.title}` },
          ...(before ? { before } : {}),
        },
        rows,
      );
    } catch (error) {
      this.fail(error);
    }
  }

  /** Back to what the iteration took the place of. */
  stopIterating() {
    this.take(this.source?.before ?? null, "same");
  }

  /** The mask, made when it is first painted on. */
  get canvas() {
    if (!this.mask && this.source) this.mask = new Mask(this.source.width, this.source.height);
    return this.mask;
  }

  /** The mask was changed. */
  painted() {
    this.#maskVersion += 1;
    this.changed("mask");
    const { source, mask } = this;
    if (source) void keepMask(source.blob, mask?.bounds ? mask : null);
    this.soon("advice", SETTLED_MS, () => void this.advise());
  }

  /** Where the picture may change; `null`: everywhere. @returns {Region | null} */
  get region() {
    return this.mask?.bounds ?? null;
  }

  /** What was there before a reload: the picture, unless it was cleaned up since, and its mask. */
  async #restore() {
    const { source } = this;
    if (!source) return;
    this.session.get(`/v1/blobs/${source.blob}/info`).catch((error) => {
      if (error.kind !== "not_found" || this.source !== source) return;
      this.take(null);
      this.sourceLine = { severity: "warning", text: `${source.title} is not stored any more`, hint: "Choose it again." };
    });
    const rows = await keptMask(source.blob, source.width, source.height);
    if (!rows || this.source !== source || this.mask) return;
    this.mask = new Mask(source.width, source.height, rows);
    this.painted();
  }

  /** The mask as a blob. Its rows go as they are: no codec comes near them. @returns {Promise<BlobId | undefined>} */
  async sendMask() {
    const { mask } = this;
    if (!mask?.bounds) return undefined;
    const version = this.#maskVersion;
    if (this.#sentMask.version !== version) {
      const type = `application/vnd.easel.pixels; format=gray8; width=${mask.width}; height=${mask.height}`;
      const { id } = await this.session.upload(mask.data, { type });
      this.#sentMask = { version, blob: id };
    }
    return this.#sentMask.blob;
  }

  // Models, advice, price.

  /** Asks which models and recipes there are; `anew`, although it was asked before. @param {boolean} [anew] */
  async list(anew = false) {
    try {
      const [entries, recipes] = await Promise.all([this.app.models(anew), this.session.call("recipe.list", {})]);
      this.entries = entries;
      this.recipes = recipes;
      this.#advisedFor = "";
      this.changed("recipes");
      this.#list();
      await this.advise();
    } catch {
      // Whatever needs the daemon says what is wrong with it; once it is back, this is asked again.
    }
  }

  #list() {
    const { source, entries, draft } = this;
    const megapixels = source ? (source.width * source.height) / 1e6 : 0;
    this.rows = modelRows(entries, this.#advice, draft, megapixels);
    this.controls = controlsOf(entries, this.rows, draft);
    this.changed("models");
  }

  /** Asks what each model would do with what is wished, and what the ticked ones would do with what they understand. */
  async advise() {
    const { draft, source, controls } = this;
    if (!source || !this.entries.length || this.#closed) return;
    const effective = this.effective();
    const { width, height } = source;
    const about = { source: NOT_SENT, width, height, title: source.title };
    // What the intent merely suggests is left out where a model cannot be told.
    const keep = draft.keep ?? [];
    const wished = { ...effective, styles: draft.styles, references: draft.references, models: [AUTO], prefer: FAIR };
    const ask = askOf(wished, { ...about, keep });
    const named = draft.models.filter((model) => model !== AUTO);
    const planned = askOf({ ...effective, models: named }, { ...about, keep: keep.filter((it) => controls.keep.has(it)) });
    const shape = this.#shape(draft.references);
    const prefer = draft.prefer;
    const asked = JSON.stringify([ask, planned, shape, prefer]);
    if (asked === this.#advisedFor && this.#advice) return;
    this.#advisedFor = asked;
    try {
      const advice = await this.session.call("model.advise", { ask, shape, prefer });
      if (named.length) {
        // A style or a reference is for those that take one: what hinders a model need not hinder it in a comparison.
        compare(advice, await this.session.call("transform.plan", { ask: planned, shape: this.#shape(effective.references) }));
      }
      if (this.#advisedFor !== asked) return;
      this.#advice = advice;
      this.#list();
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

  /** The settings as far as the ticked models understand them: what is not offered any more hinders nobody. @returns {Draft} */
  effective() {
    const { draft, controls } = this;
    /** @type {Record<string, unknown>} */
    const params = {};
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
    return askOf(this.effective(), { source: blob, width, height, title, keep: this.kept(), parent: parent?.artifact });
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
    if (currency && currencies.size === 1) parts.push(money(rows.reduce((sum, { cost }) => sum + cost, 0), currency));
    const hindered = rows.find(({ reason }) => reason);
    let reason = this.#unsendable();
    if (!reason && !rows.length) reason = "Tick a model";
    if (!reason && hindered) reason = `${hindered.label}: ${hindered.reason}`;
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
  return price.filter(({ amount }) => amount).map(({ amount, currency }) => money(amount, currency)).join(" + ");
}

/** The bits of a stored picture in words. @param {string} format */
function depthOf(format) {
  return { gray8: "8 bit", rgba8: "8 bit", rgba16: "16 bit", rgbaf32: "32-bit float" }[format] ?? "";
}

/** One way back is enough. @param {Source} source @returns {Source} */
function withoutBefore({ before, ...source }) {
  return source.parent && before ? before : source;
}
