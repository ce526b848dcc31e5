/** Affine matrices as Figma writes them. Written apart from the plugin's own: one checks the other. */
import type { Rect, Transform } from "@figma/plugin-typings/plugin-api-standalone";

export const IDENTITY: Transform = [
  [1, 0, 0],
  [0, 1, 0],
];

export function multiply(m: Transform, n: Transform): Transform {
  const row = (r: [number, number, number]): [number, number, number] => [
    r[0] * n[0][0] + r[1] * n[1][0],
    r[0] * n[0][1] + r[1] * n[1][1],
    r[0] * n[0][2] + r[1] * n[1][2] + r[2],
  ];
  return [row(m[0]), row(m[1])];
}

export function apply(m: Transform, x: number, y: number): [number, number] {
  return [m[0][0] * x + m[0][1] * y + m[0][2], m[1][0] * x + m[1][1] * y + m[1][2]];
}

/** The upright rectangle around a rectangle under a matrix. */
export function around(m: Transform, width: number, height: number): Rect {
  return union(
    [
      [0, 0],
      [width, 0],
      [0, height],
      [width, height],
    ].map(([x = 0, y = 0]) => {
      const [u, v] = apply(m, x, y);
      return { x: u, y: v, width: 0, height: 0 };
    }),
  );
}

export function union(rects: Rect[]): Rect {
  const x = Math.min(...rects.map((it) => it.x));
  const y = Math.min(...rects.map((it) => it.y));
  const right = Math.max(...rects.map((it) => it.x + it.width));
  const bottom = Math.max(...rects.map((it) => it.y + it.height));
  return { x, y, width: right - x, height: bottom - y };
}
