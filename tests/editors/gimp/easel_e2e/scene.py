"""Images, pixels and calls that the cases share."""

from __future__ import annotations

import array
import os
import time
from pathlib import Path
from typing import Any, NamedTuple

from gi.repository import Babl, Gegl, Gimp, Gio

DATA = Path(os.environ.get("EASEL_E2E_DATA", "."))
U8 = "R'G'B'A u8"
_NONE = Gegl.AbyssPolicy.NONE
_INVERTED = bytes(255 - value for value in range(256))


class Answer(NamedTuple):
    """What a procedure gave."""

    layer: Any
    error: str | None
    seconds: float


def call(name: str, image: Gimp.Image, layer: Any, **arguments: Any) -> Answer:
    """Calls a procedure as a script does."""
    procedure = Gimp.get_pdb().lookup_procedure(f"plug-in-easel-{name}")
    assert procedure is not None, f"there is no plug-in-easel-{name}"
    config = procedure.create_config()
    config.set_property("run-mode", Gimp.RunMode.NONINTERACTIVE)
    config.set_property("image", image)
    config.set_core_object_array("drawables", [layer] if layer is not None else [])
    for argument, value in arguments.items():
        config.set_property(argument.replace("_", "-"), value)
    began = time.perf_counter()
    values = procedure.run(config)
    seconds = time.perf_counter() - began
    if values.index(0) != Gimp.PDBStatusType.SUCCESS:
        return Answer(None, Gimp.get_pdb().get_last_error(), seconds)
    return Answer(values.index(1) if values.length() > 1 else None, None, seconds)


def photograph(name: str) -> tuple[Gimp.Image, Gimp.Layer]:
    """Opens one of the photographs."""
    file = Gio.File.new_for_path(str(DATA / name))
    image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, file)
    return image, image.get_layers()[0]


def pixels(drawable: Any, format: str | None = U8, x: int = 0, y: int = 0, **size: int) -> bytes:
    """The pixels of a drawable, or of a part of it."""
    width = size.get("width") or drawable.get_width()
    height = size.get("height") or drawable.get_height()
    area = Gegl.Rectangle.new(x, y, width, height)
    return drawable.get_buffer().get(area, 1.0, format, _NONE)


def native(drawable: Any) -> bytes:
    """The pixels of a drawable as they are kept."""
    return pixels(drawable, None)


def fill(drawable: Any, values: bytes, format: str | None = None) -> None:
    """Sets all pixels of a drawable, as they are kept or in a format."""
    buffer = drawable.get_buffer()
    area = Gegl.Rectangle.new(0, 0, drawable.get_width(), drawable.get_height())
    buffer.set(area, format or Babl.get_name(drawable.get_format()), values)
    buffer.flush()
    drawable.update(0, 0, area.width, area.height)


def flattened(image: Gimp.Image) -> bytes:
    """All that is seen, as it is kept."""
    seen = Gimp.Layer.new_from_visible(image, image, "seen")
    try:
        return native(seen)
    finally:
        seen.delete()


def selection(image: Gimp.Image, layer: Any = None) -> bytes:
    """The selection, one byte a pixel: of the canvas, or of what a layer covers."""
    if layer is None:
        x, y, width, height = 0, 0, image.get_width(), image.get_height()
    else:
        _, x, y = layer.get_offsets()
        width, height = layer.get_width(), layer.get_height()
    area = Gegl.Rectangle.new(x, y, width, height)
    return image.get_selection().get_buffer().get(area, 1.0, "Y u8", _NONE)


def inverted(rgba: bytes) -> bytes:
    """What the example backend makes of straight `R'G'B'A u8`."""
    made = bytearray(rgba.translate(_INVERTED))
    made[3::4] = rgba[3::4]
    return bytes(made)


def cut(rows: bytes, width: int, x: int, y: int, across: int, down: int, size: int) -> bytes:
    """A rectangle of rows with `size` bytes a pixel."""
    starts = range((y * width + x) * size, ((y + down) * width + x) * size, width * size)
    return b"".join(rows[start : start + across * size] for start in starts)


def differing(one: bytes, other: bytes, mask: bytes, size: int, inside: bool) -> int:
    """How many pixels differ where a mask is above 0 (`inside`) or is 0."""
    assert len(one) == len(other) == len(mask) * size, (len(one), len(other), len(mask), size)
    found = 0
    for at in range(len(mask)):
        if (mask[at] > 0) == inside:
            start = at * size
            found += one[start : start + size] != other[start : start + size]
    return found


def samples(values: bytes, kind: str) -> array.array[Any]:
    """Numbers of a kind: `B`, `H`, `f`, or `e` for half floats."""
    if kind == "e":
        import struct

        return array.array("f", struct.unpack(f"<{len(values) // 2}e", values))
    return array.array(kind, values)


def largest_error(one: bytes, other: bytes, kind: str) -> float:
    """The largest distance between two samples."""
    first, second = samples(one, kind), samples(other, kind)
    assert len(first) == len(second)
    return max((abs(a - b) for a, b in zip(first, second)), default=0)


def names(image: Gimp.Image) -> list[str]:
    """The names in the stack, from the top."""
    return [layer.get_name() for layer in image.get_layers()]


def offsets(layer: Any) -> tuple[int, int]:
    """Where a layer lies."""
    return tuple(layer.get_offsets()[1:])  # type: ignore[return-value]


def end(*images: Gimp.Image) -> None:
    """Closes images."""
    for image in images:
        image.delete()
