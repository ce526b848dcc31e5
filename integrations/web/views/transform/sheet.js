/**
 * What lies before a person: the picture with its mask, what is set, and the result that is looked at. It outlives a
 * reload.
 * @import { BlobId, ModelEntry, Region } from "../../../typescript/protocol.ts"
 * @import { App } from "../../core/app.js"
 * @import { Line } from "./base.js"
 * @import { Draft } from "../../core/draft.js"
 * @import { Result } from "./made.js"
 */
import { settings } from "../../core/app.js";
import { failureLine, several } from "../../core/words.js";
import { Base } from "./base.js";
import { AUTO, readDraft, withChanges } from "../../core/draft.js";
import { keepMask, keptMask } from "./kept.js";
import { rowsOf, wholeOf } from "./made.js";
import { Mask } from "./mask.js";

/** Before prices are asked for anew things settle. */
const SETTLED_MS = 200;

/**
 * The picture that is to be changed. `parent` is the artifact that it is, where it is one, and `before` what it took the
 * place of.
 * @typedef {{ blob: BlobId, title: string, width: number, height: number, detail: string,
 *   parent?: { artifact: string, label: string }, before?: Source }} Source
 */

export class Sheet extends Base {
  #sentMask = { version: -1, blob: "" };
  #maskVersion = 0;
  /** What is being read, by its name. */
  reading = "";
  /** What went wrong or is to be known of the source. @type {Line | null} */
  sourceLine = null;
  /** @type {Mask | null} */
  mask = null;
  /** The result that the picture shows in the place of the source. @type {Result | null} */
  shown = null;
  /** Before the daemon has answered there are none. @type {ModelEntry[]} */
  entries = [];

  /** @param {App} app */
  constructor(app) {
    super(app);
    const kept = settings.get("transform", /** @type {any} */ ({}));
    /** @type {Draft} */
    this.draft = readDraft(kept.draft);
    /** @type {Source | null} */
    this.source = kept.source ?? null;
    void this.#restore();
  }

  #keep() {
    settings.set("transform", { draft: this.draft, source: this.source });
  }

  /** The list of models is to be made anew. */
  relist() {}

  /** Models and prices are to be asked for anew. @returns {Promise<void>} */
  async advise() {}

  // Settings.

  /** @param {Partial<Draft>} changes */
  set(changes) {
    const before = this.draft;
    this.draft = withChanges(before, changes);
    if (this.draft.intent !== before.intent && this.entries.length) {
      // Another intent is another list of models: those that do not serve it lose their tick.
      const serves = (/** @type {string} */ id) =>
        id === AUTO ||
        this.entries.some(({ record }) => record.id === id && record.intents.includes(this.draft.intent));
      const named = this.draft.models.filter(serves);
      this.draft.models = named.length ? named : [AUTO];
    }
    this.#keep();
    this.changed("draft");
    this.relist();
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
        this.sourceLine = {
          severity: "info",
          text: `${several(files.length, "file", "files")} came: this is the first`,
          hint: "A folder changes many: see Folders.",
        };
      }
    } catch (error) {
      this.sourceLine = { severity: "error", ...failureLine(/** @type {Error} */ (error)) };
    }
    this.reading = "";
    this.changed("source");
  }

  /**
   * Takes a picture as the source. A mask stays where it is asked for and fits.
   * @param {Source | null} source @param {Uint8Array<ArrayBuffer> | "same" | undefined} [mask]
   */
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
    this.relist();
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
      this.sourceLine = {
        severity: "warning",
        text: `${source.title} is not stored any more`,
        hint: "Choose it again.",
      };
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
}

/** The bits of a stored picture in words. @param {string} format */
function depthOf(format) {
  return { gray8: "8 bit", rgba8: "8 bit", rgba16: "16 bit", rgbaf32: "32-bit float" }[format] ?? "";
}

/** One way back is enough. @param {Source} source @returns {Source} */
function withoutBefore({ before, ...source }) {
  return source.parent && before ? before : source;
}
