/**
 * Writes PNGs without a canvas: a canvas keeps colours multiplied by their alpha and gives other bits back wherever a
 * pixel is half transparent.
 */

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const TABLE = table();

/** A part of rows of RGBA as a file. `stride`: pixels from one row to the next. */
export async function png(rows: Uint8Array, stride: number, x: number, y: number, width: number, height: number): Promise<Uint8Array<ArrayBuffer>> {
  const across = width * 4;
  const lines = new Uint8Array((across + 1) * height);
  for (let line = 0; line < height; line += 1) {
    const from = ((y + line) * stride + x) * 4;
    const to = line * (across + 1);
    if (line === 0) {
      lines.set(rows.subarray(from, from + across), to + 1);
      continue;
    }
    // Each line as its difference to the one above: photographs become much smaller by it.
    lines[to] = 2;
    const above = from - stride * 4;
    for (let at = 0; at < across; at += 1) lines[to + 1 + at] = (rows[from + at] ?? 0) - (rows[above + at] ?? 0);
  }
  const packed = await deflated(lines);
  const head = new Uint8Array(13);
  const view = new DataView(head.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  head.set([8, 6, 0, 0, 0], 8);
  const parts = [new Uint8Array(SIGNATURE), chunk("IHDR", head), chunk("sRGB", new Uint8Array([0])), chunk("IDAT", packed), chunk("IEND", new Uint8Array())];
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

async function deflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function chunk(name: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const made = new Uint8Array(12 + data.length);
  const view = new DataView(made.buffer);
  view.setUint32(0, data.length);
  for (let at = 0; at < 4; at += 1) made[4 + at] = name.charCodeAt(at);
  made.set(data, 8);
  view.setUint32(8 + data.length, checksum(made.subarray(4, 8 + data.length)));
  return made;
}

function checksum(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = (TABLE[(sum ^ byte) & 0xff] ?? 0) ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}

function table(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, number) => {
    let value = number;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
    return value >>> 0;
  });
}
