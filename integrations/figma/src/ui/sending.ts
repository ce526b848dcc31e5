/** Reads what was selected and hands it to the daemon: the source, its mask, the references. */
import type { Ask, BlobId, Origin } from "../../../typescript/protocol.ts";
import { askOf } from "../../../web/core/draft.js";
import type { Exported, Place, Sighted } from "../messages.ts";
import { rows } from "./bring.ts";
import { cut, maskOf } from "./masks.ts";
import { CLIENT, referenceSize, type Panel } from "./panel.ts";

/** What is asked, and where its results belong. */
export interface Sending {
  ask: Ask;
  place: Place;
}

const PNG = { type: "image/png" };

/** Everything that was set when the button was pressed; `read` then fetches the pixels. */
export function sending(panel: Panel): () => Promise<Sending> {
  const { parent, source } = panel;
  if (!source) throw new Error("there is no source");
  // Made now: what is changed while it is sent is for the next one.
  const effective = panel.effective();
  const keep = panel.kept();
  const references = panel.controls.references ? panel.with("reference").filter(({ problem }) => !problem) : [];
  const { sight, maskSight } = panel;

  return async () => {
    const read = parent ? await readParent(panel) : await readLayer(panel, sight, maskSight);
    const document = await panel.bridge.call("document", {});
    panel.document = document;
    const { blob, mask, place, title } = read;
    const ask = askOf(effective, { source: blob, mask, width: place.width, height: place.height, keep, title, parent: parent?.artifact.id });
    const further = await Promise.all(references.map(async (it) => (await sendReference(panel, it)).blob));
    const all = [...new Set([...further, ...(ask.references ?? [])])];
    if (all.length) ask.references = all;
    return { ask: { ...ask, client: CLIENT, origin: originOf(place, document) }, place };
  };
}

/** Where a result finds back to, in whole units as the wire has them; the layer's own place decides. */
export function originOf({ node, toPage }: Place, document: string): Origin {
  return { x: Math.round(toPage[0][2]), y: Math.round(toPage[1][2]), document, layer: node };
}

interface Read {
  blob: BlobId;
  mask: BlobId | undefined;
  place: Place;
  title: string;
}

async function readLayer(panel: Panel, sight: Sighted | undefined, maskSight: Sighted | undefined): Promise<Read> {
  if (!sight) throw new Error("there is no source");
  const source = await panel.bridge.call("export", { node: sight.id, width: panel.exporting(sight).width });
  const blob = await upload(panel, source);
  const mask = maskSight ? await sendMask(panel, source, maskSight) : undefined;
  return { blob, mask, title: sight.name, place: placeOf(sight.id, source) };
}

export function placeOf(node: string, { width, height, toPage }: Pick<Exported, "width" | "height" | "toPage">): Place {
  return { node, width, height, toPage };
}

async function upload(panel: Panel, { bytes }: Exported): Promise<BlobId> {
  return (await panel.session.upload(bytes as Uint8Array<ArrayBuffer>, PNG)).id;
}

async function sendMask(panel: Panel, source: Exported, sight: Sighted): Promise<BlobId> {
  // As fine as the source, so that a pixel of one is a pixel of the other.
  const density = Math.hypot(source.toPage[0][0], source.toPage[1][0]);
  const shape = await panel.bridge.call("export", { node: sight.id, width: Math.max(1, Math.round(sight.box.width / density)) });
  const mask = await maskOf(source, shape);
  if (!mask.region) throw new Error(`${sight.name} covers nothing of the source`);
  return sendRows(panel, mask.rows, mask.width, mask.height);
}

/** Rows as they are: no codec comes near them. */
async function sendRows(panel: Panel, bytes: Uint8Array<ArrayBuffer>, width: number, height: number): Promise<BlobId> {
  const type = `application/vnd.easel.pixels; format=gray8; width=${width}; height=${height}`;
  return (await panel.session.upload(bytes, { type })).id;
}

/** A selected layer as a reference. */
export async function sendReference(panel: Panel, sight: Sighted): Promise<{ blob: BlobId; title: string; width: number; height: number }> {
  const { width } = referenceSize(panel.exporting(sight));
  const picture = await panel.bridge.call("export", { node: sight.id, width });
  return { blob: await upload(panel, picture), title: sight.name, width: picture.width, height: picture.height };
}

/** What an iteration goes on from is the daemon's already; what was to stay then is to stay now. */
async function readParent(panel: Panel): Promise<Read> {
  const { parent } = panel;
  if (!parent) throw new Error("there is no result to go on from");
  const { artifact, record, label } = parent;
  const { blob, width, height, place } = artifact;
  let mask: BlobId | undefined;
  if (record.ask.mask && place.width === width && place.height === height) {
    const asked = await rows(panel.session, record.ask.mask, "gray8");
    mask = await sendRows(panel, cut(asked.bytes, asked.width, place), width, height);
  }
  const layer = await panel.bridge.call("find", { artifact: artifact.id });
  const from = record.ask.origin;
  const toPage: Place["toPage"] = layer
    ? [
        [layer.box.width / width, 0, layer.box.x],
        [0, layer.box.height / height, layer.box.y],
      ]
    : [
        [place.width / width, 0, (from?.x ?? 0) + place.x],
        [0, place.height / height, (from?.y ?? 0) + place.y],
      ];
  const node = layer?.id ?? from?.layer ?? "";
  return { blob, mask, title: record.ask.title ?? label, place: { node, width, height, toPage } };
}
