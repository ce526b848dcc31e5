/** From stored artifacts to what the sandbox puts into the document: names, places, and PNGs that Figma takes. */
import type { Artifact, BlobId, JobRecord, TransformRecord } from "../../../typescript/protocol.ts";
import type { Session } from "../../../web/core/wire.js";
import { duration, shortened } from "../../../web/core/words.js";
import { areaOf, barsOf, costOf, said } from "../../../web/core/results.js";
import type { Box, Picture, Tile } from "../messages.ts";
import { cut, punch } from "./masks.ts";
import { png } from "./png.ts";

/** The longest side of a picture that Figma takes. */
export const LIMIT = 4096;

/** A picture that a job made, with all that is known of it. */
export interface Piece {
  record: TransformRecord;
  job: JobRecord;
  artifact: Artifact;
  label: string;
}

/** What a transform made and nobody put away. */
export function piecesOf(record: TransformRecord, label: (model: string) => string): Piece[] {
  return record.jobs.flatMap((job) =>
    job.artifacts.filter(({ discarded }) => !discarded).map((artifact) => ({ record, job, artifact, label: label(job.model) })),
  );
}

/** Made of the model and of what was asked, as in every editor. */
export function layerName(label: string, asked: string, number?: number): string {
  const name = asked ? `${label}: ${shortened(asked, 48)}` : label;
  return number === undefined ? name : `${name} (${number})`;
}

export function nameOf({ record, job, artifact, label }: Piece): string {
  return layerName(label, said(record.ask), job.artifacts.length > 1 ? artifact.index + 1 : undefined);
}

/** The model with what it took and how much stayed: what stands above it among others. */
function labelOf({ job, artifact, label }: Piece): string {
  const number = job.artifacts.length > 1 ? ` (${artifact.index + 1})` : "";
  const [structure] = barsOf(artifact);
  return [label + number, duration(artifact.provenance.milliseconds / 1000), costOf(job), structure?.text ?? ""].filter(Boolean).join(" · ");
}

/**
 * One result as a layer in its place, or, where several are looked at side by side, all of the picture that it is part
 * of. `source`: the size of what was sent.
 */
export async function pictureOf(session: Session, piece: Piece, isCompared: boolean, source: { width: number; height: number }): Promise<Picture> {
  const { record, job, artifact } = piece;
  const { ask } = record;
  const from = { artifact: artifact.id, job: job.id, transform: record.id };
  const made = { ...from, name: nameOf(piece), label: labelOf(piece), about: shortened(`${said(ask)} · ${piece.label}`, 200) };
  const area = areaOf(artifact, ask);
  const isEnlarged = area.width !== artifact.width || area.height !== artifact.height;
  const coversAll = area.width >= source.width && area.height >= source.height;
  if (isCompared && !coversAll && !isEnlarged) {
    const tiles = await fetched(session, artifact.id, "whole", source);
    return { ...made, area: { x: 0, y: 0, ...source }, ...source, tiles };
  }
  const size = { width: artifact.width, height: artifact.height };
  const shown = ask.mask && !isEnlarged && !isCompared ? await punched(session, artifact, ask.mask) : null;
  return { ...made, area, ...size, tiles: shown ?? (await fetched(session, artifact.id, "place", size)) };
}

/**
 * The rectangles that a picture comes in. They overlap by a pixel, and equal pixels lie above each other there: edges
 * that only touch would let the background shine through at most zooms.
 */
export function grid(width: number, height: number, limit = LIMIT): Box[] {
  const columns = spans(width, limit);
  return spans(height, limit).flatMap(([y, down]) => columns.map(([x, across]) => ({ x, y, width: across, height: down })));
}

function spans(length: number, limit: number): [number, number][] {
  const count = length <= limit ? 1 : Math.ceil((length - 1) / (limit - 1));
  const step = Math.ceil(length / count);
  return Array.from({ length: count }, (_, number) => {
    const start = number * step;
    return [start, Math.min(step + (number + 1 < count ? 1 : 0), length - start)];
  });
}

async function fetched(session: Session, artifact: string, area: "whole" | "place", { width, height }: { width: number; height: number }): Promise<Tile[]> {
  const parts = grid(width, height);
  const tiles: Tile[] = [];
  for (const part of parts) {
    const crop = parts.length > 1 ? `&crop=${part.x},${part.y},${part.width},${part.height}` : "";
    const response = await session.get(`/v1/artifacts/${encodeURIComponent(artifact)}/picture?format=png&area=${area}${crop}`);
    tiles.push({ ...part, bytes: new Uint8Array(await response.arrayBuffer()) });
  }
  return tiles;
}

/** A masked result with nothing where nothing could change; `null` where its mask lets all of it change. */
async function punched(session: Session, { blob, place, width, height }: Artifact, mask: BlobId): Promise<Tile[] | null> {
  const allowed = await rows(session, mask, "gray8");
  const part = cut(allowed.bytes, allowed.width, place);
  if (!part.includes(0)) return null;
  const { bytes } = await rows(session, blob, "rgba8&colours=srgb");
  punch(bytes, part);
  const tiles: Tile[] = [];
  for (const box of grid(width, height)) tiles.push({ ...box, bytes: await png(bytes, width, box.x, box.y, box.width, box.height) });
  return tiles;
}

/** The rows of a stored picture. */
export async function rows(session: Session, blob: BlobId, format: string): Promise<{ bytes: Uint8Array<ArrayBuffer>; width: number; height: number }> {
  const response = await session.get(`/v1/blobs/${blob}/pixels?format=${format}`);
  const type = response.headers.get("content-type") ?? "";
  const side = (name: string) => Number(new RegExp(`${name}=(\\d+)`).exec(type)?.[1]);
  return { bytes: new Uint8Array(await response.arrayBuffer()), width: side("width"), height: side("height") };
}
