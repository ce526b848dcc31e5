/**
 * The daemon, as a page or a plugin sees it: methods over HTTP, blobs beside them, events over a WebSocket or by asking
 * again. Knows no screen and no storage, so that the Figma plugin uses it too.
 * @import { BlobId, BlobInfo, Event, Failure, Methods } from "../../typescript/protocol.ts"
 */

/** A failure as the daemon tells it; `kind` is the stable part. */
export class EaselError extends Error {
  /** @param {Failure} failure */
  constructor(failure) {
    super(failure.message);
    this.name = "EaselError";
    /** @type {Failure["kind"] | "unreachable"} */
    this.kind = failure.kind;
    this.hint = failure.hint ?? "";
    /** @type {Failure["charged"]} */
    this.charged = failure.charged;
  }
}

/** The daemon did not answer at all: it is not running, or the browser does not let the page reach it. */
export class Unreachable extends Error {
  /** @param {unknown} cause */
  constructor(cause) {
    super("the daemon cannot be reached", { cause });
    this.name = "Unreachable";
    this.kind = /** @type {const} */ ("unreachable");
    this.hint = "start it with `easel serve`, or any other command of Easel";
    /** @type {Failure["charged"]} */
    this.charged = undefined;
  }
}

/** Before a connection is tried again, in milliseconds; longer each time. */
const PAUSES = [250, 500, 1000, 2000, 4000];

/** How long one question for events may wait. */
const WAIT_MS = 25_000;

export class Session {
  /**
   * @param {string} base where the daemon listens, such as `http://127.0.0.1:47615`
   * @param {string} token
   * @param {typeof fetch} [fetcher] whoever makes the requests, where it is not the page itself
   */
  constructor(base, token, fetcher = (input, init) => fetch(input, init)) {
    this.base = base;
    this.token = token;
    this.fetcher = fetcher;
  }

  /**
   * Calls a method.
   * @template {keyof Methods} Name
   * @param {Name} method
   * @param {Methods[Name]["params"]} params
   * @param {AbortSignal} [signal]
   * @returns {Promise<Methods[Name]["result"]>}
   */
  async call(method, params, signal) {
    const response = await this.#send("/rpc", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      ...(signal ? { signal } : {}),
    });
    const answer = await response.json();
    if (answer.error) throw new EaselError(answer.error.data ?? { kind: "internal", message: answer.error.message });
    return answer.result;
  }

  /**
   * Stores a picture; `mask` makes it a mask.
   * @param {Blob | Uint8Array<ArrayBuffer>} bytes
   * @param {{ type?: string, mask?: boolean, signal?: AbortSignal }} [options]
   * @returns {Promise<BlobInfo>}
   */
  async upload(bytes, { type = "application/octet-stream", mask = false, signal } = {}) {
    const response = await this.#send(`/v1/blobs${mask ? "?as=mask" : ""}`, {
      method: "PUT",
      headers: { "content-type": type },
      body: bytes,
      ...(signal ? { signal } : {}),
    });
    return response.json();
  }

  /**
   * What lies at a path below the daemon; fails as the daemon says.
   * @param {string} path @param {AbortSignal} [signal]
   */
  get(path, signal) {
    return this.#send(path, signal ? { signal } : {});
  }

  /** @param {BlobId} id @param {number} max the longer side @param {AbortSignal} [signal] */
  async preview(id, max, signal) {
    return (await this.get(`/v1/blobs/${id}/preview?max=${max}`, signal)).blob();
  }

  /**
   * Events after a number, for ever: over one WebSocket, or question by question where there is none. Goes on after
   * the daemon was away.
   * @param {number} after
   * @param {(event: Event) => void} take
   * @param {{ signal: AbortSignal, connected?: (up: boolean) => void, socket?: boolean }} options
   */
  async follow(after, take, { signal, connected, socket = typeof WebSocket === "function" }) {
    let failures = 0;
    /** @param {Event} event */
    const taken = (event) => {
      after = event.seq;
      take(event);
    };
    const up = () => {
      failures = 0;
      connected?.(true);
    };
    while (!signal.aborted) {
      try {
        if (socket) await this.#subscribe(after, taken, up, signal);
        else await this.#ask(after, taken, up, signal);
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof EaselError && error.kind === "unauthorized") throw error;
      }
      if (signal.aborted) return;
      connected?.(false);
      await pause(PAUSES[Math.min(failures, PAUSES.length - 1)] ?? 0, signal);
      failures += 1;
      // A daemon that came back with another token, or none at all, says so here.
      try {
        await this.call("server.info", {});
      } catch (error) {
        if (error instanceof EaselError && error.kind === "unauthorized") throw error;
      }
    }
  }

  /** @param {number} after @param {(event: Event) => void} take @param {() => void} up @param {AbortSignal} signal */
  async #ask(after, take, up, signal) {
    while (!signal.aborted) {
      const page = await this.call("job.events", { after, wait_ms: WAIT_MS }, signal);
      up();
      page.events.forEach(take);
      after = page.next;
    }
  }

  /**
   * Ends when the connection does.
   * @param {number} after @param {(event: Event) => void} take @param {() => void} up @param {AbortSignal} signal
   * @returns {Promise<void>}
   */
  #subscribe(after, take, up, signal) {
    return new Promise((resolve) => {
      // A browser lets nobody set headers here: the token travels as the name of a protocol, which no log keeps.
      const socket = new WebSocket(`${this.base.replace(/^http/, "ws")}/rpc`, ["easel", `easel.token.${this.token}`]);
      const close = () => socket.close();
      signal.addEventListener("abort", close, { once: true });
      socket.addEventListener("open", () => {
        up();
        socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "job.subscribe", params: { after } }));
      });
      socket.addEventListener("message", ({ data }) => {
        const said = JSON.parse(data);
        if (said.method === "job.event") take(said.params.result);
      });
      socket.addEventListener("close", () => {
        signal.removeEventListener("abort", close);
        resolve();
      });
    });
  }

  /** @param {string} path @param {RequestInit} init */
  async #send(path, init) {
    let response;
    try {
      response = await this.fetcher(this.base + path, {
        ...init,
        headers: { .../** @type {Record<string, string>} */ (init.headers), authorization: `Bearer ${this.token}` },
      });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new Unreachable(error);
    }
    // Over `/rpc` a failure is part of the answer.
    if (!response.ok && path !== "/rpc") throw new EaselError(await failureOf(response));
    return response;
  }
}

/** @param {Response} response @returns {Promise<Failure>} */
async function failureOf(response) {
  try {
    return await response.json();
  } catch {
    return { kind: "internal", message: `the daemon answered ${response.status}` };
  }
}

/**
 * Exchanges a code for a token.
 * @param {string} base @param {string} code @param {string} client
 * @param {typeof fetch} [fetcher]
 */
export async function pair(base, code, client, fetcher) {
  const answer = await new Session(base, "", withoutToken(fetcher)).call("pairing.finish", {
    code: code.replace(/\D/g, ""),
    client,
  });
  return answer.token;
}

/** @param {typeof fetch} [fetcher] @returns {typeof fetch} */
function withoutToken(fetcher = (input, init) => fetch(input, init)) {
  return (input, init) => {
    const { authorization: _, ...headers } = /** @type {Record<string, string>} */ (init?.headers ?? {});
    return fetcher(input, { ...init, headers });
  };
}

/** @param {number} ms @param {AbortSignal} [signal] @returns {Promise<void>} */
export function pause(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}

/** A key for a new ask: the same key never runs twice. Made so that it also works where a frame is no secure context. */
export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
