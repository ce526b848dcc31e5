/** Affine matrices as Figma writes them, and rectangles. */
import type { Box, Matrix } from "./messages.ts";

/** First `inner`, then `outer`. */
export function times(outer: Matrix, inner: Matrix): Matrix {
  const [[a, b, x], [c, d, y]] = outer;
  const [[e, f, u], [g, h, v]] = inner;
  return [
    [a * e + b * g, a * f + b * h, a * u + b * v + x],
    [c * e + d * g, c * f + d * h, c * u + d * v + y],
  ];
}

export function inverse([[a, b, x], [c, d, y]]: Matrix): Matrix {
  const area = a * d - b * c;
  return [
    [d / area, -b / area, (b * y - d * x) / area],
    [-c / area, a / area, (c * x - a * y) / area],
  ];
}

export const NOTHING: Matrix = [
  [1, 0, 0],
  [0, 1, 0],
];

/** Stretches `width`×`height` pixels over an upright rectangle. */
export function over(box: Box, width: number, height: number): Matrix {
  return [
    [box.width / width, 0, box.x],
    [0, box.height / height, box.y],
  ];
}

export function overlap(one: Box, other: Box): boolean {
  const across = one.x < other.x + other.width && other.x < one.x + one.width;
  return across && one.y < other.y + other.height && other.y < one.y + one.height;
}

/** A matrix without its scale, and the size that a rectangle of pixels has under it: Figma keeps the two apart. */
export function turned(toPage: Matrix, area: Box): { transform: Matrix; width: number; height: number } {
  const [[a, b, x], [c, d, y]] = toPage;
  const across = Math.hypot(a, c);
  const down = Math.hypot(b, d);
  return {
    width: area.width * across,
    height: area.height * down,
    transform: [
      [a / across, b / down, a * area.x + b * area.y + x],
      [c / across, d / down, c * area.x + d * area.y + y],
    ],
  };
}
