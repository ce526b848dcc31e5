/**
 * The simulated host: a page that stands for Figma's. It shows a document, runs the plugin beside it, and lets a test
 * be the person. It is not Figma, and says so.
 */
import type { Paint, Transform } from "@figma/plugin-typings/plugin-api-standalone";
import { plugin, type Running } from "./api.ts";
import { bitmaps, draw, exportPng } from "./draw.ts";
import { base64, fetching, type Route } from "./fetching.ts";
import { union } from "./matrix.ts";
import type { Kind, SimNode, State } from "./node.ts";
import { missing, run } from "./sandbox.ts";
import { Scene } from "./scene.ts";
import { framed, sheet, type Theme } from "./theme.ts";

interface Manifest {
  networkAccess: { allowedDomains: string[]; devAllowedDomains: string[] };
  menu: { command?: string }[];
  relaunchButtons: { command: string }[];
}

/** RGBA, row by row, in base64: arrays of numbers take seconds on their way to a test. */
interface Pixels {
  width: number;
  height: number;
  data: string;
}

/** How the host is to be, from its address. */
const asked = new URLSearchParams(location.search);
const route = (asked.get("route") ?? "page") as Route;
let theme = (asked.get("theme") ?? "light") as Theme;
const allow = asked.get("allow") ?? "";

const scene = new Scene();
const storage = new Map<string, unknown>();
const opened: string[] = [];
const requests = { sandbox: 0 };
const exports = { upright: asked.get("upright") === "1" };
const canvas = document.getElementById("canvas") as HTMLCanvasElement;
const dialog = document.getElementById("plugin") as HTMLElement;
let running: Running | null = null;
let endTimers = () => {};
let frame: HTMLIFrameElement | null = null;
let view: Transform = [[1, 0, 0], [0, 1, 0]];

const text = async (path: string) => (await fetch(path)).text();
const manifest: Manifest = JSON.parse(await text("/plugin/manifest.json"));
if (theme === "dark") scene.ground = { r: 0.12, g: 0.12, b: 0.12 };
scene.relaunchCommands = manifest.relaunchButtons.map(({ command }) => command);
scene.onChange = (nodeChanges) => {
  running?.changed({ nodeChanges });
  void show();
};

addEventListener("message", ({ source, data }) => {
  if (frame && source === frame.contentWindow && data?.pluginMessage) running?.fromUi(data.pluginMessage);
});

/** What a person does, and what a test looks at. */
const host = {
  scene,
  storage,
  opened,
  requests,
  missing,

  async start(command = "open"): Promise<void> {
    host.close();
    // A closed plugin knows nothing of what it had loaded.
    scene.fonts.clear();
    scene.unload();
    const [code, html] = await Promise.all([text("/plugin/dist/code.js"), text("/plugin/dist/ui.html")]);
    running = plugin(scene, {
      command,
      storage,
      exports,
      showUi: (markup, options) => open(markup, options.width ?? 300, options.height ?? 200, options.themeColors ?? false),
      closeUi: () => host.close(),
      toUi: (pluginMessage) => frame?.contentWindow?.postMessage({ pluginMessage, pluginId: "easel" }, "*"),
      opened: (url) => opened.push(url),
      notified: (said) => console.info(said),
    });
    endTimers = run(code, { figma: running.figma, html, fetch: fetching(route, () => (requests.sandbox += 1)) });
  },

  close(): void {
    endTimers();
    running?.stop();
    running = null;
    frame?.remove();
    frame = null;
    dialog.hidden = true;
  },

  select(...ids: string[]): void {
    scene.selection = ids.map((id) => scene.node(id));
    running?.emit("selectionchange");
    void show();
  },

  undo: () => scene.undo(),

  setTheme(next: Theme): void {
    theme = next;
    document.documentElement.dataset.theme = next;
    frame?.contentWindow?.postMessage({ simulatedTheme: { theme: next, sheet: sheet(next) } }, "*");
  },

  /** A picture in the document: a rectangle with an image in it, or whatever `kind` says. */
  async image(bytes: number[], initial: Partial<State> & { kind?: Kind; parent?: string } = {}): Promise<string> {
    const { kind = "RECTANGLE", parent, ...state } = initial;
    const image = scene.images.create(Uint8Array.from(bytes));
    const size = await image.getSizeAsync();
    const fills: Paint[] = [{ type: "IMAGE", scaleMode: "FILL", imageHash: image.hash }];
    return host.node(kind, { ...size, fills, ...state }, parent);
  },

  node(kind: Kind, state: Partial<State> = {}, parent?: string): string {
    const node = scene.create(kind, state, parent ? scene.node(parent) : scene.current);
    scene.commit();
    return node.id;
  },

  /** What a node looks like, so many pixels wide: RGBA. */
  async pixels(id: string, width: number): Promise<Pixels> {
    return raw(await exportPng(scene.node(id), { format: "PNG", constraint: { type: "WIDTH", value: width } }, { upright: false }));
  },

  /** A rectangle of the page as it is seen, `scale` pixels a unit. */
  async seen(x: number, y: number, width: number, height: number, scale = 1): Promise<Pixels> {
    const offscreen = new OffscreenCanvas(Math.round(width * scale), Math.round(height * scale));
    const context = offscreen.getContext("2d") as OffscreenCanvasRenderingContext2D;
    draw(context, scene.current, [[scale, 0, -x * scale], [0, scale, -y * scale]], await bitmaps([scene.current]));
    return pixels(context.getImageData(0, 0, offscreen.width, offscreen.height));
  },

  /** Everything about a node that a test may ask. */
  about(id: string) {
    const node = scene.node(id);
    const { state } = node;
    return {
      id,
      type: node.type,
      name: state.name,
      parent: state.parent,
      index: node.parent?.state.children.indexOf(id) ?? -1,
      removed: node.removed,
      width: node.width,
      height: node.height,
      relative: node.relativeTransform,
      absolute: node.absoluteTransform,
      box: node.absoluteBoundingBox,
      positioning: state.layoutPositioning,
      data: { ...state.data },
      relaunch: { ...state.relaunch },
      children: [...state.children],
      fills: state.fills.map(({ type }) => type),
      characters: state.characters,
    };
  },

  all: () => scene.current.all.filter((node) => node.type !== "PAGE").map(({ id }) => host.about(id)),
  made: () => host.all().filter(({ data }) => data["easel.artifact"]),
  documentData: () => JSON.stringify(scene.root.all.map(({ state }) => state)),
  steps: () => scene.steps,
};

