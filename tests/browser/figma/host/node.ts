/**
 * The nodes of the simulated document. One class for all of them: what a node holds lies in `state` as plain data, so
 * that undo can put it back, and every rule that Figma's typings document is enforced where a plugin would meet it.
 */
import type {
  BaseNodeMixin,
  Constraints,
  DimensionAndPositionMixin,
  FontName,
  FrameNode,
  PageNode,
  Paint,
  Rect,
  RectangleNode,
  TextNode,
  Transform,
} from "@figma/plugin-typings/plugin-api-standalone";
import { IDENTITY, around, multiply, union } from "./matrix.ts";
import type { Scene } from "./scene.ts";

export type Kind = "DOCUMENT" | "PAGE" | "FRAME" | "GROUP" | "COMPONENT" | "INSTANCE" | "SECTION" | "RECTANGLE" | "ELLIPSE" | "VECTOR" | "TEXT";

export interface State {
  name: string;
  parent: string | null;
  children: string[];
  width: number;
  height: number;
  relativeTransform: Transform;
  fills: Paint[];
  visible: boolean;
  locked: boolean;
  opacity: number;
  cornerRadius: number;
  clipsContent: boolean;
  layoutMode: "NONE" | "HORIZONTAL" | "VERTICAL";
  itemSpacing: number;
  layoutPositioning: "AUTO" | "ABSOLUTE";
  constraints: Constraints;
  characters: string;
  fontName: FontName;
  fontSize: number;
  textAutoResize: "NONE" | "WIDTH_AND_HEIGHT" | "HEIGHT" | "TRUNCATE";
  textTruncation: "DISABLED" | "ENDING";
  /** Corners of a vector, in its own coordinates. */
  points: [number, number][];
  data: Record<string, string>;
  relaunch: Record<string, string>;
}

/** Groups lie between coordinates: their own follow from what is in them. */
const FOLLOWS: readonly Kind[] = ["GROUP"];
const HOLDS: readonly Kind[] = ["DOCUMENT", "PAGE", "FRAME", "GROUP", "COMPONENT", "INSTANCE", "SECTION"];

type Own = Pick<BaseNodeMixin, "id" | "name" | "removed" | "remove" | "setPluginData" | "getPluginData" | "getPluginDataKeys" | "setRelaunchData" | "getRelaunchData"> &
  Pick<DimensionAndPositionMixin, "x" | "y" | "width" | "height" | "relativeTransform" | "absoluteTransform" | "absoluteBoundingBox"> &
  Pick<RectangleNode, "resize" | "resizeWithoutConstraints" | "fills" | "constraints" | "visible" | "locked" | "opacity" | "layoutPositioning" | "rotation" | "absoluteRenderBounds"> &
  Pick<FrameNode, "clipsContent" | "layoutMode"> &
  Pick<PageNode, "backgrounds"> &
  Pick<TextNode, "characters" | "fontName" | "fontSize" | "textAutoResize" | "textTruncation">;

export class SimNode implements Own {
  removed = false;
  state: State;

  constructor(
    readonly scene: Scene,
    readonly id: string,
    readonly type: Kind,
    initial: Partial<State>,
  ) {
    this.state = {
      name: type[0] + type.slice(1).toLowerCase(),
      parent: null,
      children: [],
      width: 100,
      height: 100,
      relativeTransform: IDENTITY,
      fills: [],
      visible: true,
      locked: false,
      opacity: 1,
      cornerRadius: 0,
      clipsContent: type === "FRAME" || type === "COMPONENT" || type === "INSTANCE",
      layoutMode: "NONE",
      itemSpacing: 0,
      layoutPositioning: "AUTO",
      constraints: { horizontal: "MIN", vertical: "MIN" },
      characters: "",
      fontName: { family: "Inter", style: "Regular" },
      fontSize: 12,
      textAutoResize: "WIDTH_AND_HEIGHT",
      textTruncation: "DISABLED",
      points: [],
      data: {},
      relaunch: {},
      ...initial,
    };
  }

  // The tree.

  get parent(): SimNode | null {
    return this.state.parent ? this.scene.node(this.state.parent) : null;
  }

  get children(): SimNode[] {
    this.scene.mustBeLoaded(this);
    return this.inside;
  }

  /** The children, without a plugin's rules. */
  get inside(): SimNode[] {
    return this.state.children.map((id) => this.scene.node(id));
  }

