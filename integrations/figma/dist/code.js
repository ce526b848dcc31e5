(() => {
  var __defProp = Object.defineProperty;
  var __defProps = Object.defineProperties;
  var __getOwnPropDescs = Object.getOwnPropertyDescriptors;
  var __getOwnPropSymbols = Object.getOwnPropertySymbols;
  var __hasOwnProp = Object.prototype.hasOwnProperty;
  var __propIsEnum = Object.prototype.propertyIsEnumerable;
  var __defNormalProp = (obj, key, value) => key in obj ? __defProp(obj, key, { enumerable: true, configurable: true, writable: true, value }) : obj[key] = value;
  var __spreadValues = (a, b) => {
    for (var prop in b || (b = {}))
      if (__hasOwnProp.call(b, prop))
        __defNormalProp(a, prop, b[prop]);
    if (__getOwnPropSymbols)
      for (var prop of __getOwnPropSymbols(b)) {
        if (__propIsEnum.call(b, prop))
          __defNormalProp(a, prop, b[prop]);
      }
    return a;
  };
  var __spreadProps = (a, b) => __defProps(a, __getOwnPropDescs(b));
  var __publicField = (obj, key, value) => __defNormalProp(obj, typeof key !== "symbol" ? key + "" : key, value);

  // src/code/told.ts
  var Told = class extends Error {
    constructor(text, hint = "") {
      super(text);
      __publicField(this, "said");
      this.said = { text, hint };
    }
  };
  function saidOf(failure) {
    if (failure instanceof Told) return failure.said;
    const text = failure instanceof Error ? failure.message : String(failure);
    return { text: `Figma says: ${text}` };
  }

  // src/code/carry.ts
  var LOOPBACK = /^http:\/\/(localhost|127\.0\.0\.1):\d+\//;
  async function carry({ url, method, headers, body }) {
    if (!LOOPBACK.test(url)) throw new Told("Only this computer is asked");
    const response = await fetch(url, __spreadValues({ method, headers }, body === void 0 ? {} : { body }));
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, headers: __spreadValues({}, response.headersObject), body: bytes };
  }

  // src/geometry.ts
  function times(outer, inner) {
    const [[a, b, x], [c, d, y]] = outer;
    const [[e, f, u], [g, h, v]] = inner;
    return [
      [a * e + b * g, a * f + b * h, a * u + b * v + x],
      [c * e + d * g, c * f + d * h, c * u + d * v + y]
    ];
  }
  function inverse([[a, b, x], [c, d, y]]) {
    const area = a * d - b * c;
    return [
      [d / area, -b / area, (b * y - d * x) / area],
      [-c / area, a / area, (c * x - a * y) / area]
    ];
  }
  var NOTHING = [
    [1, 0, 0],
    [0, 1, 0]
  ];
  function over(box, width, height2) {
    return [
      [box.width / width, 0, box.x],
      [0, box.height / height2, box.y]
    ];
  }
  function overlap(one, other) {
    const across = one.x < other.x + other.width && other.x < one.x + one.width;
    return across && one.y < other.y + other.height && other.y < one.y + one.height;
  }
  function turned(toPage, area) {
    const [[a, b, x], [c, d, y]] = toPage;
    const across = Math.hypot(a, c);
    const down = Math.hypot(b, d);
    return {
      width: area.width * across,
      height: area.height * down,
      transform: [
        [a / across, b / down, a * area.x + b * area.y + x],
        [c / across, d / down, c * area.x + d * area.y + y]
      ]
    };
  }

  // src/code/sight.ts
  var DATA = { artifact: "easel.artifact", job: "easel.job", transform: "easel.transform", place: "easel.place" };
  var CONTAINERS = ["FRAME", "GROUP", "COMPONENT", "COMPONENT_SET", "INSTANCE", "SECTION", "SLOT"];
  var SHAPES = ["RECTANGLE", "ELLIPSE", "POLYGON", "STAR", "VECTOR", "BOOLEAN_OPERATION", "TEXT"];
  var MOST = 0.5;
  var sizes = /* @__PURE__ */ new Map();
  async function selection() {
    const nodes = figma.currentPage.selection.map((node) => ({ node, path: pathOf(node) }));
    nodes.sort((one, other) => compared(one.path, other.path));
    return Promise.all(nodes.map(({ node }) => sighted(node)));
  }
  async function sighted(node) {
    const box = boxOf(node);
    const made = madeOf(node);
    const problem = problemOf(node);
    return __spreadValues(__spreadValues({
      id: node.id,
      name: node.name,
      kind: node.type,
      part: partOf(node),
      box: box != null ? box : { x: 0, y: 0, width: 0, height: 0 },
      density: problem ? 1 : await densityOf(node),
      within: ancestors(node).map(({ id }) => id)
    }, problem ? { problem } : {}), made ? { made } : {});
  }
  function madeOf(node) {
    const artifact = node.getPluginData(DATA.artifact);
    if (!artifact) return void 0;
    return { artifact, job: node.getPluginData(DATA.job), transform: node.getPluginData(DATA.transform) };
  }
  function boxOf(node) {
    return "absoluteBoundingBox" in node ? node.absoluteBoundingBox : null;
  }
  function ancestors(node) {
    const found = [];
    for (let at = node.parent; at && at.type !== "DOCUMENT"; at = at.parent) found.push(at);
    return found;
  }
  function picturesOf(node) {
    if (!("fills" in node) || typeof node.fills === "symbol") return [];
    return node.fills.filter((paint) => paint.type === "IMAGE" && paint.visible !== false && !!paint.imageHash);
  }
  function partOf(node) {
    if (picturesOf(node).length || CONTAINERS.includes(node.type)) return "picture";
    return SHAPES.includes(node.type) ? "shape" : "other";
  }
  function problemOf(node) {
    const hidden = [node, ...ancestors(node)].find((it) => "visible" in it && !it.visible);
    if (hidden) {
      const text = hidden === node ? `${node.name} is hidden` : `${node.name} lies in ${hidden.name}, which is hidden`;
      return { text, hint: "Figma gives no pixels of what is hidden: show it first." };
    }
    const box = boxOf(node);
    if (!("exportAsync" in node) || !box || box.width < 0.01 || box.height < 0.01) {
      return { text: `${node.name} has no pixels`, hint: "Select a frame, an image or a shape." };
    }
    return void 0;
  }
  async function densityOf(node) {
    const own = await densest(node);
    if (own) return own;
    if (!("findAllWithCriteria" in node)) return 1;
    const box = boxOf(node);
    if (!box) return 1;
    const inside = node.findAllWithCriteria({ types: [...SHAPES, "FRAME"] }).filter((child) => {
      const part = boxOf(child);
      return part && part.width * part.height >= MOST * box.width * box.height;
    });
    const found = await Promise.all(inside.map(densest));
    return Math.max(1, ...found);
  }
  async function densest(node) {
    const found = await Promise.all(picturesOf(node).map((paint) => densityOfPaint(node, paint)));
    return Math.max(0, ...found);
  }
  async function densityOfPaint(node, paint) {
    var _a, _b, _c;
    const size = await sizeOf((_a = paint.imageHash) != null ? _a : "");
    if (!size || !("width" in node)) return 0;
    const quarters = Math.round(((_b = paint.rotation) != null ? _b : 0) / 90);
    const across = (quarters % 2 ? size.height : size.width) / node.width;
    const down = (quarters % 2 ? size.width : size.height) / node.height;
    switch (paint.scaleMode) {
      case "FILL":
        return Math.min(across, down);
      case "FIT":
        return Math.max(across, down);
      case "TILE":
        return paint.scalingFactor ? 1 / paint.scalingFactor : 1;
      case "CROP": {
        const [[a, b], [c, d]] = (_c = paint.imageTransform) != null ? _c : [
          [1, 0, 0],
          [0, 1, 0]
        ];
        const wide = Math.hypot(a * size.width, c * size.height) / node.width;
        return Math.max(wide, Math.hypot(b * size.width, d * size.height) / node.height);
      }
      default:
        return 0;
    }
  }
  function sizeOf(hash) {
    var _a, _b;
    const known2 = sizes.get(hash);
    if (known2) return known2;
    const size = (_b = (_a = figma.getImageByHash(hash)) == null ? void 0 : _a.getSizeAsync()) != null ? _b : Promise.resolve(null);
    const settled = size.catch(() => {
      sizes.delete(hash);
      return null;
    });
    sizes.set(hash, settled);
    return settled;
  }
  function pathOf(node) {
    const path = [];
    for (let at = node; at.parent && at.parent.type !== "DOCUMENT"; at = at.parent) {
      path.unshift(at.parent.children.indexOf(at));
    }
    return path;
  }
  function compared(one, other) {
    var _a, _b;
    for (let at = 0; at < Math.min(one.length, other.length); at += 1) {
      const apart = ((_a = one[at]) != null ? _a : 0) - ((_b = other[at]) != null ? _b : 0);
      if (apart) return apart;
    }
    return one.length - other.length;
  }

  // src/code/exporting.ts
  var ROUNDED = 1.5;
  async function sceneNode(id) {
    const node = await figma.getNodeByIdAsync(id);
    if (!node || node.removed || node.type === "DOCUMENT" || node.type === "PAGE") return null;
    return node;
  }
  async function exported(id, width) {
    const node = await sceneNode(id);
    if (!node) throw new Told("The selected layer is gone", "Select another one.");
    const bytes = await node.exportAsync({
      format: "PNG",
      // The width and not a scale: a scale would be rounded in both directions.
      constraint: { type: "WIDTH", value: width },
      // All of it, also where a text's letters or a frame's contents do not reach its edges.
      useAbsoluteBounds: true,
      // One meaning of every number, whatever profile the document has.
      colorProfile: "SRGB"
    });
    const size = sizeOfPng(bytes);
    return __spreadProps(__spreadValues({ bytes }, size), { toPage: lay(node, size.width, size.height) });
  }
  function lay(node, width, height2) {
    const seen2 = boxOf(node);
    const fits = (wide, high) => Math.abs(high * width / wide - height2) <= ROUNDED;
    if (seen2 && fits(seen2.width, seen2.height)) return over(seen2, width, height2);
    if ("absoluteTransform" in node && fits(node.width, node.height)) {
      const own = [
        [node.width / width, 0, 0],
        [0, node.height / height2, 0]
      ];
      return times(node.absoluteTransform, own);
    }
    const drawn = "absoluteRenderBounds" in node ? node.absoluteRenderBounds : null;
    if (drawn && fits(drawn.width, drawn.height)) return over(drawn, width, height2);
    return over(seen2 != null ? seen2 : { x: 0, y: 0, width, height: height2 }, width, height2);
  }
  function sizeOfPng(bytes) {
    const number = (at) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at);
    if (bytes.length < 24 || number(12) !== 1229472850) throw new Told("Figma gave no picture of this layer");
    return { width: number(16), height: number(20) };
  }

  // src/code/layers.ts
  async function show(artifact) {
    const node = await layerOf(artifact, ["layer"]);
    if (!node) return false;
    for (let page = node; page; page = page.parent) {
      if (page.type === "PAGE" && page !== figma.currentPage) await figma.setCurrentPageAsync(page);
    }
    if (!node.visible) {
      figma.commitUndo();
      node.visible = true;
      figma.commitUndo();
    }
    figma.currentPage.selection = [node];
    figma.viewport.scrollAndZoomIntoView([node]);
    return true;
  }
  async function find(artifact) {
    const node = await layerOf(artifact, ["layer", "compare"]);
    return node ? sighted(node) : null;
  }
  async function layerOf(artifact, uses) {
    const pages = [figma.currentPage, ...figma.root.children.filter((page) => page !== figma.currentPage)];
    for (const page of pages) {
      await page.loadAsync();
      const all = page.findAllWithCriteria({ pluginData: { keys: [DATA.artifact] } });
      const own = all.filter((node) => {
        var _a;
        return ((_a = madeOf(node)) == null ? void 0 : _a.artifact) === artifact;
      });
      for (const use of uses) {
        const node = own.find((it) => it.getPluginData(DATA.place) === use);
        if (node) return node;
      }
    }
    return null;
  }

  // src/code/pictures.ts
  var NAME = 200;
  function ready(picture) {
    const images = picture.tiles.map((tile) => {
      try {
        return figma.createImage(tile.bytes);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new Told(`Figma does not take the picture: ${why}`, "The result stays in the history.");
      }
    });
    return { picture: __spreadProps(__spreadValues({}, picture), { name: picture.name.slice(0, NAME) }), images };
  }
  function shown({ picture, images }, width, height2) {
    const [first] = images;
    if (images.length === 1 && first) {
      const rectangle = figma.createRectangle();
      rectangle.resize(width, height2);
      rectangle.fills = [fill(first, picture.area, picture)];
      return rectangle;
    }
    const frame = figma.createFrame();
    frame.resizeWithoutConstraints(width, height2);
    frame.fills = [];
    frame.clipsContent = true;
    picture.tiles.forEach((tile, number) => {
      const image = images[number];
      if (!image) return;
      const part = figma.createRectangle();
      frame.appendChild(part);
      part.x = tile.x / picture.width * width;
      part.y = tile.y / picture.height * height2;
      part.resize(tile.width / picture.width * width, tile.height / picture.height * height2);
      part.fills = [fill(image, tile, tile)];
      part.constraints = { horizontal: "SCALE", vertical: "SCALE" };
      part.name = `${number + 1} of ${picture.tiles.length}`;
    });
    return frame;
  }
  function fill(image, area, size) {
    const exact = area.width * size.height === area.height * size.width;
    if (exact) return { type: "IMAGE", scaleMode: "FILL", imageHash: image.hash };
    const whole = [
      [1, 0, 0],
      [0, 1, 0]
    ];
    return { type: "IMAGE", scaleMode: "CROP", imageHash: image.hash, imageTransform: whole };
  }
  function sign(node, picture, use) {
    node.name = picture.name;
    node.setPluginData(DATA.artifact, picture.artifact);
    node.setPluginData(DATA.job, picture.job);
    node.setPluginData(DATA.transform, picture.transform);
    node.setPluginData(DATA.place, use);
    node.setRelaunchData({ iterate: picture.about, "re-run": "" });
  }

  // src/code/compare.ts
  var FONT = { family: "Inter", style: "Medium" };
  var LETTERS = { share: 1 / 28, least: 12, most: 160 };
  async function beside(target, title, made, placed) {
    const readable = await figma.loadFontAsync(FONT).then(
      () => true,
      // Where there is no such font, the frames still have their names in the list of layers.
      () => false
    );
    const around = seen(target);
    const letters = Math.min(LETTERS.most, Math.max(LETTERS.least, Math.round(around.width * LETTERS.share)));
    const gap = Math.max(24, Math.round(around.width / 16));
    const head = readable ? Math.round(letters * 1.75) : 0;
    return () => {
      const ink = inkOn(target.page);
      const sizes2 = made.map(({ picture }) => sizeOf2(picture, target, around));
      const all = figma.createFrame();
      placed.nodes.push(all);
      all.name = title;
      all.fills = [];
      all.clipsContent = false;
      all.resizeWithoutConstraints(
        sizes2.reduce((sum, it) => sum + it.width, gap * (made.length - 1)),
        head + Math.max(...sizes2.map((it) => it.height))
      );
      target.page.appendChild(all);
      const spot = freeSpot(target, all, around, gap * 2, head);
      all.x = spot.x;
      all.y = spot.y;
      let x = 0;
      made.forEach((one, number) => {
        const size = sizes2[number];
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
  function inkOn({ backgrounds }) {
    const [ground] = backgrounds;
    const { r, g, b } = (ground == null ? void 0 : ground.type) === "SOLID" ? ground.color : { r: 1, g: 1, b: 1 };
    const value = 0.299 * r + 0.587 * g + 0.114 * b > 0.5 ? 0.1 : 0.91;
    return { type: "SOLID", color: { r: value, g: value, b: value } };
  }
  function label(picture, x, width, letters, ink) {
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
  function sizeOf2({ area }, { width, height: height2 }, around) {
    return { width: area.width / width * around.width, height: area.height / height2 * around.height };
  }
  function freeSpot({ page, source }, own, around, gap, head) {
    var _a;
    const line = source ? [source, ...ancestors(source)] : [];
    const outermost = line.filter(({ type }) => type !== "PAGE").pop();
    const all = (_a = outermost && boxOf(outermost)) != null ? _a : around;
    const spot = { x: all.x + all.width + gap, y: around.y - head, width: own.width, height: own.height };
    const others = page.children.filter((it) => it !== own).map(boxOf);
    for (let tries = 0; tries < 1e3; tries += 1) {
      const blocking = others.find((it) => it && overlap(it, spot));
      if (!blocking) break;
      spot.x = blocking.x + blocking.width + gap;
    }
    return spot;
  }

  // src/code/parents.ts
  var OPEN = ["PAGE", "FRAME", "GROUP", "COMPONENT", "SECTION"];
  function homeOf(node) {
    let below = node;
    let blocked;
    const line = ancestors(node);
    const closed = line.map(({ type }) => !OPEN.includes(type)).lastIndexOf(true);
    if (closed >= 0) {
      blocked = line[closed];
      below = blocked != null ? blocked : node;
    }
    const parent = below.parent;
    if (!parent) return { parent: figma.currentPage, index: figma.currentPage.children.length };
    const index = parent.children.indexOf(below) + 1;
    if (!blocked) return { parent, index };
    return { parent, index, note: `${blocked.name} takes no new layers: the result lies above all of it.` };
  }
  function containerTransform(parent) {
    for (let at = parent; at; at = at.parent) {
      if (at.type === "PAGE" || at.type === "DOCUMENT") break;
      if (at.type !== "GROUP" && "absoluteTransform" in at) return at.absoluteTransform;
    }
    return NOTHING;
  }
  function arranges(parent) {
    return "layoutMode" in parent && parent.layoutMode !== "NONE";
  }
  function pageOf(node) {
    for (let at = node; at; at = at.parent) {
      if (at.type === "PAGE") return at;
    }
    return figma.currentPage;
  }

  // src/code/place.ts
  async function place({ place: place2, title, pictures }) {
    const target = await targetOf(place2);
    const made = pictures.map(ready);
    const [only] = made;
    const placed = { nodes: [], notes: [] };
    const work = made.length === 1 && only ? () => above(target, only, placed) : await beside(target, title, made, placed);
    figma.commitUndo();
    try {
      work();
    } catch (error) {
      for (const node of placed.nodes) if (!node.removed) node.remove();
      throw error;
    } finally {
      figma.commitUndo();
    }
    return { nodes: placed.nodes.map(({ id }) => id), notes: placed.notes };
  }
  async function targetOf({ node, width, height: height2, toPage }) {
    const source = await sceneNode(node);
    const page = source ? pageOf(source) : figma.currentPage;
    await page.loadAsync();
    return { page, source, width, height: height2, toPage: source ? lay(source, width, height2) : toPage };
  }
  function above({ page, source, toPage }, made, placed) {
    const home = source ? homeOf(source) : { parent: page, index: page.children.length, note: "The source is gone: the result lies where it was." };
    const { transform, width, height: height2 } = turned(toPage, made.picture.area);
    const node = shown(made, width, height2);
    placed.nodes.push(node);
    sign(node, made.picture, "layer");
    home.parent.insertChild(home.index, node);
    if (arranges(home.parent)) node.layoutPositioning = "ABSOLUTE";
    node.relativeTransform = times(inverse(containerTransform(home.parent)), transform);
    if (source && source.parent === home.parent && "constraints" in source) node.constraints = source.constraints;
    if (home.note) placed.notes.push(home.note);
  }
  function seen({ toPage: [[a, b, u], [c, d, v]], width, height: height2 }) {
    const across = [0, a * width, b * height2, a * width + b * height2];
    const down = [0, c * width, d * height2, c * width + d * height2];
    const x = Math.min(...across);
    const y = Math.min(...down);
    return { x: u + x, y: v + y, width: Math.max(...across) - x, height: Math.max(...down) - y };
  }

  // src/code/storage.ts
  var NAMES = ["token", "settings", "begun"];
  var DOCUMENT = "easel.document";
  async function kept() {
    const found = {};
    for (const name of NAMES) {
      const value = await figma.clientStorage.getAsync(name);
      if (value !== void 0) found[name] = value;
    }
    return found;
  }
  async function keep(name, value) {
    if (!NAMES.includes(name)) throw new Error(`nothing is kept as ${name}`);
    if (value === null) await figma.clientStorage.deleteAsync(name);
    else await figma.clientStorage.setAsync(name, value);
  }
  var known = "";
  function documentId() {
    return figma.root.getPluginData(DOCUMENT) || known;
  }
  function ensureDocumentId() {
    known = documentId() || newId();
    if (figma.root.getPluginData(DOCUMENT) !== known) {
      figma.commitUndo();
      figma.root.setPluginData(DOCUMENT, known);
      figma.commitUndo();
    }
    return known;
  }
  function newId() {
    const part = () => Math.floor(Math.random() * 4294967296).toString(16).padStart(8, "0");
    return `figma-${Date.now().toString(16)}-${part()}${part()}`;
  }

  // src/code/main.ts
  var WIDTH = 360;
  var HEIGHTS = { least: 480, most: 820, left: 160 };
  var SETTLED = 120;
  var answers = {
    export: ({ node, width }) => exported(node, width),
    place: ({ placement }) => place(placement),
    show: ({ artifact }) => show(artifact),
    find: ({ artifact }) => find(artifact),
    document: async () => ensureDocumentId(),
    carry,
    keep: async ({ name, value }) => {
      await keep(name, value);
      return null;
    },
    open: async ({ url }) => {
      figma.openExternal(url);
      return null;
    }
  };
  function tell(message) {
    figma.ui.postMessage(message);
  }
  async function answer(id, call) {
    try {
      const value = await answers[call.to](call);
      tell({ type: "answer", id, value });
    } catch (error) {
      tell({ type: "failed", id, said: saidOf(error) });
    }
  }
  var looks = 0;
  var waiting;
  function look() {
    if (waiting !== void 0) clearTimeout(waiting);
    waiting = setTimeout(async () => {
      looks += 1;
      const own = looks;
      const seen2 = await selection();
      if (own === looks) tell({ type: "selection", selection: seen2 });
    }, SETTLED);
  }
  var watched;
  function watch() {
    watched == null ? void 0 : watched.off("nodechange", look);
    watched = figma.currentPage;
    watched.on("nodechange", look);
    look();
  }
  async function begin() {
    const command = figma.command || "open";
    if (command === "unpair") await keep("token", null);
    tell({ type: "begin", command, kept: await kept(), document: documentId(), file: figma.root.name, selection: await selection() });
    figma.on("selectionchange", look);
    figma.on("currentpagechange", watch);
    watch();
  }
  function height() {
    const { bounds, zoom } = figma.viewport;
    return Math.max(HEIGHTS.least, Math.min(HEIGHTS.most, Math.round(bounds.height * zoom) - HEIGHTS.left));
  }
  figma.skipInvisibleInstanceChildren = true;
  figma.showUI(__html__, { width: WIDTH, height: height(), themeColors: true, title: "Easel" });
  figma.ui.onmessage = (message) => {
    if (message.type === "opened") void begin();
    else void answer(message.id, message.call);
  };
})();
