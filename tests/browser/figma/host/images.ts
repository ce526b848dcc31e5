/** The images of a document. `createImage` is strict where the typings say so. */
import type { Image } from "@figma/plugin-typings/plugin-api-standalone";

const LIMIT = 4096;

interface Kept {
  bytes: Uint8Array<ArrayBuffer>;
  width: number;
  height: number;
  bitmap?: Promise<ImageBitmap>;
}

export class Images {
  #kept = new Map<string, Kept>();

  create(data: Uint8Array): Image {
    // What the plugin holds may change afterwards; what was handed over may not.
    const bytes = Uint8Array.from(data);
    const size = sizeOf(bytes);
    if (!size) throw new Error("in createImage: Image type is unsupported");
    if (size.width > LIMIT || size.height > LIMIT) throw new Error("in createImage: Image is too large");
    const hash = hashOf(bytes);
    if (!this.#kept.has(hash)) this.#kept.set(hash, { bytes, ...size });
    return this.image(hash) as Image;
  }

  image(hash: string): Image | null {
    const kept = this.#kept.get(hash);
    if (!kept) return null;
    const { width, height, bytes } = kept;
    return { hash, getBytesAsync: async () => bytes.slice(), getSizeAsync: async () => ({ width, height }) };
  }

  bytes(hash: string): Uint8Array<ArrayBuffer> {
    return (this.#kept.get(hash) as Kept).bytes;
  }

  /** Its pixels, decoded once. */
  bitmap(hash: string): Promise<ImageBitmap> {
    const kept = this.#kept.get(hash);
    if (!kept) throw new Error(`there is no image ${hash}`);
    kept.bitmap ??= createImageBitmap(new Blob([kept.bytes]), { colorSpaceConversion: "none" });
    return kept.bitmap;
  }
}

/** Width and height as a PNG, JPEG or GIF says them; `null` for anything else. */
export function sizeOf(bytes: Uint8Array): { width: number; height: number } | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length > 24 && view.getUint32(0) === 0x89504e47) return { width: view.getUint32(16), height: view.getUint32(20) };
  if (bytes.length > 10 && view.getUint32(0) === 0x47494638) return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
  if (bytes.length > 4 && view.getUint16(0) === 0xffd8) {
    for (let at = 2; at + 9 < bytes.length; at += 2 + view.getUint16(at + 2)) {
      const marker = bytes[at + 1] ?? 0;
      if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    }
  }
  return null;
}

/** Names bytes; no more than that is asked of it. */
function hashOf(bytes: Uint8Array): string {
  let [high, low] = [0x811c9dc5, 0x01000193];
  for (const byte of bytes) {
    high = Math.imul(high ^ byte, 0x01000193) >>> 0;
    low = (Math.imul(low, 31) + byte) >>> 0;
  }
  return high.toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0") + bytes.length.toString(16).padStart(8, "0");
}
