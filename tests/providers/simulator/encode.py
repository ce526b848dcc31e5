"""Pictures as bytes: in the format asked for, or with a fault that a scenario names."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Collection
from dataclasses import dataclass

from PIL import Image, ImageChops

#: Scenarios that change the answer's picture or what is said about it.
PICTURE_FAULTS = (
    "wrong-mime",
    "wrong-size",
    "ratio-off",
    "1x1",
    "png16",
    "cmyk",
    "alpha",
    "animated",
    "bomb",
    "not-a-picture",
    "drift",
    "shift",
)


@dataclass(frozen=True)
class Encoded:
    """A picture's bytes, the MIME type that is said of them, and the size that is said of them."""

    data: bytes
    mime: str
    size: tuple[int, int]


def encoded(picture: Image.Image, wanted: str, faults: Collection[str] = ()) -> Encoded:
    """The picture as `png` or `jpeg`, with the faults."""
    width, height = said = picture.size
    if "wrong-size" in faults:
        picture = picture.resize((max(1, width // 2), max(1, height // 2)))
    if "ratio-off" in faults:
        picture = picture.resize((width + 1, height))
    if "1x1" in faults:
        picture = picture.resize((1, 1))
    if "drift" in faults:
        picture = picture.point(lambda value: min(255, value + 3))
    if "shift" in faults:
        picture = shifted(picture)
    data, mime = _bytes(picture, wanted, faults)
    if "wrong-mime" in faults:
        mime = "image/jpeg" if mime == "image/png" else "image/png"
    return Encoded(data, mime, said)


def shifted(picture: Image.Image) -> Image.Image:
    """Three per cent larger, and moved: what a model does that paints everything anew."""
    width, height = picture.size
    large = picture.resize((width + width * 3 // 100, height + height * 3 // 100))
    left, top = width // 200, height * 2 // 100
    return large.crop((left, top, left + width, top + height))


def _bytes(picture: Image.Image, wanted: str, faults: Collection[str]) -> tuple[bytes, str]:
    if "not-a-picture" in faults:
        return b"this is no picture, only text that says so\n" * 8, f"image/{wanted}"
    if "bomb" in faults:
        return _bomb(), "image/png"
    if "png16" in faults:
        return _png16(picture), "image/png"
    if "alpha" in faults:
        half = Image.new("L", picture.size, 255)
        half.paste(128, (0, 0, picture.width // 2, picture.height))
        veiled = picture.convert("RGBA")
        veiled.putalpha(half)
        return plain(veiled, "png"), "image/png"
    if "cmyk" in faults:
        return plain(picture.convert("CMYK"), "jpeg"), "image/jpeg"
    if "animated" in faults:
        out = io.BytesIO()
        other = picture.point(lambda value: 255 - value)
        picture.save(out, "WEBP", save_all=True, append_images=[other], duration=100, quality=80)
        return out.getvalue(), "image/webp"
    return plain(picture, wanted), f"image/{wanted}"


def plain(picture: Image.Image, wanted: str) -> bytes:
    """PNG, quick rather than small, or JPEG of high quality without chroma subsampling."""
    if wanted == "png":
        return _quick_png(picture)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=95, subsampling=0)
    return out.getvalue()


def _quick_png(picture: Image.Image) -> bytes:
    """RGB or RGBA with the filter `Up` in every row: half the time of choosing one row by row."""
    above = Image.new(picture.mode, picture.size, 0)
    above.paste(picture, (0, 1))
    samples = ImageChops.subtract_modulo(picture, above).tobytes()
    stride = len(picture.getbands()) * picture.width
    rows = b"".join(
        b"\2" + samples[start : start + stride] for start in range(0, len(samples), stride)
    )
    return _png(picture.width, picture.height, 8, rows, picture.mode == "RGBA")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width: int, height: int, depth: int, rows: bytes, alpha: bool = False) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, 6 if alpha else 2, 0, 0, 0)
    packer = zlib.compressobj(1, strategy=zlib.Z_RLE)
    data = packer.compress(rows) + packer.flush()
    body = _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _png16(picture: Image.Image) -> bytes:
    """Sixteen bits a channel: every value times 257."""
    samples = picture.convert("RGB").tobytes()
    doubled = bytearray(2 * len(samples))
    doubled[0::2] = samples
    doubled[1::2] = samples
    stride = 6 * picture.width
    rows = b"".join(
        b"\0" + doubled[start : start + stride] for start in range(0, len(doubled), stride)
    )
    return _png(picture.width, picture.height, 16, rows)


def _bomb() -> bytes:
    """A small file that claims 60000 by 60000 pixels."""
    return _png(60000, 60000, 8, bytes(1 << 20))
