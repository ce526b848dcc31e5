/** The mask that is being painted, kept by the browser until it is sent: it outlives a reload and burdens no daemon. */

const STORE = "masks";

/** @returns {Promise<IDBDatabase>} */
function database() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("easel", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

/**
 * @template T @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest<T>} act
 * @returns {Promise<T>}
 */
async function within(mode, act) {
  const opened = await database();
  try {
    return await new Promise((resolve, reject) => {
      const request = act(opened.transaction(STORE, mode).objectStore(STORE));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  } finally {
    opened.close();
  }
}

/** @param {ReadableStream} stream */
const gathered = async (stream) => new Uint8Array(await new Response(stream).arrayBuffer());

/** One after the other, so that the last one stays; who was overtaken while it waited is left out. */
let last = Promise.resolve();
let newest = 0;

/** Keeps the one mask of the one source; `null` forgets it.
 * @param {string} source @param {import("./mask.js").Mask | null} mask */
export function keepMask(source, mask) {
  newest += 1;
  const mine = newest;
  last = last.then(() => (mine === newest ? write(source, mask) : undefined));
  return last;
}

/** @param {string} source @param {import("./mask.js").Mask | null} mask */
async function write(source, mask) {
  try {
    if (!mask) {
      await within("readwrite", (store) => store.delete("mask"));
      return;
    }
    const rows = await gathered(new Blob([mask.data]).stream().pipeThrough(new CompressionStream("deflate-raw")));
    await within("readwrite", (store) => store.put({ source, width: mask.width, height: mask.height, rows }, "mask"));
  } catch {
    // A browser that keeps nothing still works until it is closed.
  }
}

/** The rows of the mask that was kept for a source of this size.
 * @param {string} source @param {number} width @param {number} height @returns {Promise<Uint8Array<ArrayBuffer> | undefined>} */
export async function keptMask(source, width, height) {
  try {
    const kept = await within("readonly", (store) => store.get("mask"));
    if (kept?.source !== source || kept.width !== width || kept.height !== height) return undefined;
    const rows = await gathered(new Blob([kept.rows]).stream().pipeThrough(new DecompressionStream("deflate-raw")));
    return rows.length === width * height ? rows : undefined;
  } catch {
    return undefined;
  }
}
