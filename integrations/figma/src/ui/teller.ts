/** Whoever shows something is told when it changes, once for all that belongs together. */
import { failureLine } from "../../../web/core/words.js";

export type Topic = "selection" | "draft" | "models" | "recipes" | "run" | "results" | "status" | "sets";

/** What is said below the button. */
export interface Line {
  severity: "info" | "warning" | "error";
  text: string;
  hint?: string;
}

export class Teller {
  status: Line | null = null;
  #listeners = new Set<{ topics: Topic[]; take: () => void }>();
  #told = new Set<Topic>();
  #waiting = new Map<string, ReturnType<typeof setTimeout>>();

  listen(topics: Topic[], take: () => void): void {
    this.#listeners.add({ topics, take });
    take();
  }

  changed(...topics: Topic[]): void {
    if (!this.#told.size) {
      queueMicrotask(() => {
        const told = this.#told;
        this.#told = new Set();
        for (const listener of this.#listeners) if (listener.topics.some((topic) => told.has(topic))) listener.take();
      });
    }
    for (const topic of topics) this.#told.add(topic);
  }

  /** Later, once; a newer wish of the same name takes its place. */
  soon(name: string, ms: number, act: () => void): void {
    clearTimeout(this.#waiting.get(name));
    this.#waiting.set(name, setTimeout(act, ms));
  }

  say(line: Line | null): void {
    this.status = line;
    this.changed("status");
  }

  fail(error: unknown): void {
    this.say({ severity: "error", ...failureLine(error as Error) });
  }

  /** Tells nobody any more: the token is not good, or the daemon is another one. */
  silence(): void {
    this.#waiting.forEach(clearTimeout);
    this.#listeners.clear();
  }
}