  get holds(): boolean {
    return HOLDS.includes(this.type);
  }

  appendChild(child: SimNode): void {
    this.insertChild(this.children.filter((it) => it !== child).length, child);
  }

  insertChild(index: number, child: SimNode): void {
    this.scene.mustBeLoaded(this);
    this.scene.insert(this, index, child);
  }

  remove(): void {
    if (this.insideInstance) throw new Error("in remove: Removing this node is not allowed");
    this.scene.remove(this);
  }

  get line(): SimNode[] {
    const found: SimNode[] = [];
    for (let at = this.parent; at; at = at.parent) found.push(at);
    return found;
  }

  get insideInstance(): boolean {
    return this.line.some(({ type }) => type === "INSTANCE");
  }

  get page(): SimNode | null {
    return this.type === "PAGE" ? this : (this.line.find(({ type }) => type === "PAGE") ?? null);
  }

  findAllWithCriteria({ types, pluginData }: { types?: string[]; pluginData?: { keys?: string[] } }): SimNode[] {
    return this.children.flatMap((child) => child.all).filter((node) => {
      if (types && !types.includes(node.type)) return false;
      if (!pluginData) return true;
      const keys = Object.keys(node.state.data);
      return pluginData.keys ? pluginData.keys.some((key) => keys.includes(key)) : keys.length > 0;
    });
  }

  get all(): SimNode[] {
    return [this, ...this.inside.flatMap((child) => child.all)];
  }

  // Values. Each setter goes one way, so that undo and `nodechange` know of it.

  set(changes: Partial<State>): void {
    if (this.removed) throw new Error(`in set: The node with id "${this.id}" does not exist`);
    this.scene.change(this, changes);
  }

  get name() { return this.state.name; }
  set name(name: string) { this.set({ name }); }
  /** Of a page; the theme decides, as it does for new pages. */
  get backgrounds(): ReadonlyArray<Paint> { return [{ type: "SOLID", color: this.scene.ground }]; }
  get visible() { return this.state.visible; }
  set visible(visible: boolean) { this.set({ visible }); }
  get locked() { return this.state.locked; }
  set locked(locked: boolean) { this.set({ locked }); }
  get opacity() { return this.state.opacity; }
  set opacity(opacity: number) { this.set({ opacity }); }
  get fills(): ReadonlyArray<Paint> { return structuredClone(this.state.fills); }
  set fills(fills: ReadonlyArray<Paint>) { this.set({ fills: structuredClone(fills) as Paint[] }); }
  get constraints() { return this.state.constraints; }
  set constraints(constraints: Constraints) { this.set({ constraints: { ...constraints } }); }
  get clipsContent() { return this.state.clipsContent; }
  set clipsContent(clipsContent: boolean) { this.set({ clipsContent }); }
  get layoutMode() { return this.state.layoutMode; }
  set layoutMode(layoutMode: State["layoutMode"]) { this.set({ layoutMode }); }

  get layoutPositioning() { return this.state.layoutPositioning; }
  set layoutPositioning(layoutPositioning: "AUTO" | "ABSOLUTE") {
    const arranged = this.parent && this.parent.state.layoutMode !== "NONE";
    if (layoutPositioning === "ABSOLUTE" && !arranged) throw new Error("in set_layoutPositioning: Can only set layoutPositioning = ABSOLUTE if the parent node has layoutMode !== NONE");
    this.set({ layoutPositioning });
  }

  // Geometry.

  get width() { return this.box().width; }
  get height() { return this.box().height; }
  get x() { return this.relativeTransform[0][2]; }
  set x(x: number) { this.relativeTransform = [[this.relativeTransform[0][0], this.relativeTransform[0][1], x], this.relativeTransform[1]]; }
  get y() { return this.relativeTransform[1][2]; }
  set y(y: number) { this.relativeTransform = [this.relativeTransform[0], [this.relativeTransform[1][0], this.relativeTransform[1][1], y]]; }
  get rotation() { return (Math.atan2(-this.relativeTransform[1][0], this.relativeTransform[0][0]) * 180) / Math.PI; }

  resize(width: number, height: number): void {
    if (!(width >= 0.01 && height >= 0.01)) throw new Error("in resize: Expected a size of 0.01 at least");
    this.set({ width, height });
  }

  resizeWithoutConstraints(width: number, height: number): void {
    this.resize(width, height);
  }

