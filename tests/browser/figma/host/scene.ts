/** The document: its nodes, what a plugin may do to them, and the history that undo walks back through. */
import { SimNode, type Kind, type State } from "./node.ts";
import { Images } from "./images.ts";

interface Step {
  states: Map<string, State>;
  selection: string[];
}

type Change = { type: "CREATE" | "DELETE" | "PROPERTY_CHANGE"; id: string; node: SimNode };

export class Scene {
  readonly images = new Images();
  /** Fonts that were loaded, as `family style`. */
  readonly fonts = new Set<string>();
  /** Fonts that this machine has. */
  readonly available = new Set(["Inter Regular", "Inter Medium", "Inter Bold"]);
  readonly root: SimNode;
  relaunchCommands: string[] = [];
  /** What pages lie on. */
  ground = { r: 0.9, g: 0.9, b: 0.9 };
  current: SimNode;
  selection: SimNode[] = [];
  /** Told of every change, once it is over. */
  onChange: (changes: Change[]) => void = () => {};
  #nodes = new Map<string, SimNode>();
  #loaded = new Set<SimNode>();
  #history: Step[] = [];
  #changes: Change[] = [];
  #last = 0;

  constructor() {
    this.root = this.make("DOCUMENT", { name: "Untitled" });
    this.current = this.addPage("Page 1");
    this.#loaded.add(this.current);
    this.commit();
  }

  // Nodes.

  node(id: string): SimNode {
    const node = this.#nodes.get(id);
    if (!node) throw new Error(`there is no node ${id}`);
    return node;
  }

  find(id: string): SimNode | null {
    const node = this.#nodes.get(id);
    return node && !node.removed ? node : null;
  }

  make(type: Kind, initial: Partial<State> = {}): SimNode {
    this.#last += 1;
    const node = new SimNode(this, type === "DOCUMENT" ? "0:0" : `1:${this.#last}`, type, initial);
    this.#nodes.set(node.id, node);
    this.#note("CREATE", node);
    return node;
  }

  /** As a plugin or a person makes one: on top of the page that is looked at. */
  create(type: Kind, initial: Partial<State> = {}, parent: SimNode = this.current): SimNode {
    const node = this.make(type, initial);
    this.insert(parent, parent.inside.length, node);
    return node;
  }

  addPage(name: string): SimNode {
    const page = this.make("PAGE", { name });
    this.insert(this.root, this.root.inside.length, page);
    return page;
  }

  insert(parent: SimNode, index: number, child: SimNode): void {
    if (!parent.holds) throw new Error(`in insertChild: ${parent.type} has no children`);
    if (parent.type === "INSTANCE" || parent.insideInstance) throw new Error("in insertChild: Cannot move node. New parent is an instance or is inside of an instance");
    if (child.insideInstance) throw new Error("in insertChild: Cannot move node. The node is inside of an instance");
    const rest = parent.state.children.filter((id) => id !== child.id);
    if (index > rest.length) throw new Error("in insertChild: index is out of range");
    const before = child.parent;
    if (before && before !== parent) {
      before.state = { ...before.state, children: before.state.children.filter((id) => id !== child.id) };
      this.#tidy(before);
    }
    parent.state = { ...parent.state, children: [...rest.slice(0, index), child.id, ...rest.slice(index)] };
    child.state = { ...child.state, parent: parent.id };
    if (parent.state.layoutMode === "NONE") child.state = { ...child.state, layoutPositioning: "AUTO" };
    this.#arrange(parent);
    this.#note("PROPERTY_CHANGE", child);
  }

  remove(node: SimNode): void {
    const { parent } = node;
    for (const it of node.all) it.removed = true;
    this.selection = this.selection.filter((it) => !it.removed);
    if (parent) {
      parent.state = { ...parent.state, children: parent.state.children.filter((id) => id !== node.id) };
      this.#tidy(parent);
      this.#arrange(parent);
    }
    this.#note("DELETE", node);
  }

  change(node: SimNode, changes: Partial<State>): void {
    node.state = { ...node.state, ...changes };
    this.#arrange(node);
    if (node.parent) this.#arrange(node.parent);
    this.#note("PROPERTY_CHANGE", node);
  }

  /** A group without children is none. */
  #tidy(node: SimNode): void {
    if (node.type === "GROUP" && !node.inside.length) this.remove(node);
  }

  /** Lays out the children of a frame that does so. */
  #arrange(frame: SimNode): void {
    const { layoutMode, itemSpacing } = frame.state;
    if (layoutMode === "NONE") return;
    let at = 0;
    for (const child of frame.inside) {
      if (child.state.layoutPositioning === "ABSOLUTE") continue;
      const [[a, b], [c, d]] = child.state.relativeTransform;
      const [x, y] = layoutMode === "HORIZONTAL" ? [at, 0] : [0, at];
      child.state = { ...child.state, relativeTransform: [[a, b, x], [c, d, y]] };
      at += (layoutMode === "HORIZONTAL" ? child.state.width : child.state.height) + itemSpacing;
    }
  }

  #note(type: Change["type"], node: SimNode): void {
    if (!this.#changes.length) {
      setTimeout(() => {
        const changes = this.#changes;
        this.#changes = [];
        this.onChange(changes);
      });
    }
    this.#changes.push({ type, id: node.id, node });
  }

  // Pages are loaded when somebody asks for them.

  load(page: SimNode): void {
    this.#loaded.add(page);
  }

  mustBeLoaded(node: SimNode): void {
    if (node.type === "PAGE" && !this.#loaded.has(node)) throw new Error("in get_children: Cannot access children of a page that has not been explicitly loaded. Call `await page.loadAsync()` first");
  }

  /** A file that was opened anew: only its first page is there. */
  unload(): void {
    this.#loaded = new Set([this.current]);
  }

  // History.

  /** What was done since the last step becomes one; nothing is no step. */
  commit(): void {
    const step = this.#step();
    const top = this.#history.at(-1);
    if (!top || !same(top, step)) this.#history.push(step);
  }

  /** How many steps undo can take back. */
  get steps(): number {
    this.commit();
    return this.#history.length - 1;
  }

  undo(): boolean {
    this.commit();
    if (this.#history.length < 2) return false;
    this.#history.pop();
    this.#restore(this.#history.at(-1) as Step);
    return true;
  }

  #step(): Step {
    const states = new Map<string, State>();
    for (const node of this.#nodes.values()) if (!node.removed) states.set(node.id, node.state);
    return { states, selection: [] };
  }

  #restore({ states }: Step): void {
    for (const node of this.#nodes.values()) {
      const state = states.get(node.id);
      if (node.removed === !state && (!state || node.state === state)) continue;
      node.removed = !state;
      if (state) node.state = state;
      this.#note(state ? "PROPERTY_CHANGE" : "DELETE", node);
    }
    this.selection = this.selection.filter(({ removed }) => !removed);
  }
}

function same(one: Step, other: Step): boolean {
  if (one.states.size !== other.states.size) return false;
  // States are never written to, only replaced.
  return [...one.states].every(([id, state]) => {
    const now = other.states.get(id);
    return now === state || JSON.stringify(now) === JSON.stringify(state);
  });
}
