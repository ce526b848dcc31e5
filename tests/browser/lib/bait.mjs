/**
 * Names that want to be more than names, and a look at a page for whatever came of them.
 */

/** Ends every bait, so that what follows it can be told from it. */
const END = "⟧";

/**
 * A name with elements that run, and a character that turns round what follows. It holds no slash, so that a file can
 * be called by it.
 * @param {string} where
 */
export function bait(where) {
  return `${where} <img src=x onerror="globalThis.caught='${where}'"><svg onload="globalThis.caught='${where}'"> "'\`&lt;\u202E txt.exe${END}`;
}

/** The same with all that takes a slash. @param {string} where */
export function longBait(where) {
  return `${where} <script>globalThis.caught='${where}'</script><a href="javascript:globalThis.caught='${where}'">x</a><style>a{all:unset}</style>${bait(where)}`;
}

/** Its beginning, for places that show no more. @param {string} text */
export function head(text) {
  return text.slice(0, 40);
}

/** Keeps what a page's policy had to stop: on a good page there is nothing. @param {import("playwright-core").BrowserContext} context */
export function watchPolicy(context) {
  return context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
      /** @type {any} */ (globalThis).caught = `the policy stopped ${violatedDirective} ${blockedURI}`;
    });
  });
}

/** What came of the bait in a page: empty where it is text and nothing else. @param {import("playwright-core").Page} page */
export function caughtIn(page) {
  return page.evaluate((end) => {
    /** @type {string[]} */
    const wrong = [];
    const { caught } = /** @type {any} */ (globalThis);
    if (caught) wrong.push(`it ran: ${caught}`);
    for (const element of document.querySelectorAll("*")) {
      for (const { name, value } of element.attributes) {
        if (/^on/i.test(name)) wrong.push(`<${element.localName} ${name}>`);
        if (/^\s*(javascript|data|vbscript):/i.test(value)) wrong.push(`<${element.localName} ${name}=${value.slice(0, 30)}>`);
        if (/^(src|srcset|action|formaction|poster|data)$/.test(name) && !/^(\/page\/|blob:|$)/.test(value)) wrong.push(`<${element.localName} ${name}=${value.slice(0, 30)}>`);
      }
      if (/^(iframe|object|embed|base|frame|style|template|portal)$/.test(element.localName)) wrong.push(`<${element.localName}>`);
      if (element.localName === "script" && !(element.getAttribute("src") && element.textContent === "")) wrong.push("a script of its own");
      if (element.localName === "meta" && element.hasAttribute("http-equiv")) wrong.push("<meta http-equiv>");
    }

    // Whatever is read behind a bait, in the same block, goes on from left to right.
    const blockOf = (/** @type {Node} */ node) => {
      let element = node.parentElement;
      while (element && getComputedStyle(element).display === "inline") element = element.parentElement;
      return element;
    };
    const left = (/** @type {Text} */ text, /** @type {number} */ at) => {
      const range = document.createRange();
      range.setStart(text, at);
      range.setEnd(text, at + 1);
      return range.getBoundingClientRect();
    };
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    /** @type {Element | null} */
    let block = null;
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const text = /** @type {Text} */ (node);
      let from = 0;
      if (text.data.includes(end)) {
        from = text.data.lastIndexOf(end) + 1;
        block = blockOf(text);
      } else if (!block || block !== blockOf(text)) continue;
      for (let at = from; at + 1 < text.data.length; at += 1) {
        if (!/^[a-z0-9]{2}/i.test(text.data.slice(at, at + 2))) continue;
        const [one, two] = [left(text, at), left(text, at + 1)];
        if (!one.width || !two.width || Math.abs(one.top - two.top) > 2 || two.left > one.left) continue;
        wrong.push(`turned round: ${text.data.slice(from).trim().slice(0, 60)}`);
        break;
      }
    }
    // Menus have no places to measure: there the name must be closed off from what follows it.
    for (const option of document.querySelectorAll("option")) {
      if (new RegExp(`\u202E[^\u2069]*${end}[^\u2069]*[a-z0-9]`, "i").test(option.text)) wrong.push(`turned round in a menu: ${option.text.split(end).at(-1)}`);
    }
    return wrong;
  }, END);
}

/**
 * Whether a person sees a bait as the text that it is: in the page, or as the value of a field.
 * @param {import("playwright-core").Page} page @param {string} text
 */
export function isShown(page, text) {
  return page.evaluate((text) => {
    const plain = (/** @type {string | null} */ it) => (it ?? "").replaceAll(/[\s\u2066-\u2069\u202a-\u202e]+/g, " ");
    const values = [...document.querySelectorAll("input, textarea")].map((field) => /** @type {HTMLInputElement} */ (field).value);
    return [document.body.textContent, ...values].some((shown) => plain(shown).includes(plain(text)));
  }, text);
}
