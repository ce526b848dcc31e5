/** What a person would see wrong on a screen before any other thing: run inside the page. */

/** Whether the page, or what scrolls in it from top to bottom, is wider than its window. @param {import("playwright-core").Page} page */
export function tooWide(page) {
  return page.evaluate(() => {
    const root = document.documentElement;
    const found = root.scrollWidth > root.clientWidth ? [`the page by ${root.scrollWidth - root.clientWidth} px`] : [];
    for (const element of document.querySelectorAll("main, main *")) {
      const { overflowX } = getComputedStyle(element);
      const isMeant = overflowX === "hidden" || overflowX === "clip" || element.matches("[data-wide], svg *, canvas");
      if (!isMeant && element.checkVisibility() && element.scrollWidth > element.clientWidth + 1 && (overflowX === "auto" || overflowX === "scroll")) {
        found.push(`${element.localName}.${element.className} by ${element.scrollWidth - element.clientWidth} px`);
      }
    }
    return found;
  });
}

/** Controls that are too small to be met: 28 px each way, but for links in running text. @param {import("playwright-core").Page} page */
export function tooSmall(page) {
  return page.evaluate(() => {
    const controls = "a[href], button, input, select, textarea, summary, [role=button], [role=slider], [role=radio], [role=tab], [role=option], [role=switch]";
    const found = [];
    for (const element of document.querySelectorAll(controls)) {
      if (!element.checkVisibility({ visibilityProperty: true }) || element.matches(":disabled, p a, dd a, li > a.text, .skip, .unseen")) continue;
      // A link that lies over a whole row is met anywhere on it.
      const isStretched = getComputedStyle(element, "::after").position === "absolute" && getComputedStyle(element).position === "static";
      let { width, height } = ((isStretched && /** @type {HTMLElement} */ (element).offsetParent) || element).getBoundingClientRect();
      const label = element.matches("input[type=checkbox], input[type=radio]") ? (element.closest("label") ?? /** @type {HTMLInputElement} */ (element).labels?.[0]) : undefined;
      if (label) {
        const box = label.getBoundingClientRect();
        width = Math.max(width, box.width);
        height = Math.max(height, box.height);
      }
      // What is one pixel small is for screen readers; its label is what is met.
      if (width <= 1 || (width >= 27.5 && height >= 27.5)) continue;
      found.push(`${element.localName}.${element.className} "${(element.getAttribute("aria-label") ?? element.textContent ?? "").trim().slice(0, 40)}" ${Math.round(width)}×${Math.round(height)}`);
    }
    return found;
  });
}

/** What moves for longer than `seconds`. @param {import("playwright-core").Page} page @param {number} seconds */
export function moves(page, seconds) {
  return page.evaluate((most) => {
    const found = [];
    for (const element of document.querySelectorAll("*")) {
      for (const pseudo of [undefined, "::before", "::after"]) {
        const { transitionDuration, animationName, animationDuration } = getComputedStyle(element, pseudo);
        const times = [transitionDuration, animationName === "none" ? "0s" : animationDuration].flatMap((text) => text.split(",")).map(Number.parseFloat);
        if (times.some((time) => time > most)) found.push(`${element.localName}.${element.className}${pseudo ?? ""}`);
      }
    }
    return [...new Set(found)];
  }, seconds);
}

/** Walks with the tabulator through a screen and tells of every stop that does not show the focus. @param {import("playwright-core").Page} page @param {number} most */
export async function unseenFocus(page, most = 60) {
  const found = [];
  await page.evaluate(() => /** @type {HTMLElement | null} */ (document.activeElement)?.blur());
  const first = await page.evaluateHandle(() => document.body);
  for (let stop = 0; stop < most; stop += 1) {
    await page.keyboard.press("Tab");
    const said = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return { end: true, problem: "" };
      // A radio button that is drawn by its label shows the focus there.
      // The parts of a date draw a ring of their own, inside the field.
      if (element.matches("input[type=date]:not(:focus-visible)")) return { end: false, problem: "" };
      const rings = [element, element.parentElement, element.closest("label"), /** @type {HTMLInputElement} */ (element).labels?.[0]];
      const isSeen = rings.some((it) =>
        [undefined, "::after"].some((pseudo) => {
          if (!it) return false;
          const { outlineStyle, outlineWidth } = getComputedStyle(it, pseudo);
          return outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2;
        }),
      );
      const box = element.getBoundingClientRect();
      const isInView = box.bottom > 0 && box.top < innerHeight;
      const name = `${element.localName}.${element.className} "${(element.getAttribute("aria-label") ?? element.textContent ?? "").trim().slice(0, 40)}"`;
      return { end: false, problem: isSeen ? (isInView ? "" : `${name} is out of view`) : `${name} has no ring` };
    });
    if (said.end) break;
    if (said.problem) found.push(said.problem);
  }
  await first.dispose();
  return found;
}
