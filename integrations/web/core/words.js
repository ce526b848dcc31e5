/**
 * The words and numbers of the page, the same as in every editor. Sentence case on screens, a number has its unit,
 * and a failure says what happened, what was charged and what to do next.
 * @import { Failure, Intent, Keep, JobState } from "../../typescript/protocol.ts"
 */

/** What is said where something happened.
 * @typedef {{ severity: "info" | "warning" | "error", text: string, hint?: string }} Line */

/** Each intent with its label and what it does, in the order in which screens show them.
 * @type {readonly (readonly [Intent, string, string])[]} */
export const INTENTS = [
  ["restyle", "Restyle", "Another look, the same picture"],
  ["enhance", "Enhance", "Sharper, cleaner or larger, the same picture"],
  ["background", "Background", "Another background behind the same subject"],
  ["cutout", "Cut out", "The subject alone on transparency"],
  ["reimagine", "Reimagine", "A new picture that takes this one as its idea"],
  ["edit", "Edit", "One described change"],
  ["erase", "Erase", "Remove what the mask covers"],
  ["expand", "Expand", "Continue the picture beyond its borders"],
];

/** @type {readonly (readonly [Keep, string])[]} */
export const KEEPS = [
  ["subject", "Subject"],
  ["pose", "Pose"],
  ["composition", "Composition"],
  ["colours", "Colours"],
  ["text", "Text"],
];

/** What stays unless somebody says otherwise.
 * @type {Readonly<Record<Intent, readonly Keep[]>>} */
export const KEPT_BY_DEFAULT = {
  restyle: ["subject", "pose", "composition", "text"],
  enhance: ["subject", "pose", "composition", "colours", "text"],
  background: ["subject", "pose", "composition"],
  cutout: ["subject", "pose", "composition", "colours", "text"],
  reimagine: [],
  edit: ["subject", "pose", "composition", "colours", "text"],
  erase: ["subject", "pose", "composition", "colours", "text"],
  expand: ["subject", "pose", "composition", "colours", "text"],
};

const CHARGED = {
  yes: "It was charged.",
  maybe: "It may have been charged.",
  no: "Nothing was charged.",
};

/** @type {Readonly<Record<JobState, string>>} */
export const STATES = {
  queued: "Waiting",
  running: "Running",
  done: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};

/** @param {Intent} intent */
export function intentLabel(intent) {
  return INTENTS.find(([id]) => id === intent)?.[1] ?? intent;
}

/** `0.11 USD`; `free` where it costs nothing.
 * @param {number} amount @param {string} currency */
export function money(amount, currency) {
  if (!amount || !currency) return "free";
  return `${amount.toFixed(amount >= 0.01 ? 2 : 4)} ${currency}`;
}

/** `20 ms`, `0.8 s`, `12 s`, `2 min 5 s`.
 * @param {number} seconds */
export function duration(seconds) {
  if (seconds < 0.1) return `${Math.max(1, Math.round(1000 * seconds))} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const rest = whole % 60;
  return rest ? `${Math.floor(whole / 60)} min ${rest} s` : `${Math.floor(whole / 60)} min`;
}

/** `4096×4096`.
 * @param {number} width @param {number} height */
export function size(width, height) {
  return `${width}×${height}`;
}

/** `1 step`, `3 steps`.
 * @param {number} number @param {string} one @param {string} more */
export function several(number, one, more) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : more}`;
}

/** A message of the daemon as a screen shows it: with a capital, without the marks of code.
 * @param {string} text */
export function sentence(text) {
  const plain = text.replaceAll("`", "").trim();
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

/**
 * What went wrong in two lines: what happened; what was charged, and what to do.
 * @param {Failure | Error} failure
 * @returns {{ text: string, hint: string }}
 */
export function failureLine(failure) {
  const { message, hint, charged } = /** @type {Partial<Failure> & { message: string }} */ (failure);
  const said = [charged ? CHARGED[charged] : ""];
  if (hint) {
    const text = sentence(hint);
    said.push(/[.?]$/.test(text) ? text : `${text}.`);
  }
  return { text: sentence(message), hint: said.filter(Boolean).join(" ") };
}

/** A text on one line, cut at a word where it is too long.
 * @param {string} text @param {number} length */
export function shortened(text, length) {
  const line = text.split(/\s+/).filter(Boolean).join(" ");
  if (line.length <= length) return line;
  const cut = line.slice(0, length - 1);
  const space = cut.lastIndexOf(" ");
  return `${(space > length / 2 ? cut.slice(0, space) : cut).replace(/[ ,;:.]+$/, "")}…`;
}

/** A form of time is dear to make and cheap to use: a list that scrolls uses it a thousand times a second.
 * @type {Record<"today" | "week" | "day", Intl.DateTimeFormat>} */
const MOMENTS = {
  today: new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" }),
  week: new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "2-digit", minute: "2-digit" }),
  day: new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" }),
};

/** `12:05` today, `Mon 12:05` this week, else `12 Oct 2026`, as the reader's language has it.
 * @param {number} time in milliseconds @param {number} [now] */
export function moment(time, now = Date.now()) {
  const date = new Date(time);
  const isToday = date.toDateString() === new Date(now).toDateString();
  const isThisWeek = now - time < 6 * 86_400_000 && now > time;
  return MOMENTS[isToday ? "today" : isThisWeek ? "week" : "day"].format(date);
}
