/**
 * Pictures for screens. They are fetched with the token, never by address, so that no other page can show them.
 * @import { BlobId } from "../../typescript/protocol.ts"
 */
import { h } from "./dom.js";

/** How many small pictures are kept ready. */
const KEPT = 400;

export class Pictures {
  /** Addresses of this document alone, the least used first. @type {Map<string, Promise<string>>} */
  #addresses = new Map();

  /** @param {import("./wire.js").Session} session */
  constructor(session) {
    this.session = session;
  }

  /**
   * The address of a small copy, good for an `<img>`.
   * @param {BlobId} id @param {number} max the longer side
   */
  address(id, max) {
    const name = `${id} ${max}`;
    const known = this.#addresses.get(name);
    if (known) {
      this.#addresses.delete(name);
      this.#addresses.set(name, known);
      return known;
    }
    const made = this.session.preview(id, max).then((blob) => URL.createObjectURL(blob));
    made.catch(() => this.#addresses.delete(name));
    this.#addresses.set(name, made);
    for (const [oldest, address] of this.#addresses) {
      if (this.#addresses.size <= KEPT) break;
      this.#addresses.delete(oldest);
      void address.then((it) => URL.revokeObjectURL(it), () => {});
    }
    return made;
  }

  /**
   * An `<img>` that fills itself; where its pixels are gone it says so by the class `gone`.
   * @param {BlobId} id @param {number} max @param {string} alt
   */
  image(id, max, alt) {
    const image = h("img", { alt, class: "loading", decoding: "async", draggable: "false" });
    this.address(id, max).then(
      (address) => {
        image.src = address;
        image.classList.remove("loading");
      },
      () => image.classList.replace("loading", "gone"),
    );
    return image;
  }

  /**
   * Every pixel, as sRGB.
   * @param {BlobId} id @param {AbortSignal} [signal]
   * @returns {Promise<ImageData>}
   */
  async pixels(id, signal) {
    const response = await this.session.get(`/v1/blobs/${id}/pixels?format=rgba8&colours=srgb`, signal);
    const said = response.headers.get("content-type") ?? "";
    const side = (/** @type {string} */ name) => Number(new RegExp(`${name}=(\\d+)`).exec(said)?.[1]);
    return new ImageData(new Uint8ClampedArray(await response.arrayBuffer()), side("width"), side("height"));
  }

  /** Forgets what is ready. */
  close() {
    for (const address of this.#addresses.values()) void address.then((it) => URL.revokeObjectURL(it), () => {});
    this.#addresses.clear();
  }
}
