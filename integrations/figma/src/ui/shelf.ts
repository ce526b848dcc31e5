/** What was made in this document, newest first. The daemon keeps it, events say when it changes; nothing here is state. */
import type { Event, JobState, TransformRecord } from "../../../typescript/protocol.ts";
import { failureLine, duration } from "../../../web/core/words.js";
import { costOf, said } from "../../../web/core/results.js";
import { piecesOf, type Piece } from "./bring.ts";
import type { Panel } from "./panel.ts";
import type { Line } from "./teller.ts";

const PAGE = 20;
/** Events that change nothing in the list. */
const BESIDE = ["progress", "preview", "note", "checkpoint"];
const SETTLED_MS = 100;
const AGAIN_MS = 2000;
/** Such transforms of a recipe only found where a step may change the picture. */
const ONLY_MASK = /^r[0-9a-f]{32}\.\d+\.\d+\.mask\./;

/** One picture, or one job that has none. */
export interface Result {
  key: string;
  transform: string;
  job: string;
  label: string;
  title: string;
  facts: string;
  state: JobState;
  piece?: Piece;
  failure?: Line;
}

export class Shelf {
  results: Result[] = [];
  hasMore = false;
  /** What was put away here, the latest last. */
  discarded: Result[] = [];
  /** Jobs that are paid for once more when they are retried again. */
  asks = new Map<string, string>();
  #records = new Map<string, TransformRecord>();
  #stale = new Set<string>();

  constructor(readonly panel: Panel) {
    panel.listen(["results"], () => this.#list());
  }

  async load(): Promise<void> {
    const { document, session } = this.panel;
    // Nothing was transformed in it: there is nothing to ask for.
    if (!document) return;
    try {
      const last = [...this.#records.keys()].sort()[0];
      const page = { document, limit: PAGE, ...(last && this.hasMore ? { before: last } : {}) };
      const { transforms } = await session.call("transform.list", page);
      this.hasMore = transforms.length === PAGE;
      this.put(transforms);
    } catch (error) {
      if ((error as { kind?: string }).kind !== "unreachable") this.panel.fail(error);
    }
  }

  put(records: TransformRecord[]): void {
    for (const record of records) this.#records.set(record.id, record);
    this.panel.changed("results");
  }

  #list(): void {
    const newest = [...this.#records.values()].sort((one, other) => (one.id < other.id ? 1 : -1));
    this.results = newest.filter(({ key }) => !ONLY_MASK.test(key)).flatMap((record) => this.#of(record));
  }

  #of(record: TransformRecord): Result[] {
    const pieces = piecesOf(record, this.panel.label);
    return record.jobs.flatMap((job): Result[] => {
      const shared = { transform: record.id, job: job.id, title: said(record.ask), label: this.panel.label(job.model) };
      const own = pieces.filter((piece) => piece.job === job);
      if (!job.artifacts.length) {
        const failure: Line | undefined = job.failure && { severity: "error", ...failureLine(job.failure) };
        return [{ ...shared, key: job.id, facts: "", state: job.state, ...(failure ? { failure } : {}) }];
      }
      return own.map((piece) => {
        const number = job.artifacts.length > 1 ? ` (${piece.artifact.index + 1})` : "";
        const facts = `${duration(piece.artifact.provenance.milliseconds / 1000)} · ${costOf(job)}`;
        return { ...shared, key: piece.artifact.id, label: shared.label + number, facts, state: "done", piece };
      });
    });
  }

  hear(event: Event): void {
    if (BESIDE.includes(event.event)) return;
    this.#stale.add(event.transform);
    this.panel.soon("results", SETTLED_MS, () => void this.#catchUp());
  }

  /** All that is known is asked for again: events may have been missed. */
  refresh(): void {
    for (const id of this.#records.keys()) this.#stale.add(id);
    void this.#catchUp();
  }

  async #catchUp(): Promise<void> {
    const stale = [...this.#stale];
    this.#stale = new Set();
    try {
      const asked = stale.map((id) =>
        this.panel.session.call("transform.get", { id }).catch((error: { kind?: string }) => {
          // It may have been cleaned up since.
          if (error.kind !== "not_found") throw error;
          return null;
        }),
      );
      const found = (await Promise.all(asked)).filter((record) => record !== null);
      this.put(found.filter(({ id, ask }) => this.#records.has(id) || (ask.origin?.document && ask.origin.document === this.panel.document)));
    } catch {
      for (const id of stale) this.#stale.add(id);
      this.panel.soon("results", AGAIN_MS, () => void this.#catchUp());
    }
  }

  /** A stored result by its artifact, wherever it was made. */
  async piece(transform: string, artifact: string): Promise<Piece | undefined> {
    const record = await this.panel.session.call("transform.get", { id: transform });
    return piecesOf(record, this.panel.label).find((it) => it.artifact.id === artifact);
  }

  async discard(result: Result): Promise<void> {
    if (!result.piece) return;
    try {
      await this.panel.session.call("artifact.discard", { id: result.piece.artifact.id });
      this.discarded.push(result);
      this.#stale.add(result.transform);
      await this.#catchUp();
    } catch (error) {
      this.panel.fail(error);
    }
  }

  /** Brings back what was put away last. */
  async restore(): Promise<void> {
    const result = this.discarded.pop();
    if (!result?.piece) return;
    try {
      await this.panel.session.call("artifact.restore", { id: result.piece.artifact.id });
      this.#stale.add(result.transform);
      await this.#catchUp();
    } catch (error) {
      this.panel.fail(error);
    }
  }

  /** Runs a failed job again; where it may have been charged, only when it is asked for twice. */
  async retry(result: Result): Promise<boolean> {
    const again = this.asks.has(result.job);
    try {
      await this.panel.session.call("job.retry", { id: result.job, pay_again: again });
      this.asks.delete(result.job);
      return true;
    } catch (error) {
      const failure = error as { kind?: string; message: string };
      if (failure.kind === "conflict" && !again) {
        this.asks.set(result.job, failure.message);
        this.panel.say({ severity: "warning", text: failureLine(failure as Error).text, hint: "Run it again once more to pay again." });
      } else {
        this.panel.fail(error);
      }
      return false;
    }
  }
}
