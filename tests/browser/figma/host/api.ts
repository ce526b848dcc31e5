/** The `figma` of the simulated host: what the plugin uses of Figma's, held to the official typings by the compiler. */
import type {
  ClientStorageAPI,
  ExportMixin,
  ExportSettings,
  FontName,
  FontNameInput,
  FrameNode,
  NotificationHandler,
  PageNode,
  PluginAPI,
  RectangleNode,
  ShowUIOptions,
  TextNode,
  UIAPI,
  ViewportAPI,
} from "@figma/plugin-typings/plugin-api-standalone";
import { exportPng, type Exports } from "./draw.ts";
import { union } from "./matrix.ts";
import type { SimNode } from "./node.ts";
import type { Scene } from "./scene.ts";

/** What the plugin uses. A name that Figma does not have, or has with another shape, fails to compile. */
type Used = Pick<
  PluginAPI,
  | "apiVersion" | "command" | "editorType" | "root" | "currentPage" | "clientStorage" | "viewport" | "ui" | "mixed"
  | "skipInvisibleInstanceChildren" | "showUI" | "closePlugin" | "commitUndo" | "triggerUndo" | "openExternal" | "notify"
  | "on" | "off" | "once" | "getNodeById" | "getNodeByIdAsync" | "setCurrentPageAsync"
  | "createRectangle" | "createFrame" | "createText" | "createImage" | "getImageByHash" | "loadFontAsync"
>;

export interface Outside {
  /** The manifest's commands, and which one was chosen. */
  command: string;
  storage: Map<string, unknown>;
  exports: Exports;
  showUi: (html: string, options: ShowUIOptions) => void;
  closeUi: () => void;
  toUi: (message: unknown) => void;
  opened: (url: string) => void;
  notified: (text: string) => void;
}

export interface Running {
  figma: Used;
  fromUi: (message: unknown) => void;
  emit: (type: string) => void;
  changed: (event: { nodeChanges: unknown[] }) => void;
  stop: () => void;
}

const MIXED = Symbol("mixed");