  get relativeTransform(): Transform {
    if (FOLLOWS.includes(this.type)) {
      const { x, y } = this.box();
      return [[1, 0, x], [0, 1, y]];
    }
    return this.state.relativeTransform;
  }

  set relativeTransform(transform: Transform) {
    const [[a, b, x], [c, d, y]] = transform;
    if (Math.abs(Math.hypot(a, c) - 1) > 1e-4 || Math.abs(Math.hypot(b, d) - 1) > 1e-4) throw new Error("in set_relativeTransform: The transform must not scale");
    const arranged = this.parent && this.parent.state.layoutMode !== "NONE" && this.state.layoutPositioning === "AUTO";
    const [[, , u], [, , v]] = this.state.relativeTransform;
    // Where a frame arranges its children, it alone says where they are.
    this.set({ relativeTransform: arranged ? [[a, b, u], [c, d, v]] : [[a, b, x], [c, d, y]] });
  }

  get absoluteTransform(): Transform {
    return multiply(this.container, this.relativeTransform);
  }

  /** What `relativeTransform` counts in: the nearest frame, past all groups. */
  get container(): Transform {
    const holder = this.line.find(({ type }) => !FOLLOWS.includes(type));
    return holder && holder.type !== "PAGE" && holder.type !== "DOCUMENT" ? holder.absoluteTransform : IDENTITY;
  }

  /** Its size, and where it begins in its container. */
  box(): Rect {
    if (!FOLLOWS.includes(this.type)) return { x: this.state.relativeTransform[0][2], y: this.state.relativeTransform[1][2], width: this.state.width, height: this.state.height };
    return union(this.inside.map((child) => (FOLLOWS.includes(child.type) ? child.box() : around(child.state.relativeTransform, child.state.width, child.state.height))));
  }

  get absoluteBoundingBox(): Rect {
    if (FOLLOWS.includes(this.type)) return union(this.inside.map((child) => child.absoluteBoundingBox));
    return around(this.absoluteTransform, this.state.width, this.state.height);
  }

  get absoluteRenderBounds(): Rect | null {
    return this.visible ? this.absoluteBoundingBox : null;
  }

  // Text: a font has to be there before anything of it is set.

  #write(changes: Partial<State>, font: FontName): void {
    if (!this.scene.fonts.has(`${font.family} ${font.style}`)) throw new Error(`in set: Cannot write to node with unloaded font "${font.family} ${font.style}". Please call figma.loadFontAsync({ family: "${font.family}", style: "${font.style}" }) and await the returned promise first.`);
    this.set(changes);
  }

  get characters() { return this.state.characters; }
  set characters(characters: string) { this.#write({ characters }, this.state.fontName); }
  get fontName() { return this.state.fontName; }
  set fontName(fontName: FontName) { this.#write({ fontName }, fontName); }
  get fontSize() { return this.state.fontSize; }
  set fontSize(fontSize: number) { this.#write({ fontSize }, this.state.fontName); }
  get textAutoResize() { return this.state.textAutoResize; }
  set textAutoResize(textAutoResize: State["textAutoResize"]) { this.#write({ textAutoResize }, this.state.fontName); }
  get textTruncation() { return this.state.textTruncation; }
  set textTruncation(textTruncation: State["textTruncation"]) { this.#write({ textTruncation }, this.state.fontName); }

  // What a plugin keeps with a node.

  getPluginData(key: string): string {
    return this.state.data[key] ?? "";
  }

  setPluginData(key: string, value: string): void {
    if (key.length + value.length > 100_000) throw new Error("in setPluginData: The entry exceeds 100 kB");
    const { [key]: _, ...others } = this.state.data;
    this.set({ data: value ? { ...others, [key]: value } : others });
  }

  getPluginDataKeys(): string[] {
    return Object.keys(this.state.data);
  }

  setRelaunchData(relaunch: { [command: string]: string }): void {
    for (const [command, text] of Object.entries(relaunch)) {
      if (!this.scene.relaunchCommands.includes(command)) throw new Error(`in setRelaunchData: the manifest has no relaunch button ${command}`);
      if (text.length > 1000) throw new Error("in setRelaunchData: the description exceeds 1000 characters");
    }
    this.set({ relaunch: { ...relaunch } });
  }

  getRelaunchData(): Record<string, string> {
    return { ...this.state.relaunch };
  }
}
