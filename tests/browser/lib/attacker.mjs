/**
 * What an attacker's page does with a browser, each way with the browser's own means and none of ours. `arm` is sent to
 * that page as text: it may name nothing from outside itself.
 */

/**
 * @typedef {{ type: string, status: number, text: string } | { failed: string }} Sent what the page learns of a request
 * @typedef {{
 *   form: (url: string, enctype: string, fields: [string, string][], method?: string) => Promise<void>,
 *   send: (url: string, init: RequestInit) => Promise<Sent>,
 *   beacon: (url: string, type: string, body: string) => Promise<boolean>,
 *   ping: (url: string) => Promise<void>,
 *   embed: (kind: string, url: string) => Promise<{ event: string, pixel: string }>,
 *   kinds: string[],
 *   socket: (url: string, protocols: string[]) => Promise<{ opened: boolean, protocol: string, heard: string[] }>,
 *   listen: (url: string) => Promise<string>,
 *   open: (url: string) => Window | null,
 *   window?: Window | null,
 * }} Attack
 */

export function arm() {
  /** @param {string} name @param {Record<string, string>} attributes */
  const element = (name, attributes) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };
  /** Puts an element into the page and says what becomes of it. @param {Element} made @param {string} [good] @param {Element} [place] */
  const outcome = (made, good = "load", place = /** @type {Element} */ (document.body)) =>
    new Promise((resolve) => {
      for (const name of [good, "error"]) made.addEventListener(name, () => resolve(name));
      place.append(made);
      setTimeout(() => resolve("nothing"), 20_000);
    });
  /** What a script can read of a picture. @param {HTMLImageElement} image */
  const pixel = (image) => {
    try {
      const canvas = document.createElement("canvas");
      const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
      context.drawImage(image, 0, 0);
      return [...context.getImageData(0, 0, 1, 1).data].join(" ");
    } catch (error) {
      return `${/** @type {Error} */ (error).name}`;
    }
  };
  const SVG = "http://www.w3.org/2000/svg";
  /** @type {Record<string, (url: string) => Promise<any>>} */
  const embeds = {
    img: (src) => outcome(element("img", { src })),
    "img srcset": (url) => outcome(element("img", { srcset: `${url} 1x, ${url} 2x` })),
    "img crossorigin": (src) => outcome(element("img", { src, crossorigin: "anonymous" })),
    "input image": (src) => outcome(element("input", { type: "image", src })),
    "svg image": (href) => {
      const image = document.createElementNS(SVG, "image");
      image.setAttribute("href", href);
      const drawing = document.createElementNS(SVG, "svg");
      document.body.append(drawing);
      return outcome(image, "load", drawing);
    },
    video: (src) => outcome(element("video", { src }), "loadedmetadata"),
    audio: (src) => outcome(element("audio", { src }), "loadedmetadata"),
    script: (src) => outcome(element("script", { src })),
    "module script": (src) => outcome(element("script", { src, type: "module" })),
    stylesheet: (href) => outcome(element("link", { rel: "stylesheet", href })),
    "preload image": (href) => outcome(element("link", { rel: "preload", as: "image", href })),
    object: (data) => outcome(element("object", { data, type: "image/png" })),
  };
  let sinks = 0;
  /** @type {Attack} */
  const attack = {
    /** Sends a form into a frame, and ends when an answer of whatever kind is there. */
    form(url, enctype, fields, method = "post") {
      sinks += 1;
      const sink = /** @type {HTMLIFrameElement} */ (element("iframe", { name: `sink${sinks}` }));
      document.body.append(sink);
      const form = /** @type {HTMLFormElement} */ (element("form", { action: url, method, enctype, target: sink.name }));
      for (const [name, value] of fields) form.append(element("input", { type: "hidden", name, value }));
      document.body.append(form);
      return new Promise((resolve) => {
        sink.addEventListener("load", () => resolve());
        form.submit();
      });
    },
    async send(url, init) {
      try {
        const response = await fetch(url, init);
        return { type: response.type, status: response.status, text: await response.text() };
      } catch (error) {
        return { failed: `${error}` };
      }
    },
    beacon: async (url, type, body) => navigator.sendBeacon(url, new Blob([body], { type })),
    async ping(url) {
      const link = /** @type {HTMLAnchorElement} */ (element("a", { href: "#pinged", ping: url }));
      document.body.append(link);
      link.click();
    },
    async embed(kind, url) {
      const made = embeds[kind];
      if (!made) throw new Error(kind);
      const event = await made(url);
      const images = [...document.querySelectorAll("img")];
      return { event, pixel: event === "load" && kind.startsWith("img") ? pixel(/** @type {HTMLImageElement} */ (images.at(-1))) : "" };
    },
    kinds: Object.keys(embeds),
    socket(url, protocols) {
      return new Promise((resolve) => {
        const socket = new WebSocket(url, protocols);
        /** @type {string[]} */
        const heard = [];
        let opened = false;
        socket.onopen = () => {
          opened = true;
          socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "transform.list", params: {} }));
        };
        socket.onmessage = ({ data }) => {
          heard.push(`${data}`);
          socket.close();
        };
        socket.onclose = () => resolve({ opened, protocol: socket.protocol, heard });
      });
    },
    listen(url) {
      return new Promise((resolve) => {
        const source = new EventSource(url);
        source.onmessage = ({ data }) => (source.close(), resolve(`message ${data}`));
        source.onerror = () => (source.close(), resolve("error"));
      });
    },
    open(url) {
      attack.window = window.open(url, "_blank", "popup,width=400,height=300");
      return attack.window;
    },
  };
  /** @type {any} */ (globalThis).attack = attack;
}
