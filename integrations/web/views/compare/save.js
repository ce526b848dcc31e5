/** Saves a result as a file, in a format that is remembered, or copies it, to be pasted into any editor. */
import { settings } from "../../core/app.js";

/** @typedef {"png" | "jpeg" | "webp" | "tiff"} FileFormat */

/** @type {readonly (readonly [FileFormat, string])[]} */
export const FORMATS = [
  ["png", "PNG"],
  ["jpeg", "JPEG"],
  ["webp", "WebP"],
  ["tiff", "TIFF"],
];

/** @returns {FileFormat} */
export function format() {
  const kept = settings.get("download.format", "png");
  return FORMATS.find(([id]) => id === kept)?.[0] ?? "png";
}

/** @param {string} wanted */
export function setFormat(wanted) {
  settings.set("download.format", wanted);
}

/**
 * Fetched with the token, which no link can carry, and then saved from memory.
 * @param {import("../../core/wire.js").Session} session @param {string} artifact
 */
export async function save(session, artifact) {
  const wanted = format();
  const response = await session.get(`/v1/artifacts/${encodeURIComponent(artifact)}/picture?format=${wanted}`);
  const address = URL.createObjectURL(await response.blob());
  const name = nameOf(response.headers.get("content-disposition") ?? "") ?? `result.${wanted}`;
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.hidden = true;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser has it once the click is over, but says so nowhere.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  return name;
}

/**
 * Puts the whole picture where it can be pasted from: into Figma, a document, a message. Clipboards take PNG.
 * @param {import("../../core/wire.js").Session} session @param {string} artifact
 */
export async function copy(session, artifact) {
  const picture = session.get(`/v1/artifacts/${encodeURIComponent(artifact)}/picture?format=png`);
  // Handed over before it is there: by the time it is, the click that allows it would be forgotten.
  const item = new ClipboardItem({ "image/png": picture.then((response) => response.blob()) });
  await navigator.clipboard.write([item]);
}

/** What `Content-Disposition` calls the file. @param {string} header */
function nameOf(header) {
  const coded = /filename\*=UTF-8''([^;]+)/i.exec(header)?.[1];
  if (coded) return decodeURIComponent(coded);
  return /filename="([^"]+)"/i.exec(header)?.[1];
}
