/** From the PNGs of a result to a node that shows them. */
import type { Box, Picture } from "../messages.ts";
import { DATA } from "./sight.ts";
import { Told } from "./told.ts";

const NAME = 200;

export type Shown = RectangleNode | FrameNode;

/** What a node of Easel's is for: the result in its place, or one of several side by side. */
export type Use = "layer" | "compare";

/** A result whose pixels Figma has. */
export interface Ready {
  picture: Picture;
  images: Image[];
}

/** Hands the pixels to Figma. Done before anything is changed, since it may fail. */
export function ready(picture: Picture): Ready {
  const images = picture.tiles.map((tile) => {
    try {
      return figma.createImage(tile.bytes);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Told(`Figma does not take the picture: ${why}`, "The result stays in the history.");
    }
  });
  // Figma's list of layers shows no more.
  return { picture: { ...picture, name: picture.name.slice(0, NAME) }, images };
}

/** A rectangle with one picture in it, or a frame of several where it is larger than Figma takes. */
export function shown({ picture, images }: Ready, width: number, height: number): Shown {
  const [first] = images;
  if (images.length === 1 && first) {
    const rectangle = figma.createRectangle();
    rectangle.resize(width, height);
    rectangle.fills = [fill(first, picture.area, picture)];
    return rectangle;
  }
  const frame = figma.createFrame();
  frame.resizeWithoutConstraints(width, height);
  frame.fills = [];
  frame.clipsContent = true;
  picture.tiles.forEach((tile, number) => {
    const image = images[number];
    if (!image) return;
    const part = figma.createRectangle();
    frame.appendChild(part);
    part.x = (tile.x / picture.width) * width;
    part.y = (tile.y / picture.height) * height;
    part.resize((tile.width / picture.width) * width, (tile.height / picture.height) * height);
    part.fills = [fill(image, tile, tile)];
    part.constraints = { horizontal: "SCALE", vertical: "SCALE" };
    part.name = `${number + 1} of ${picture.tiles.length}`;
  });
  return frame;
}

/** Edge to edge: where the sides differ in their ratio by a fraction of a pixel, filling would cut that off. */
function fill(image: Image, area: Box, size: { width: number; height: number }): ImagePaint {
  const exact = area.width * size.height === area.height * size.width;
  if (exact) return { type: "IMAGE", scaleMode: "FILL", imageHash: image.hash };
  const whole: Transform = [
    [1, 0, 0],
    [0, 1, 0],
  ];
  return { type: "IMAGE", scaleMode: "CROP", imageHash: image.hash, imageTransform: whole };
}

/** Names a node and writes into it what it was made from. */
export function sign(node: Shown, picture: Picture, use: Use): void {
  node.name = picture.name;
  node.setPluginData(DATA.artifact, picture.artifact);
  node.setPluginData(DATA.job, picture.job);
  node.setPluginData(DATA.transform, picture.transform);
  node.setPluginData(DATA.place, use);
  node.setRelaunchData({ iterate: picture.about, "re-run": "" });
}
