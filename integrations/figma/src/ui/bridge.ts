/** The way to the sandbox: questions and their answers, and what it tells by itself. */
import type { Call, CallName, Calls, Said, ToCode, ToUi } from "../messages.ts";

/** What the sandbox could not do, said to a person as it is. */
export class Refused extends Error {
  readonly kind = "refused";
  readonly hint: string;

  constructor({ text, hint = "" }: Said) {
    super(text);
    this.hint = hint;
  }
}

interface Waiting {
  resolve: (value: never) => void;
  reject: (error: Error) => void;
}

export class Bridge {
  #waiting = new Map<number, Waiting>();
  #last = 0;

  /** `tell` is called with everything that is no answer. */
  constructor(tell: (message: Exclude<ToUi, { type: "answer" | "failed" }>) => void) {
    addEventListener("message", ({ data }: MessageEvent<{ pluginMessage?: ToUi } | undefined>) => {
      if (!data?.pluginMessage) return;
      const message = data.pluginMessage;
      if (message.type === "answer") this.#take(message.id)?.resolve(message.value as never);
      else if (message.type === "failed") this.#take(message.id)?.reject(new Refused(message.said));
      else tell(message);
    });
  }

  /** Says that the UI is there. */
  open(): void {
    this.#send({ type: "opened" });
  }

  call<Name extends CallName>(name: Name, asked: Calls[Name]["asks"]): Promise<Calls[Name]["gives"]> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as Waiting["resolve"], reject });
      this.#send({ type: "call", id, call: { to: name, ...asked } as unknown as Call });
    });
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #send(message: ToCode): void {
    parent.postMessage({ pluginMessage: message }, "*");
  }
}
