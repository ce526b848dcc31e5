/** Asks again every so often, as long as somebody looks. */

const isHidden = () => document.visibilityState === "hidden";

/**
 * @param {number} milliseconds
 * @param {() => Promise<void>} ask must not fail
 */
export function whileSeen(milliseconds, ask) {
  let stopped = false;
  let asking = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const again = async () => {
    clearTimeout(timer);
    if (stopped || asking || isHidden()) return;
    asking = true;
    await ask();
    asking = false;
    if (!stopped && !isHidden()) timer = setTimeout(again, milliseconds);
  };
  const now = () => void again();
  document.addEventListener("visibilitychange", now);
  addEventListener("focus", now);
  now();
  return {
    now,
    stop() {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", now);
      removeEventListener("focus", now);
    },
  };
}
