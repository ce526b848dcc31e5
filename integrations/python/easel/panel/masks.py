"""Masks as rows of bytes, cut and joined without a loop over pixels."""

from __future__ import annotations

from ..messages import Bytes
from ..protocol import Region

#: Whatever may change at all is shown whole: the result is blended through the mask already.
_SHOWN = bytes([0] + [255] * 255)


def cut(mask: Bytes, width: int, place: Region) -> bytes:
    """The part of a mask of `width` pixels a row that covers `place`."""
    rows = memoryview(mask).cast("B")
    x, across = place["x"], place["width"]
    starts = range(place["y"] * width + x, (place["y"] + place["height"]) * width + x, width)
    return b"".join([rows[start : start + across] for start in starts])


def shown(mask: Bytes, width: int, place: Region) -> bytes:
    """The mask of a result layer that covers `place`: hidden where nothing could change."""
    return cut(mask, width, place).translate(_SHOWN)
