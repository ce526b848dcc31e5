/** Several results side by side: each in a frame with its model's name above, to the right of their source. */
import type { Box, Picture } from "../messages.ts";
import { overlap } from "../geometry.ts";
import { shown, sign, type Ready } from "./pictures.ts";
import { seen, type Placed, type Target } from "./place.ts";
import { ancestors, boxOf, DATA } from "./sight.ts";

const FONT: FontName = { family: "Inter", style: "Medium" };

/** Letters that can be read at the zoom at which a picture fills the screen, as a share of its width. */
const LETTERS = { share: 1 / 28, least: 12, most: 160 };

/** Gets ready, and gives what makes the frames. */
export async function beside(target: Target, title: string, made: Ready[], placed: Placed): Promise<() => void> {
  const readable = await figma.loadFontAsync(FONT).then(
    () => true,
    // Where there is no such font, the frames still have their names in the list of layers.
    () => false,
  );
  const around = seen(target);
  const letters = Math.min(LETTERS.most, Math.max(LETTERS.least, Math.round(around.width * LETTERS.share)));
  const gap = Math.max(24, Math.round(around.width / 16));
  const head = readable ? Math.round(letters * 1.75) : 0;

  return () => {
    const ink = inkOn(target.page);
    const sizes = made.map(({ picture }) => sizeOf(picture, target, around));
    const all = figma.createFrame();
    placed.nodes.push(all);
    all.name = title;
    all.fills = [];
    all.clipsContent = false;
    all.resizeWithoutConstraints(
      sizes.reduce((sum, it) => sum + it.width, gap * (made.length - 1)),
      head + Math.max(...sizes.map((it) => it.height)),
    );
    target.page.appendChild(all);
    const spot = freeSpot(target, all, around, gap * 2, head);
    all.x = spot.x;
    all.y = spot.y;
    let x = 0;
    made.forEach((one, number) => {
      const size = sizes[number];
      if (!size) return;
      const node = shown(one, size.width, size.height);
      sign(node, one.picture, "compare");
      all.appendChild(node);
      node.x = x;
      node.y = head;
      if (readable) all.appendChild(label(one.picture, x, size.width, letters, ink));
      x += size.width + gap;
    });
  };
}

/** Letters that are seen on the page's own background. */
function inkOn({ backgrounds }: PageNode): SolidPaint {
  const [ground] = backgrounds;
  const { r, g, b } = ground?.type === "SOLID" ? ground.color : { r: 1, g: 1, b: 1 };
  const value = 0.299 * r + 0.587 * g + 0.114 * b > 0.5 ? 0.1 : 0.91;
  return { type: "SOLID", color: { r: value, g: value, b: value } };
}

function label(picture: Picture, x: number, width: number, letters: number, ink: SolidPaint): TextNode {
  const text = figma.createText();
  text.fontName = FONT;
  text.fontSize = letters;
  text.fills = [ink];
  text.characters = picture.label;
  text.textAutoResize = "NONE";
  text.textTruncation = "ENDING";
  text.resize(width, Math.round(letters * 1.4));
  text.x = x;
  text.y = 0;
  text.setPluginData(DATA.place, "label");
  return text;
}

/** As large as the part of the source that it covers is seen. */
function sizeOf({ area }: Picture, { width, height }: Target, around: Box): { width: number; height: number } {
  return { width: (area.width / width) * around.width, height: (area.height / height) * around.height };
}

/** To the right of everything that the source lies in, where nothing else is. */
function freeSpot({ page, source }: Target, own: SceneNode, around: Box, gap: number, head: number): { x: number; y: number } {
  const line = source ? [source, ...ancestors(source)] : [];
  const outermost = line.filter(({ type }) => type !== "PAGE").pop() as SceneNode | undefined;
  const all = (outermost && boxOf(outermost)) ?? around;
  const spot: Box = { x: all.x + all.width + gap, y: around.y - head, width: own.width, height: own.height };
  const others = page.children.filter((it) => it !== own).map(boxOf);
  for (let tries = 0; tries < 1000; tries += 1) {
    const blocking = others.find((it) => it && overlap(it, spot));
    if (!blocking) break;
    spot.x = blocking.x + blocking.width + gap;
  }
  return spot;
}
