/**
 * The ways to the daemon. This frame has no origin, and in a browser it is part of a page from the internet: since
 * version 142 Chrome lets such a page reach this computer only where a person allows it, and otherwise no request ever
 * arrives. Then Figma's own `fetch`, in the sandbox, is tried.
 */
import type { Bridge } from "./bridge.ts";

/** How the daemon is reached: from this frame, through the sandbox, or not at all. */
export type Way = "frame" | "sandbox";

/** What is known of a browser that lets no request through. */
export interface Blocked {
  /** The browser keeps this frame from the daemon: it says so, or the sandbox got through where the frame did not. */
  browser: boolean;
  /** Whether it has asked the person already, or would ask. */
  permission: "granted" | "denied" | "prompt" | "unknown";
  /** The plugin's own manifest does not name the address. */
  manifest: boolean;
}

export type Found = { way: Way; blocked: Blocked } | { way: null; blocked: Blocked };

/** Chrome's name for it since version 145, and the one before. */
const PERMISSIONS = ["loopback-network", "local-network-access"];

/** So long a browser may think about the first request before a person is told that it may be asking something. */
export const ASKING_MS = 1500;

export function baseOf(port: number): string {
  // A manifest takes no numeric addresses, so this is the one name that Figma lets a plugin reach.
  return `http://localhost:${port}`;
}

/** Looks for the daemon. `asking` is called where the browser seems to wait for the person. */
export async function reach(base: string, bridge: Bridge, asking: () => void): Promise<Found> {
  const manifest = watchPolicy(base);
  const waiting = setTimeout(asking, ASKING_MS);
  const direct = await answers(base, (input, init) => fetch(input, init));
  clearTimeout(waiting);
  const blocked: Blocked = { browser: false, permission: await permission(), manifest: manifest() };
  if (direct) return { way: "frame", blocked };
  const carried = await answers(base, sandboxFetch(bridge));
  blocked.browser = carried || blocked.permission === "prompt" || (blocked.permission === "denied" && mayAsk());
  return { way: carried ? "sandbox" : null, blocked };
}

/** Whether anything answers: without a token the daemon says no, which is an answer. */
async function answers(base: string, fetcher: typeof fetch): Promise<boolean> {
  try {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "server.info", params: {} });
    const response = await fetcher(`${base}/rpc`, { method: "POST", headers: { "content-type": "application/json" }, body });
    await response.arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

async function permission(): Promise<Blocked["permission"]> {
  for (const name of PERMISSIONS) {
    try {
      return (await navigator.permissions.query({ name: name as PermissionName })).state;
    } catch {
      // A browser that knows no such permission asks nobody.
    }
  }
  return "unknown";
}

/** Whether this frame may ask the person at all: one that may not is told `denied`, whatever the person would say. */
function mayAsk(): boolean {
  const { featurePolicy } = document as Document & { featurePolicy?: { allowsFeature: (name: string) => boolean } };
  return PERMISSIONS.some((name) => featurePolicy?.allowsFeature(name));
}

/** Whether Figma's policy for this frame, made from the manifest, was what stopped a request. */
function watchPolicy(base: string): () => boolean {
  let stopped = false;
  const heard = ({ blockedURI }: SecurityPolicyViolationEvent) => {
    if (blockedURI.startsWith(base)) stopped = true;
  };
  document.addEventListener("securitypolicyviolation", heard);
  return () => {
    document.removeEventListener("securitypolicyviolation", heard);
    return stopped;
  };
}

/** The sandbox's `fetch` with the shape of the browser's, so that everything else is one code. */
export function sandboxFetch(bridge: Bridge): typeof fetch {
  return async (input, init = {}) => {
    const { signal, method = "GET", body } = init;
    signal?.throwIfAborted();
    const asked = bridge.call("carry", {
      url: String(input),
      method,
      headers: Object.fromEntries(new Headers(init.headers)),
      ...(body === undefined || body === null ? {} : { body: await plain(body) }),
    });
    const { status, headers, body: bytes } = await (signal ? Promise.race([asked, aborted(signal)]) : asked);
    // These statuses have no body, and `Response` takes none.
    const empty = status === 204 || status === 205 || status === 304;
    return new Response(empty ? null : (bytes as Uint8Array<ArrayBuffer>), { status, headers });
  };
}

/** The sandbox takes texts and bytes. */
async function plain(body: BodyInit): Promise<string | Uint8Array> {
  if (typeof body === "string" || body instanceof Uint8Array) return body;
  return new Uint8Array(await new Response(body).arrayBuffer());
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }));
}
