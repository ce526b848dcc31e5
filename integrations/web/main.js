/** Starts the page: lets it in, opens the view that the address names, and answers keys. */
import { App } from "./core/app.js";
import { announce, fill, h } from "./core/dom.js";
import { isTyping, showKeys } from "./core/keys.js";
import { nextTheme, setTheme, theme } from "./core/theme.js";
import { failureLine } from "./core/words.js";
import { EaselError, Session, pause } from "./core/wire.js";
import { arrive, takeCode } from "./views/pair.js";

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
const AWAY = "The daemon is away. Trying again…";

const element = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const place = element("view");
const connection = element("connection");
/** @type {App | undefined} */
let app;
/** @type {{ name: string, view: View } | undefined} */
let open;
/** How often a view was asked for: what was asked for last wins, whichever code arrives first. */
let asked = 0;

async function start() {
  const token = await arrive(location.origin, place);
  app = new App(new Session(location.origin, token), lost);
  let wasUp = true;
  app.onConnection((up) => {
    connection.textContent = up ? "" : AWAY;
    if (up && !wasUp) announce("The daemon is back");
    wasUp = up;
  });
  const wasPairing = place.contains(document.activeElement);
  await show();
  if (wasPairing) place.focus({ preventScroll: true });
}

/** The token is not good any more (another daemon, or it was taken away), or nobody answered. @param {unknown} error */
async function lost(error) {
  // Whoever arrives anew with such a token is told so, and asked for a code.
  if (error instanceof EaselError && error.kind === "unauthorized") return location.reload();
  connection.textContent = AWAY;
  // A page that is loaded anew while nobody serves it would be gone for good.
  for (;;) {
    await pause(2000);
    const answer = await fetch("/healthz").catch(() => undefined);
    if (answer?.ok) return location.reload();
  }
}

/** Opens what the address names: `#/compare/ID?artifact=…`. */
async function show() {
  takeCode();
  if (!app) return;
  asked += 1;
  const mine = asked;
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [word = "", ...more] = path.split("/");
  const name = Object.hasOwn(VIEWS, word) ? word : "transform";
  const parameters = new URLSearchParams(query);
  for (const link of document.querySelectorAll("#views a")) {
    if (link.getAttribute("href") !== `#/${name}`) {
      link.removeAttribute("aria-current");
      continue;
    }
    link.setAttribute("aria-current", "page");
    link.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  try {
    const rest = more.map(decodeURIComponent).join("/");
    if (open?.name === name && open.view.update) {
      open.view.update(parameters, rest);
      return;
    }
    const module = await /** @type {(typeof VIEWS)[string]} */ (VIEWS[name])();
    if (mine !== asked) return;
    open?.view.close?.();
    const isFirst = open === undefined;
    const view = module.open(app, parameters, rest);
    open = { name, view };
    document.title = `${view.title} · Easel`;
    fill(place, view.element);
    if (isFirst) return;
    place.focus({ preventScroll: true });
    announce(view.title);
  } catch (error) {
    open = undefined;
    failed("This view cannot be shown", error);
  }
}

/** @param {string} what @param {unknown} error */
function failed(what, error) {
  const said = failureLine(/** @type {Error} */ (error));
  fill(place, h("p", { class: "empty", role: "alert" }, `${what}: ${said.text}. ${said.hint}`));
}

/** The switch says what is, and what a press makes of it. */
function showTheme() {
  const button = element("theme");
  const [now, next] = [theme(), nextTheme()];
  button.dataset.theme = now;
  button.title = `Theme: ${now}. Press for ${next}.`;
  button.setAttribute("aria-label", `Theme: ${now}`);
}

addEventListener("hashchange", () => void show());
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "?") {
    showKeys(open?.view.keys ?? [], open?.view.title);
    return;
  }
  const key = open?.view.keys?.find((it) => it.key === event.key);
  if (key) {
    event.preventDefault();
    key.run(event);
  }
});
element("help").addEventListener("click", () => showKeys(open?.view.keys ?? [], open?.view.title));
element("theme").addEventListener("click", () => {
  setTheme(nextTheme());
  showTheme();
  announce(`Theme: ${theme()}`);
});
// As a link it would be a place in the address, and those are views.
element("skip").addEventListener("click", (event) => {
  event.preventDefault();
  place.focus();
});
showTheme();
start().catch((error) => failed("The page cannot start", error));
