/** Draws nodes, on the screen and into PNGs. Pictures and flat colours are drawn as Figma draws them; the rest is left out. */
import type { ExportSettingsImage, ImagePaint, Paint, Rect, Transform } from "@figma/plugin-typings/plugin-api-standalone";
import type { SimNode } from "./node.ts";

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** Every picture that a node and what is in it shows, decoded. */
export async function bitmaps(nodes: readonly SimNode[]): Promise<Map<string, ImageBitmap>> {
  const found = new Map<string, ImageBitmap>();
  for (const node of nodes.flatMap((it) => it.all)) {
    for (const paint of node.state.fills) {
      if (paint.type === "IMAGE" && paint.imageHash) found.set(paint.imageHash, await node.scene.images.bitmap(paint.imageHash));
    }
  }
  return found;
}

/** `view`: from units of the page to pixels. */
export function draw(context: Context, node: SimNode, view: Transform, pictures: Map<string, ImageBitmap>): void {
  if (!node.state.visible) return;
  context.save();
  context.globalAlpha *= node.state.opacity;
  if (node.type !== "GROUP" && node.type !== "PAGE") {
    place(context, view, node.absoluteTransform);
    outline(context, node);
    for (const paint of node.state.fills) fill(context, node, paint, pictures);
    if (node.type === "TEXT") text(context, node);
    if (node.state.clipsContent && node.holds) {
      outline(context, node);
      context.clip();
    }
  }
  for (const child of node.inside) draw(context, child, view, pictures);
  context.restore();
}

function place(context: Context, [[a, b, x], [c, d, y]]: Transform, [[e, f, u], [g, h, v]]: Transform): void {
  context.setTransform(a * e + b * g, c * e + d * g, a * f + b * h, c * f + d * h, a * u + b * v + x, c * u + d * v + y);
}

function outline(context: Context, { type, state }: SimNode): void {
  const { width, height, points, cornerRadius } = state;
  context.beginPath();
  if (type === "ELLIPSE") context.ellipse(width / 2, height / 2, width / 2, height / 2, 0, 0, 2 * Math.PI);
  else if (points.length) points.forEach(([x, y], number) => (number ? context.lineTo(x, y) : context.moveTo(x, y)));
  else if (cornerRadius) context.roundRect(0, 0, width, height, cornerRadius);
  else context.rect(0, 0, width, height);
  context.closePath();
}

function fill(context: Context, { type, state }: SimNode, paint: Paint, pictures: Map<string, ImageBitmap>): void {
  if (paint.visible === false || type === "TEXT") return;
  context.save();
  context.globalAlpha *= paint.opacity ?? 1;
  if (paint.type === "SOLID") {
    const { r, g, b } = paint.color;
    context.fillStyle = `rgb(${Math.round(255 * r)} ${Math.round(255 * g)} ${Math.round(255 * b)})`;
    context.fill();
  } else if (paint.type === "IMAGE" && paint.imageHash) {
    const picture = pictures.get(paint.imageHash);
    // A rectangle needs no clip, whose edge would be softened.
    if (type !== "RECTANGLE" || state.cornerRadius) context.clip();
    if (picture) image(context, picture, paint, state.width, state.height);
  }
  context.restore();
}

function image(context: Context, picture: ImageBitmap, { scaleMode, imageTransform }: ImagePaint, width: number, height: number): void {
  context.imageSmoothingQuality = "high";
  if (scaleMode === "CROP") {
    const [[a, , x], [, d, y]] = imageTransform ?? [[1, 0, 0], [0, 1, 0]];
    context.drawImage(picture, x * picture.width, y * picture.height, a * picture.width, d * picture.height, 0, 0, width, height);
    return;
  }
  const scales = [width / picture.width, height / picture.height];
  const scale = scaleMode === "FIT" ? Math.min(...scales) : Math.max(...scales);
  const [wide, high] = [width / scale, height / scale];
  context.drawImage(picture, (picture.width - wide) / 2, (picture.height - high) / 2, wide, high, 0, 0, width, height);
}

function text(context: Context, { state }: SimNode): void {
  const { characters, fontSize, fontName, width } = state;
  const paint = state.fills[0];
  const { r, g, b } = paint?.type === "SOLID" ? paint.color : { r: 0, g: 0, b: 0 };
  context.fillStyle = `rgb(${255 * r} ${255 * g} ${255 * b})`;
  context.font = `${fontName.style === "Regular" ? 400 : 600} ${fontSize}px ${fontName.family}, sans-serif`;
  context.textBaseline = "top";
  let shown = characters;
  while (state.textTruncation === "ENDING" && shown.length > 1 && context.measureText(shown).width > width) shown = `${shown.replace(/…$/, "").slice(0, -1)}…`;
  context.fillText(shown, 0, fontSize * 0.2);
}

/** How an export of a turned node comes out: Figma's typings leave it open, so both are tried. */
export interface Exports {
  upright: boolean;
}

export async function exportPng(node: SimNode, settings: ExportSettingsImage, { upright }: Exports): Promise<Uint8Array> {
  if (settings.format !== "PNG") throw new Error("in exportAsync: only PNG is simulated");
  if (!node.visible || node.line.some(({ visible }) => !visible)) throw new Error("in exportAsync: Failed to export node. This node may not have any visible layers.");
  const own = upright && node.type !== "GROUP";
  const box: Rect = own ? { x: 0, y: 0, width: node.width, height: node.height } : node.absoluteBoundingBox;
  const { type, value } = settings.constraint ?? { type: "SCALE", value: 1 };
  const scale = type === "SCALE" ? value : type === "WIDTH" ? value / box.width : value / box.height;
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(box.width * scale)), Math.max(1, Math.round(box.height * scale)));
  const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
  const [across, down] = [canvas.width / box.width, canvas.height / box.height];
  let view: Transform = [[across, 0, -box.x * across], [0, down, -box.y * down]];
  if (own) {
    const [[a, b, x], [c, d, y]] = node.absoluteTransform;
    // Turned back: what is under the node's own transform is seen as if it stood upright.
    const area = a * d - b * c;
    const back: Transform = [[d / area, -b / area, (b * y - d * x) / area], [-c / area, a / area, (c * x - a * y) / area]];
    view = [[across * back[0][0], across * back[0][1], across * back[0][2]], [down * back[1][0], down * back[1][1], down * back[1][2]]];
  }
  draw(context, node, view, await bitmaps([node]));
  return new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer());
}
