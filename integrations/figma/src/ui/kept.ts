/** What the plugin keeps between sessions, and what was begun and has not arrived yet. Pure. */
import type { Ask, RecipeRunParams } from "../../../typescript/protocol.ts";
import { readDraft, type Draft } from "../../../web/core/draft.js";
import type { Place } from "../messages.ts";
import type { Large } from "./size.ts";

export const PORT = 47615;

export interface Settings {
  draft: Draft;
  port: number;
  large: Large;
  /** The part `More` is unfolded. */
  more: boolean;
}

export function readSettings(kept: unknown): Settings {
  const read = (kept ?? {}) as Partial<Settings>;
  const port = Number(read.port);
  return {
    draft: readDraft(read.draft),
    port: isPort(port) ? port : PORT,
    large: read.large === "scale" ? "scale" : "tiles",
    more: read.more === true,
  };
}

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}

/**
 * What was asked for, kept until its layers have come: with its key it is asked for only once, however often, so that
 * a plugin that was closed in the middle goes on with it.
 */
export interface Begun {
  key: string;
  /** The document's id. */
  document: string;
  place: Place;
  ask?: Ask;
  recipe?: RecipeRunParams;
  /** The daemon's name for it, once it has one. */
  id?: string;
}

/** More than anybody has at once; a daemon that was replaced must not leave them for ever. */
const MOST = 16;

export function readBegun(kept: unknown): Begun[] {
  if (!Array.isArray(kept)) return [];
  return kept.filter((it: Partial<Begun> | null) => it?.key && it.document && it.place && (it.ask || it.recipe)).slice(-MOST) as Begun[];
}

export function withBegun(all: readonly Begun[], begun: Begun): Begun[] {
  return [...all.filter(({ key }) => key !== begun.key), begun].slice(-MOST);
}
