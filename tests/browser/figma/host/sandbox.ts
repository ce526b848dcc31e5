/**
 * Runs the plugin's code as Figma does: in a scope that has the language and `figma`, and neither a window nor a
 * document. Whatever else it reaches for is an error.
 */
import type { FetchOptions, FetchResponse } from "./fetching.ts";

const LANGUAGE = [
  "Array", "ArrayBuffer", "BigInt", "Boolean", "DataView", "Date", "Error", "Float32Array", "Float64Array", "Function", "Infinity",
  "Int8Array", "Int16Array", "Int32Array", "JSON", "Map", "Math", "NaN", "Number", "Object", "Promise", "Proxy", "RangeError",
  "Reflect", "RegExp", "Set", "String", "Symbol", "SyntaxError", "TypeError", "Uint8Array", "Uint8ClampedArray", "Uint16Array",
  "Uint32Array", "WeakMap", "WeakSet", "decodeURIComponent", "encodeURIComponent", "isFinite", "isNaN", "parseFloat", "parseInt", "undefined",
];

/** Reached for, and not there: a plugin that works here must not need them. */
export const missing: string[] = [];

export interface Globals {
  figma: unknown;
  html: string;
  fetch: (url: string, init?: FetchOptions) => Promise<FetchResponse>;
}

/** Runs it; what is given back ends its timers, as closing a plugin does. */
export function run(code: string, { figma, html, fetch }: Globals): () => void {
  const timers = new Set<number>();
  const timed = (start: typeof setTimeout | typeof setInterval) => (callback: () => void, after: number) => {
    const handle = start(callback, after) as unknown as number;
    timers.add(handle);
    return handle;
  };
  const there: Record<string, unknown> = {
    figma,
    fetch,
    __html__: html,
    console: { log: console.log, info: console.info, warn: console.warn, error: console.error, assert: console.assert, clear: () => {} },
    setTimeout: timed(setTimeout),
    clearTimeout: (handle: number) => clearTimeout(handle),
    setInterval: timed(setInterval),
    clearInterval: (handle: number) => clearInterval(handle),
  };
  for (const name of LANGUAGE) there[name] = (globalThis as Record<string, unknown>)[name];
  const scope = new Proxy(there, {
    has: () => true,
    get: (all, name) => {
      if (name === Symbol.unscopables) return undefined;
      if (typeof name === "string" && name in all) return all[name];
      missing.push(String(name));
      throw new ReferenceError(`'${String(name)}' is not defined`);
    },
  });
  // `with` is the one way to take away what every scope of a page has.
  new Function("scope", `with (scope) { (function () {\n${code}\n}).call(undefined); }`)(scope);
  return () => timers.forEach((handle) => clearTimeout(handle));
}
