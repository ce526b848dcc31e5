// How the types are used, and what they refuse. Compiled by a test, never run.

import type { Ask, ErrorKind, Event, Failure, Methods, Subscriptions } from "./protocol";

/** A call of any method: what it takes and gives follows from its name. */
export async function call<Name extends keyof Methods>(
  token: string,
  method: Name,
  params: Methods[Name]["params"],
): Promise<Methods[Name]["result"]> {
  const response = await fetch("http://127.0.0.1:47615/rpc", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const answer: { result: Methods[Name]["result"] } | { error: { data: Failure } } =
    await response.json();
  if ("error" in answer) throw new Error(answer.error.data.message);
  return answer.result;
}

/** Every event has its own fields, and none is forgotten. */
export function describe(event: Event): string {
  switch (event.event) {
    case "queued":
    case "checkpoint":
    case "cancel_requested":
    case "done":
    case "cancelled":
      return event.event;
    case "started":
      return `attempt ${event.attempt}`;
    case "progress":
      return `${Math.round((event.fraction ?? 0) * 100)} % ${event.stage ?? ""}`;
    case "preview":
      return event.blob;
    case "artifact":
      return `${event.artifact.place.width} pixels across`;
    case "discarded":
    case "restored":
      return event.artifact.id;
    case "note":
      return event.text;
    case "requeued":
      return event.reason;
    case "failed":
      return event.failure.kind satisfies ErrorKind;
    default:
      return event satisfies never;
  }
}

const ask: Ask = { intent: "restyle", source: "00", models: ["invert"], seed: null };
const result: [number, number] = (await call("", "transform.plan", { ask })).jobs[0]!.result_size;
const place: number = (await call("", "job.get", { id: "j" })).artifacts[0]!.place.x;
const notification: Subscriptions["job.subscribe"]["notification"] = "job.event";
export const used = [result, place, notification];

// @ts-expect-error an intent that does not exist
export const intent: Ask = { intent: "paint", source: "00", models: [] };
// @ts-expect-error a field that does not exist
export const field: Ask = { intent: "edit", source: "00", models: [], prompts: "" };
// @ts-expect-error a field that is missing
export const missing: Ask = { intent: "edit", source: "00" };
// @ts-expect-error a method that does not exist
export const method = call("", "transform.undo", {});
// @ts-expect-error a method that takes nothing
export const nothing = call("", "server.info", { id: "t" });
// @ts-expect-error a field that only another event has
export const other = (event: Event) => event.event === "done" && event.failure;
// @ts-expect-error a field that is absent where nothing is known
export const certain = (event: Event) => event.event === "progress" && event.fraction + 1;