export function plugin(scene: Scene, outside: Outside): Running {
  const listeners = new Map<string, Set<() => void>>();
  const onPages = new Map<SimNode, Set<(event: never) => void>>();
  const messages = new Set<(message: unknown, props: { origin: string }) => void>();
  let onmessage: UIAPI["onmessage"];
  let alive = true;

  /** Once it was closed, nothing of a plugin reaches Figma any more. */
  const living = <T>(value: T): T => {
    if (!alive) throw new Error("the plugin was closed");
    return value;
  };

  // Nodes are handed out as they are, with the functions of pages and exports beside them.
  const dressed = (node: SimNode): SimNode & Pick<ExportMixin, "exportAsync"> & Pick<PageNode, "loadAsync" | "on" | "off"> => {
    const made = node as SimNode & Partial<ExportMixin & PageNode>;
    Object.assign(made, {
      exportAsync: async (settings: ExportSettings) => {
        // An export takes its time, and whatever happens meanwhile happens.
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (node.removed) throw new Error("in exportAsync: The node does not exist");
        return exportPng(living(node), settings as never, outside.exports);
      },
      loadAsync: async () => scene.load(node),
      on: (_: string, callback: (event: never) => void) => onPages.set(node, (onPages.get(node) ?? new Set()).add(callback)),
      off: (_: string, callback: (event: never) => void) => onPages.get(node)?.delete(callback),
    });
    return made as never;
  };
  for (const node of scene.root.all) dressed(node);
  const make = scene.make.bind(scene);
  scene.make = (type, initial) => dressed(make(type, initial));

  Object.defineProperty(scene.current, "selection", {
    configurable: true,
    get: () => [...scene.selection],
    set: (nodes: SimNode[]) => {
      scene.selection = [...new Set(nodes)];
      emit("selectionchange");
    },
  });

  const emit = (type: string) => {
    for (const listener of listeners.get(type) ?? []) setTimeout(() => alive && listener());
  };

  const clientStorage: ClientStorageAPI = {
    getAsync: async (key) => structuredClone(outside.storage.get(key)),
    setAsync: async (key, value) => void outside.storage.set(key, structuredClone(value)),
    deleteAsync: async (key) => void outside.storage.delete(key),
    keysAsync: async () => [...outside.storage.keys()],
  };

  const ui: Pick<UIAPI, "postMessage" | "onmessage" | "on" | "off" | "once" | "show" | "hide" | "resize" | "close"> = {
    // After the end there is nobody to hear it.
    postMessage: (message) => {
      if (alive) outside.toUi(structuredClone(message));
    },
    get onmessage() {
      return onmessage;
    },
    set onmessage(handler) {
      onmessage = handler;
    },
    on: (_, callback) => void messages.add(callback),
    once: (_, callback) => void messages.add(callback),
    off: (_, callback) => void messages.delete(callback),
    show: () => {},
    hide: () => {},
    resize: () => {},
    close: () => outside.closeUi(),
  };

  const viewport: Pick<ViewportAPI, "center" | "zoom" | "bounds" | "scrollAndZoomIntoView"> = {
    center: { x: 0, y: 0 },
    zoom: 1,
    bounds: { x: 0, y: 0, width: innerWidth, height: innerHeight },
    scrollAndZoomIntoView(nodes) {
      const { x, y, width, height } = union((nodes as unknown as SimNode[]).map((node) => node.absoluteBoundingBox));
      this.center = { x: x + width / 2, y: y + height / 2 };
    },
  };

  const nodeById = (id: string) => scene.find(id) as never;
  const paint = { type: "SOLID", color: { r: 0.85, g: 0.85, b: 0.85 } } as const;

  const figma: Used = {
    apiVersion: "1.0.0",
    command: outside.command,
    editorType: "figma",
    mixed: MIXED as never,
    skipInvisibleInstanceChildren: false,
    root: scene.root as never,
    get currentPage() {
      return living(scene.current) as never;
    },
    set currentPage(_) {
      throw new Error("in set_currentPage: Cannot call with documentAccess: dynamic-page. Use figma.setCurrentPageAsync instead.");
    },
    clientStorage,
    viewport: viewport as ViewportAPI,
    ui: ui as UIAPI,
    showUI: (html, options = {}) => outside.showUi(html, options),
    closePlugin: () => outside.closeUi(),
    commitUndo: () => scene.commit(),
    triggerUndo: () => void scene.undo(),
    openExternal: (url) => outside.opened(url),
    notify: (text): NotificationHandler => {
      outside.notified(text);
      return { cancel: () => {} };
    },
    on: (type: string, callback: unknown) => {
      if (type === "documentchange") throw new Error("in on: Cannot register documentchange without loading all pages first");
      listeners.set(type, (listeners.get(type) ?? new Set()).add(callback as () => void));
    },
    once: () => {
      throw new Error("not simulated");
    },
    off: (type: string, callback: unknown) => void listeners.get(type)?.delete(callback as () => void),
    getNodeById: () => {
      throw new Error("in getNodeById: Cannot call with documentAccess: dynamic-page. Use figma.getNodeByIdAsync instead.");
    },
    getNodeByIdAsync: async (id) => nodeById(id),
    setCurrentPageAsync: async (page) => {
      scene.load(page as never);
      scene.current = page as never;
      emit("currentpagechange");
      emit("selectionchange");
    },
    createRectangle: () => scene.create("RECTANGLE", { fills: [paint] }) as unknown as RectangleNode,
    createFrame: () => scene.create("FRAME", { fills: [{ type: "SOLID", color: { r: 1, g: 1, b: 1 } }] }) as unknown as FrameNode,
    createText: () => scene.create("TEXT", { fills: [{ type: "SOLID", color: { r: 0, g: 0, b: 0 } }] }) as unknown as TextNode,
    createImage: (data) => scene.images.create(living(data)),
    getImageByHash: (hash) => scene.images.image(hash),
    loadFontAsync: async (font: FontNameInput) => {
      const name = `${font.family} ${(font as FontName).style}`;
      if (!scene.available.has(name)) throw new Error(`in loadFontAsync: The font "${name}" could not be loaded`);
      scene.fonts.add(name);
    },
  };

  return {
    figma,
    emit,
    fromUi: (message) => {
      if (!alive) return;
      onmessage?.(structuredClone(message), { origin: "null" });
      for (const callback of messages) callback(structuredClone(message), { origin: "null" });
    },
    changed: (event) => {
      for (const callback of onPages.get(scene.current) ?? []) if (alive) callback(event as never);
    },
    stop: () => {
      alive = false;
      scene.make = make;
    },
  };
}
