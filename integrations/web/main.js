/** Starts the page: lets it in, opens the view that the address names, and answers keys. */
import { App, settings } from "./core/app.js";
import { announce, fill, h } from "./core/dom.js";
import { isTyping, showKeys } from "./core/keys.js";
import { EaselError, Session } from "./core/wire.js";
import { arrive } from "./views/pair.js";

/** @import { View } from "./core/app.js" */

/** Each view by its word in the address; a view's code is fetched when it is first opened.
 * @type {Record<string, () => Promise<{ open: (app: App, parameters: URLSearchParams, rest: string) => View }>>} */
const VIEWS = {
  transform: () => import("./views/transform.js"),
  compare: () => import("./views/compare.js"),
  history: () => import("./views/history.js"),
  folders: () => import("./views/folders.js"),
  models: () => import("./views/models.js"),
  spend: () => import("./views/spend.js"),
};

const place = /** @type {HTMLElement} */ (document.getElementById("view"));
const connection = /** @type {HTMLElement} */ (document.getElementById("connection"));
/** @type {App | undefined} */
let app;
/** @type {{ name: string, view: View } | undefined} */
let open;

async function start() {
  const token = await arrive(location.origin, place);
  app = new App(new Session(location.origin, token), lost);
  app.onConnection((up) => {
    connection.textContent = up ? "" : "The daemon is away. Trying again…";
    if (up) announce("The daemon is back");
  });
  await show();
}

/** The token is not good any more: another daemon, or it was taken away. @param {unknown} error */
function lost(error) {
  if (!(error instanceof EaselError) || error.kind !== "unauthorized") {
    connection.textContent = "The daemon is away. Trying again…";
    setTimeout(() => location.reload(), 2000);
    return;
  }
  settings.set("token", undefined);
  location.reload();
}

/** Opens what the address names: `#/compare/ID?artifact=…`. */
async function show() {
  if (!app) return;
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [word = "", ...more] = path.split("/");
  const name = word in VIEWS ? word : "transform";
  const rest = more.map(decodeURIComponent).join("/");
  const parameters = new URLSearchParams(query);
  for (const link of document.querySelectorAll("#views a")) {
    if (link.getAttribute("href") === `#/${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (open?.name === name && open.view.update) {
    open.view.update(parameters, rest);
    return;
  }
  const load = /** @type {(typeof VIEWS)[string]} */ (VIEWS[name]);
  const module = await load();
  open?.view.close?.();
  const view = module.open(app, parameters, rest);
  const first = open === undefined;
  open = { name, view };
  document.title = `${view.title} · Easel`;
  fill(place, view.element);
  if (!first) {
    place.focus({ preventScroll: true });
    announce(view.title);
  }
}

addEventListener("hashchange", () => void show());
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "?") {
    showKeys(open?.view.keys ?? []);
    return;
  }
  const key = open?.view.keys?.find((it) => it.key === event.key);
  if (key) {
    event.preventDefault();
    key.run();
  }
});
document.getElementById("help")?.addEventListener("click", () => showKeys(open?.view.keys ?? []));
start().catch((error) => {
  fill(place, h("p", { class: "empty", role: "alert" }, `The page cannot start: ${error.message}`));
});
