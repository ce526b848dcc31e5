/** Where results go, how their pictures get there, and what is said of it. */
import type { TransformRecord } from "../../../typescript/protocol.ts";
import { announce } from "../../../web/core/dom.js";
import { failureLine, several, size } from "../../../web/core/words.js";
import type { Picture, Place } from "../messages.ts";
import { LIMIT, pictureOf, type Piece } from "./bring.ts";
import type { Panel } from "./panel.ts";
import { growthOf } from "./recipes.ts";
import type { Line } from "./teller.ts";

export class Arrival {
  constructor(
    readonly panel: Panel,
    /** Where a source lay, as far as this plugin remembers. */
    readonly remembered: (source: string) => Place | undefined,
  ) {}

  /** Where a source lay, from what is stored of it. */
  async placeOf(source: string, node: string, origin?: { x: number; y: number } | null): Promise<Place> {
    const known = this.remembered(source);
    if (known) return known;
    const response = await this.panel.session.get(`/v1/blobs/${source}/info`);
    const { picture } = await response.json();
    const toPage: Place["toPage"] = [
      [1, 0, origin?.x ?? 0],
      [0, 1, origin?.y ?? 0],
    ];
    return { node, width: picture.width, height: picture.height, toPage };
  }

  /** Brings pictures and puts them into the document; `steps` are those of a recipe's run. */
  async place(place: Place, title: string, pieces: Piece[], steps?: TransformRecord[]): Promise<Line | null> {
    const pictures: Picture[] = [];
    for (const piece of pieces) {
      pictures.push(await (steps ? this.#ofRecipe(piece, place, steps) : pictureOf(this.panel.session, piece, pieces.length > 1, place)));
    }
    const { notes } = await this.panel.bridge.call("place", { placement: { place, title, pictures } });
    announce(pictures.length > 1 ? `${pictures.length} results are placed side by side` : "The result is placed");
    const large = pictures.find(({ tiles }) => tiles.length > 1);
    if (large) notes.push(`${size(large.width, large.height)} px lie in a frame of ${large.tiles.length} pictures: one in Figma ends at ${LIMIT} px.`);
    return notes[0] ? { severity: "info", text: notes.join(" ") } : null;
  }

  /** All of the picture: an earlier step may have changed more of it than the last one. */
  async #ofRecipe(piece: Piece, place: Place, steps: TransformRecord[]): Promise<Picture> {
    const own = await this.placeOf(piece.record.ask.source, place.node);
    const { top, right, bottom, left } = growthOf(piece, steps);
    const area = { x: -left, y: -top, width: place.width + left + right, height: place.height + top + bottom };
    return { ...(await pictureOf(this.panel.session, piece, true, own)), area };
  }

  /** Puts a stored result into the document once more. */
  async deliver(piece: Piece): Promise<Line | null> {
    const { ask } = piece.record;
    return this.place(await this.placeOf(ask.source, ask.origin?.layer ?? "", ask.origin), "", [piece]);
  }
}

/** What is to be said of how a transform ended. */
export function endingOfTransform({ jobs }: TransformRecord, pieces: Piece[], placed: Line | null, label: (model: string) => string): Line | null {
  const failed = jobs.filter(({ failure, state }) => failure && state === "failed");
  const [first] = failed;
  if (first?.failure && !pieces.length) {
    const line = failureLine(first.failure);
    const more = failed.length > 1 ? ` (and ${failed.length - 1} more)` : "";
    return { severity: "error", text: `${label(first.model)}: ${line.text}${more}`, hint: line.hint };
  }
  // Who failed beside others stands in the results with its reason.
  if (first) return { severity: "warning", text: several(failed.length, "model gave no picture", "models gave no picture") };
  if (pieces.length) return placed;
  return { severity: "info", text: jobs.some(({ state }) => state === "cancelled") ? "Cancelled" : "No picture came" };
}
