/** What runs now: sent once, followed to its end, its layers placed, and found again after the plugin was closed. */
import type { Event, RunRecord, TransformRecord } from "../../../typescript/protocol.ts";
import { announce } from "../../../web/core/dom.js";
import { newKey, pause } from "../../../web/core/wire.js";
import { failureLine } from "../../../web/core/words.js";
import { said } from "../../../web/core/results.js";
import { FINAL, Run, endingOf } from "../../../web/core/run.js";
import { Arrival, endingOfTransform } from "./arrival.ts";
import { layerName, piecesOf, type Piece } from "./bring.ts";
import { withBegun, type Begun } from "./kept.ts";
import { CLIENT, type Panel } from "./panel.ts";
import { piecesOfRun } from "./recipes.ts";
import { originOf, sending } from "./sending.ts";
import type { Shelf } from "./shelf.ts";
import type { Line } from "./teller.ts";

const AGAIN_MS = 1000;
/** One question for how a recipe's run stands waits so long. */
const SOON_MS = 1000;
const WAIT_MS = 25_000;

/** A run ends here when its layers are in the document. */
class PlacedRun extends Run {
  arriving = false;

  override get stage(): string {
    return this.arriving ? "Bringing the layers" : super.stage;
  }
}

/** One that is followed; `begun` is what is kept of it. */
export interface Following {
  run: PlacedRun;
  begun: Begun | null;
}

export class Runs {
  /** The one that the button cancels comes last. */
  all: Following[] = [];

  readonly arrival: Arrival;

  constructor(
    readonly panel: Panel,
    readonly shelf: Shelf,
    private begun: Begun[],
  ) {
    this.arrival = new Arrival(panel, (source) => this.begun.find(({ ask, recipe }) => (ask ?? recipe)?.source === source)?.place);
  }

  get current(): Run | null {
    return this.all.at(-1)?.run ?? null;
  }

  // Beginning.

  /** Sends what is set and follows it. */
  async begin(): Promise<void> {
    const { panel } = this;
    if (panel.busy || panel.button.reason) return;
    const { again, recipe } = panel;
    if (again) {
      panel.again = null;
      panel.changed("selection");
      await this.repeat(again.record);
      return;
    }
    const key = newKey();
    const read = sending(panel);
    const following = this.#open(new PlacedRun(recipe?.title ?? "", { key }));
    announce("Sending");
    try {
      const { ask, place } = await this.#patient(following.run, read);
      if (following.run.cancelling) return this.#close(following, { severity: "info", text: "Cancelled" });
      const { document } = panel;
      if (recipe) {
        const { source, mask, title, origin } = ask;
        const from = { client: CLIENT, origin: origin ?? originOf(place, document), ...(title ? { title } : {}) };
        const params = { key: `figma-${key}`, recipe: recipe.name, source, ...(mask ? { mask } : {}), ...from };
        following.run.sent.recipe = params;
        following.begun = { key, document, place, recipe: params };
      } else {
        following.run.sent.ask = ask;
        following.begun = { key, document, place, ask };
      }
      await this.#submit(following);
    } catch (error) {
      this.#lost(following, error);
    }
  }

  /** The same once more, as it was asked for then. */
  async repeat({ ask }: TransformRecord): Promise<void> {
    const key = newKey();
    const following = this.#open(new PlacedRun("", { key, ask }));
    try {
      const place = await this.arrival.placeOf(ask.source, ask.origin?.layer ?? "", ask.origin);
      const document = await this.panel.bridge.call("document", {});
      this.panel.document = document;
      following.run.sent.ask = { ...ask, client: CLIENT, origin: originOf(place, document) };
      following.begun = { key, document, place, ask: following.run.sent.ask };
      await this.#submit(following);
    } catch (error) {
      this.#lost(following, error);
    }
  }

