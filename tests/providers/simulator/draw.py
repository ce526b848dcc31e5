"""The answer's pixels, drawn from the request alone: whatever was wired wrongly shows as wrong
pixels. The formulas are in the README; whoever checks an answer recomputes them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw

Colour = tuple[int, int, int]
STAMPS = 16
MAGENTA: Colour = (255, 0, 255)
EMPTY: Colour = (128, 128, 128)
#: A mask is white from here on, and alpha is transparent below.
WHITE = 128


def digest(prompt: str, seed: str) -> bytes:
    """SHA-256 of the prompt, a bar and the seed as it was written; no seed is an empty text."""
    return hashlib.sha256(f"{prompt}|{seed}".encode()).digest()


def tint(hashed: bytes) -> tuple[int, int, int]:
    """What is added to red, green and blue, -32 to 31."""
    return (hashed[0] % 64 - 32, hashed[1] % 64 - 32, hashed[2] % 64 - 32)


def fill(hashed: bytes) -> Colour:
    """The colour of whatever is painted anew."""
    return (hashed[3], hashed[4], hashed[5])


def edited(
    source: Image.Image | None, references: Sequence[Colour], size: tuple[int, int], hashed: bytes
) -> Image.Image:
    """The source in the size asked for, tinted, with a stamp for each reference."""
    if source is None:
        base = Image.new("RGB", size, EMPTY)
    elif source.size == size:
        base = source
    else:
        base = source.resize(size, Image.Resampling.BILINEAR)
    offsets = tint(hashed)
    table = [min(255, max(0, value + offset)) for offset in offsets for value in range(256)]
    picture = base.point(table)
    side = max(1, size[0] // STAMPS)
    for index, colour in enumerate(references[:STAMPS]):
        picture.paste(colour, (index * side, 0, (index + 1) * side, side))
    return picture


def repainted(source: Image.Image, mask: Image.Image, hashed: bytes) -> Image.Image:
    """The source with the fill colour where the mask is white, untouched elsewhere."""
    picture = source.copy()
    picture.paste(fill(hashed), (0, 0), mask.point(_threshold))
    return picture


def expanded(
    source: Image.Image, top: int, bottom: int, left: int, right: int, hashed: bytes
) -> Image.Image:
    """The source untouched, with margins in the fill colour."""
    size = (source.width + left + right, source.height + top + bottom)
    picture = Image.new("RGB", size, fill(hashed))
    picture.paste(source, (left, top))
    return picture


def watermarked(picture: Image.Image) -> Image.Image:
    """With a white block in the lower right corner, an eighth of each side."""
    width, height = picture.size
    marked = picture.copy()
    corner = (width - max(1, width // 8), height - max(1, height // 8), width, height)
    marked.paste((255, 255, 255), corner)
    return marked


def transparent_cut(picture: Image.Image) -> Image.Image:
    """The picture with its left half transparent, for answers that keep alpha."""
    alpha = Image.new("L", picture.size, 255)
    ImageDraw.Draw(alpha).rectangle((0, 0, max(0, picture.width // 2 - 1), picture.height), fill=0)
    cut = picture.convert("RGBA")
    cut.putalpha(alpha)
    return cut


def mask_of(mask: Image.Image) -> Image.Image:
    """Grey of a mask, whatever its mode."""
    return mask.convert("RGB").convert("L")


def transparency_mask(picture: Image.Image) -> Image.Image:
    """White where the picture is transparent."""
    return ImageChops.invert(picture.getchannel("A"))


def dilated(mask: Image.Image, pixels: int) -> Image.Image:
    """The white of a mask grown by a square of `pixels` to every side."""
    grown = mask.point(_threshold)
    reached = 0
    while reached < pixels:
        step = min(2 * reached + 1, pixels - reached)
        for across, down in ((step, 0), (0, step)):
            there = _shifted(grown, across, down)
            back = _shifted(grown, -across, -down)
            grown = ImageChops.lighter(grown, ImageChops.lighter(there, back))
        reached += step
    return grown


def _shifted(mask: Image.Image, across: int, down: int) -> Image.Image:
    moved = Image.new("L", mask.size, 0)
    moved.paste(mask, (across, down))
    return moved


def _threshold(value: int) -> int:
    return 255 if value >= WHITE else 0


def like(size: tuple[int, int], pixels: float, step: int = 16) -> tuple[int, int]:
    """A size of about `pixels` with the ratio of `size`, both sides multiples of `step`."""
    width, height = size
    scale = (pixels / (width * height)) ** 0.5
    return (
        max(step, int(width * scale / step + 0.5) * step),
        max(step, int(height * scale / step + 0.5) * step),
    )
