/**
 * The sandbox's own `fetch`. How Figma carries it out is nobody's to see from here, so each way that it may go is
 * simulated: by the page around (and held back by the browser as that is), by something outside the browser (as the
 * desktop app could), or not at all.
 */
export interface FetchOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: Uint8Array | string;
}

export interface FetchResponse {
  headersObject: Record<string, string>;
  ok: boolean;
  redirected: boolean;
  status: number;
  statusText: string;
  type: string;
  url: string;
  arrayBuffer: () => Promise<ArrayBuffer>;
  text: () => Promise<string>;
  json: () => Promise<unknown>;
}

export type Route = "page" | "outside" | "refused";

/** Put there by the test: a request made by Node. */
type Carry = (asked: { url: string; method: string; headers: Record<string, string>; body: string | null }) => Promise<{ status: number; headers: Record<string, string>; body: string }>;

export function fetching(route: Route, count: () => void): (url: string, init?: FetchOptions) => Promise<FetchResponse> {
  return async (url, init = {}) => {
    count();
    if (route === "refused") throw new Error("Failed to fetch");
    return route === "page" ? byPage(url, init) : byNode(url, init);
  };
}

async function byPage(url: string, { method = "GET", headers = {}, body }: FetchOptions): Promise<FetchResponse> {
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: body as BodyInit }) });
  return shaped(url, response.status, Object.fromEntries(response.headers), await response.arrayBuffer());
}

async function byNode(url: string, { method = "GET", headers = {}, body }: FetchOptions): Promise<FetchResponse> {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const { carry } = globalThis as unknown as { carry: Carry };
  const answer = await carry({ url, method, headers, body: bytes ? base64(bytes) : null });
  return shaped(url, answer.status, answer.headers, Uint8Array.from(atob(answer.body), (it) => it.charCodeAt(0)).buffer);
}

function shaped(url: string, status: number, headersObject: Record<string, string>, bytes: ArrayBuffer): FetchResponse {
  const text = () => new TextDecoder().decode(bytes);
  return {
    headersObject,
    ok: status >= 200 && status < 300,
    redirected: false,
    status,
    statusText: "",
    type: "basic",
    url,
    arrayBuffer: async () => bytes,
    text: async () => text(),
    json: async () => JSON.parse(text()),
  };
}

export function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
