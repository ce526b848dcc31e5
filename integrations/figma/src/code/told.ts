/** Failures that are said to a person as they are. */
import type { Said } from "../messages.ts";

export class Told extends Error {
  readonly said: Said;

  constructor(text: string, hint = "") {
    super(text);
    this.said = { text, hint };
  }
}

/** What a person is told of any failure. */
export function saidOf(failure: unknown): Said {
  if (failure instanceof Told) return failure.said;
  const text = failure instanceof Error ? failure.message : String(failure);
  return { text: `Figma says: ${text}` };
}