  /** Goes on with what was begun in this document before the plugin was closed. */
  async resume(): Promise<void> {
    for (const begun of this.begun.filter(({ document }) => document === this.panel.document)) {
      const { document: _, place: __, ...sent } = begun;
      const following = this.#open(new PlacedRun(begun.recipe?.recipe ?? "", { ...sent }));
      following.begun = begun;
      // The same key gives the same transform: nothing is done twice, and what never arrived is done now.
      this.#submit(following).catch((error) => this.#lost(following, error));
    }
  }

  /** Follows a job that was retried. */
  async follow(id: string): Promise<void> {
    const record = await this.panel.session.call("transform.get", { id });
    const { ask, key } = record;
    const following = this.#open(new PlacedRun("", { key, ask, id }));
    const place = await this.arrival.placeOf(ask.source, ask.origin?.layer ?? "", ask.origin);
    following.begun = { key, document: this.panel.document, place, ask, id };
    this.#keep(following.begun);
    await this.#track(following, record);
  }

  #open(run: PlacedRun): Following {
    const following: Following = { run, begun: null };
    this.all.push(following);
    this.panel.busy = true;
    this.panel.say(null);
    this.panel.changed("run");
    return following;
  }

  async #submit(following: Following): Promise<void> {
    const { run, begun } = following;
    const { session } = this.panel;
    // Kept before it is sent: a plugin that is closed in between sends the same once more.
    if (begun) this.#keep(begun);
    const { key, ask, recipe } = run.sent;
    if (recipe) await this.#trackRecipe(following, await this.#patient(run, () => session.call("recipe.run", recipe)));
    else if (ask) await this.#track(following, await this.#patient(run, () => session.call("transform.submit", { key, ask })));
  }

  // Following.

  async #track(following: Following, record: TransformRecord): Promise<void> {
    const { run } = following;
    this.#accepted(following, record.id, record.created);
    for (const job of record.jobs) run.take(job, record.ask, this.panel.label(job.model));
    run.title = [...run.jobs.values()].map(({ label }) => label).join(", ");
    this.shelf.put([record]);
    this.panel.changed("run");
    if (run.cancelling) await this.#stop(run);
    this.#look(following);
  }

  #accepted({ run, begun }: Following, id: string, created: number): void {
    run.sent.id = id;
    run.started = created;
    if (begun) {
      begun.id = id;
      this.#keep(begun);
    }
  }

  async #trackRecipe(following: Following, record: RunRecord): Promise<void> {
    const { run } = following;
    const { session } = this.panel;
    this.#accepted(following, record.id, record.created);
    if (run.cancelling) await this.#stop(run);
    for (;;) {
      run.record = record;
      run.title = record.recipe;
      for (const id of record.transforms) {
        const transform = await session.call("transform.get", { id });
        for (const job of transform.jobs) if (!run.jobs.has(job.id)) run.take(job, transform.ask, this.panel.label(job.model));
      }
      this.panel.changed("run");
      if (FINAL.includes(record.state)) break;
      // While there is more to begin, it is asked how far it is; then only for its end.
      const wait = run.jobs.size < record.total ? SOON_MS : WAIT_MS;
      record = await this.#patient(run, () => session.call("run.get", { id: record.id, wait_ms: wait }, run.stop.signal));
    }
    const records = await Promise.all(record.transforms.map((id) => session.call("transform.get", { id })));
    this.shelf.put(records);
    const pieces = piecesOfRun(record, records, this.panel.label);
    const line = await this.#arrive(following, pieces, layerName("Recipe", record.recipe), records);
    this.#close(following, endingOf(record, records) ?? line);
  }

  hear(event: Event): void {
    for (const following of this.all) {
      const { run } = following;
      if (!run.jobs.has(event.job)) continue;
      run.hear(event);
      if (!run.sent.recipe) this.#look(following);
      this.panel.changed("run");
    }
  }

  /** The daemon was away and is back: events may have been missed. */
  async catchUp(): Promise<void> {
    for (const following of [...this.all]) {
      const { run } = following;
      if (!run.sent.id || run.sent.recipe) continue;
      const record = await this.panel.session.call("transform.get", { id: run.sent.id });
      for (const job of record.jobs) run.take(job, record.ask, this.panel.label(job.model));
      this.#look(following);
    }
    this.panel.changed("run");
  }

  /** Whether all its jobs have ended. */
  #look(following: Following): void {
    const { run } = following;
    if (run.stop.signal.aborted || [...run.jobs.values()].some(({ state }) => !FINAL.includes(state))) return;
    this.panel.soon(`finish ${run.sent.key}`, 0, () => void this.#finish(following));
  }

  async #finish(following: Following): Promise<void> {
    const { run } = following;
    if (run.stop.signal.aborted) return;
    try {
      const record = await this.#patient(run, () => this.panel.session.call("transform.get", { id: run.sent.id ?? "" }));
      if (run.stop.signal.aborted || record.jobs.some(({ state }) => !FINAL.includes(state))) return;
      // From here on it is over: no further event brings it here again.
      run.stop.abort();
      this.shelf.put([record]);
      const pieces = piecesOf(record, this.panel.label);
      const placed = pieces.length ? await this.#arrive(following, pieces, layerName("Compare", said(record.ask))) : null;
      this.#close(following, endingOfTransform(record, pieces, placed, this.panel.label));
    } catch (error) {
      this.#lost(following, error);
    }
  }

  /** Brings the pictures and puts them into the document. */
  async #arrive({ run, begun }: Following, pieces: Piece[], title: string, steps?: TransformRecord[]): Promise<Line | null> {
    if (!pieces.length || !begun) return null;
    run.arriving = true;
    this.panel.changed("run");
    return this.arrival.place(begun.place, title, pieces, steps);
  }

  // Ending.

  #close(following: Following, line: Line | null): void {
    if (!this.all.includes(following)) return;
    this.all = this.all.filter((it) => it !== following);
    following.run.stop.abort();
    const { begun } = following;
    if (begun) {
      this.begun = this.begun.filter(({ key }) => key !== begun.key);
      void this.#write();
    }
    this.panel.busy = this.all.length > 0;
    this.panel.say(line);
    if (line) announce(line.text);
    this.panel.changed("run");
  }

  #lost(following: Following, error: unknown): void {
    this.#close(following, { severity: "error", ...failureLine(error as Error) });
    // A recipe's file may have changed since it was listed.
    if (following.run.sent.recipe) void this.panel.load();
  }

  /** Stops what runs; what was made before comes all the same. */
  async cancel(): Promise<void> {
    const { current } = this;
    if (!current || current.cancelling) return;
    current.cancelling = true;
    this.panel.changed("run");
    if (current.isAccepted) await this.#stop(current);
  }

  async #stop(run: Run): Promise<void> {
    const { session } = this.panel;
    const { id = "", recipe } = run.sent;
    try {
      if (recipe) {
        await session.call("run.cancel", { id });
        return;
      }
      for (const job of run.jobs.values()) {
        if (!FINAL.includes(job.state)) await session.call("job.cancel", { id: job.id }).catch(endedIsFine);
      }
    } catch (error) {
      run.cancelling = false;
      this.panel.fail(error);
    }
  }

  #keep(begun: Begun): void {
    this.begun = withBegun(this.begun, begun);
    void this.#write();
  }

  async #write(): Promise<void> {
    await this.panel.bridge.call("keep", { name: "begun", value: this.begun }).catch((error) => this.panel.fail(error));
  }

  /** Asks until there is an answer: a daemon that is away comes back. */
  async #patient<T>(run: Run, ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (run.stop.signal.aborted || (error as { kind?: string }).kind !== "unreachable") throw error;
        await pause(AGAIN_MS, run.stop.signal);
        if (run.stop.signal.aborted) throw error;
      }
    }
  }
}

/** It may have ended in between. */
function endedIsFine(error: { kind?: string }): void {
  if (error.kind !== "invalid_request") throw error;
}