export type Host = typeof host;
Object.assign(globalThis, { host });
document.documentElement.dataset.theme = theme;

async function raw(png: Uint8Array): Promise<Pixels> {
  const bitmap = await createImageBitmap(new Blob([png as Uint8Array<ArrayBuffer>]));
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d") as OffscreenCanvasRenderingContext2D;
  context.drawImage(bitmap, 0, 0);
  return pixels(context.getImageData(0, 0, bitmap.width, bitmap.height));
}

function pixels({ width, height, data }: ImageData): Pixels {
  return { width, height, data: base64(new Uint8Array(data.buffer)) };
}

/** The plugin's window. */
function open(markup: string, width: number, height: number, themed: boolean): void {
  frame = document.createElement("iframe");
  frame.title = "Easel";
  frame.setAttribute("sandbox", "allow-scripts");
  if (allow) frame.allow = allow;
  const port = Number(asked.get("daemon"));
  const { devAllowedDomains } = manifest.networkAccess;
  // A test's daemon has a port of its own; a person would have written it into the manifest.
  const domains = asked.get("domains") === "manifest" ? devAllowedDomains : devAllowedDomains.map((domain) => domain.replace(/\d+$/, String(port)));
  frame.srcdoc = themed ? framed(markup, theme, domains) : markup;
  frame.width = String(width);
  frame.height = String(Math.min(height, innerHeight - 96));
  dialog.replaceChildren(...[...dialog.children].slice(0, 1), frame);
  dialog.hidden = false;
}

/** Draws the document on the screen. */
async function show(): Promise<void> {
  canvas.width = canvas.clientWidth;
  canvas.height = canvas.clientHeight;
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  const nodes: SimNode[] = scene.current.inside;
  if (!nodes.length) return;
  const pictures = await bitmaps([scene.current]);
  const { x, y, width, height } = union(nodes.map((node) => node.absoluteBoundingBox));
  const room = dialog.hidden ? 0 : 400;
  const scale = Math.min((canvas.width - room - 96) / width, (canvas.height - 96) / height, 1);
  view = [[scale, 0, 48 - x * scale], [0, scale, 48 - y * scale]];
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  draw(context, scene.current, view, pictures);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.strokeStyle = "#0d99ff";
  context.lineWidth = 2;
  for (const node of scene.selection) {
    const box = node.absoluteBoundingBox;
    context.strokeRect(box.x * scale + view[0][2], box.y * scale + view[1][2], box.width * scale, box.height * scale);
  }
}
