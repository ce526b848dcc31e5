/**
 * What a record says of a model, in words and in chips.
 * @import { BackendRecord, KeyRecord, ModelRecord, Price } from "../../../typescript/protocol.ts"
 */
import { duration, several } from "../../core/words.js";

const PROMPT = { none: "no prompt", optional: "prompt", required: "needs a prompt" };
const MASK = { native: "mask", composited: "mask, kept by Easel", refused: "no mask" };
const SEED = { none: "", hint: "seed", exact: "exact seed" };

/** Short facts: what it takes. @param {ModelRecord} record */
export function facts(record) {
  const [least, most] = record.references;
  const { sizes, scales, styles } = record;
  const [first, last] = [sizes[0]?.name, sizes.at(-1)?.name];
  return [
    PROMPT[record.prompt],
    MASK[record.mask],
    most > 0 && (least === most ? several(most, "reference", "references") : least ? `${least} to ${most} references` : `up to ${several(most, "reference", "references")}`),
    first && (first === last ? first : `${first}–${last}`),
    scales.length > 0 && scales.map((scale) => `×${scale}`).join(" "),
    record.strength && "strength",
    SEED[record.seed],
    record.max_count > 1 && `up to ${record.max_count} pictures`,
    styles.length > 0 && several(styles.length, "style", "styles"),
    record.alpha && "transparency",
  ]
    .filter((fact) => typeof fact === "string")
    .filter(Boolean);
}

/** `0.05`, `0.067`, `0.0336`: as many digits as it has, two at least. @param {number} value */
function amount(value) {
  const two = value.toFixed(2);
  return Math.abs(Number(two) - value) < 1e-9 ? two : String(Number(value.toFixed(4)));
}

/** A price in one sentence, with the day on which it was read. @param {Price | null} price */
export function priceLine(price) {
  if (!price) return "Free";
  const { currency } = price;
  const named = Object.entries(price.per_size).sort((one, other) => one[1] - other[1]);
  const steps = price.steps.map((step) => /** @type {const} */ ([`up to ${step.up_to_megapixels} megapixels`, step.per_picture]));
  const several = named.length ? named.map(([size, value]) => /** @type {const} */ ([`at ${size}`, value])) : steps;
  const said = several.length
    ? `${amount(several[0]?.[1] ?? 0)} ${currency} a picture ${several.map(([where, value], index) => (index ? `${amount(value)} ${where}` : where)).join(", ")}`
    : `${amount(price.per_picture)} ${currency} a picture`;
  const more = [
    price.per_megapixel > 0 && `${amount(price.per_megapixel)} for each further megapixel`,
    price.per_input_megapixel > 0 && `${amount(price.per_input_megapixel)} for each megapixel sent`,
    price.per_reference > 0 && `${amount(price.per_reference)} for each reference`,
  ].filter(Boolean);
  return [said, ...more].join("; ");
}

/** @param {ModelRecord} record */
export function timeLine({ seconds_per_megapixel: pace }) {
  return pace === null || pace === undefined ? "" : `about ${duration(pace)} a megapixel`;
}

/** @type {Readonly<Record<BackendRecord["state"], string>>} */
export const STATES = {
  ready: "Ready",
  untrusted: "Not trusted",
  disabled: "Switched off",
  quarantined: "In quarantine",
  broken: "Cannot be used",
};

/** What a backend asks for, in one sentence. @param {BackendRecord} record */
export function permissionLine({ permissions: { http, secrets, read, gpu } }) {
  const asks = [
    http.length > 0 && `to reach ${http.join(", ")}`,
    secrets.length > 0 && `for the ${secrets.length === 1 ? "key" : "keys"} ${secrets.join(", ")}`,
    read.length > 0 && `to read ${read.join(", ")}`,
    gpu && "for the graphics processor",
  ].filter(Boolean);
  return asks.length ? `It asks ${asks.join(", ")}.` : "It asks for no internet, no key and no folder.";
}

/** Where a key is, never the key. @param {KeyRecord} key */
export function placeLine(key) {
  switch (key.place) {
    case "keychain":
      return "in the keychain";
    case "file":
      return "in a file that only you can read";
    case "environment":
      return `from the daemon's environment (${key.environment.join(", ")})`;
    default:
      return "not stored yet";
  }
}
