"""How Krita's colour models and depths are called on the wire. Krita keeps 8 and 16 bits as blue,
green, red, alpha, and floats as red, green, blue, alpha.
"""

from __future__ import annotations

from typing import NamedTuple

from .easel.errors import EaselError
from .easel.protocol import PixelFormat


class Space(NamedTuple):
    """The colours of a document or layer, in Krita's words."""

    model: str
    depth: str
    profile: str


_WIRE: dict[tuple[str, str], PixelFormat] = {
    ("RGBA", "U8"): "bgra8",
    ("RGBA", "U16"): "bgra16",
    ("RGBA", "F16"): "rgbaf16",
    ("RGBA", "F32"): "rgbaf32",
    ("GRAYA", "U8"): "graya8",
    ("GRAYA", "U16"): "graya16",
    ("GRAYA", "F16"): "grayaf16",
    ("GRAYA", "F32"): "grayaf32",
}
_KRITA = {format: key for key, format in _WIRE.items()}
_DEPTHS = {"U8": "8-bit", "U16": "16-bit", "F16": "16-bit float", "F32": "32-bit float"}
_MODELS = {
    "RGBA": "RGB",
    "GRAYA": "grey",
    "CMYKA": "CMYK",
    "LABA": "L*a*b*",
    "XYZA": "XYZ",
    "YCbCrA": "YCbCr",
    "A": "alpha",
}


def wire(space: Space) -> PixelFormat | None:
    """The format on the wire; `None` where there is none."""
    return _WIRE.get((space.model, space.depth))


def krita(format: PixelFormat) -> tuple[str, str] | None:
    """Model and depth in Krita's words; `None` where Krita has no such pixels."""
    return _KRITA.get(format)


def words(space: Space) -> str:
    """A few words for people: `16-bit RGB`."""
    model = _MODELS.get(space.model, space.model)
    return f"{_DEPTHS.get(space.depth, space.depth)} {model}"


def refusal(space: Space) -> EaselError | None:
    """Why pixels of this kind cannot be sent, or `None`."""
    if wire(space) is not None:
        return None
    model = _MODELS.get(space.model, space.model)
    return EaselError(
        "unsupported",
        f"{model} pixels cannot be sent",
        "convert to RGB first: Image > Convert Image Color Space",
    )
