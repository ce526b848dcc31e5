"""Pixels out of GIMP and into it, in the values that an image holds: nothing is clipped, and 8 and
16 bits come back bit for bit. Knows nothing of layers' places.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from easel.errors import EaselError
from easel.messages import BYTES_PER_PIXEL, Bytes
from easel.panel import Rows
from easel.protocol import PixelFormat
from gi.repository import Babl, Gegl, Gimp

_RELATIVE = Gimp.ColorRenderingIntent.RELATIVE_COLORIMETRIC
_NOTHING_BEYOND = Gegl.AbyssPolicy.NONE
#: What screens show.
_SCREEN = "R'G'B'A u8"
#: So many bytes are read at once.
_STRIP = 4 << 20
_started: list[bool] = []
_GAMMA = ("u8-non-linear", "u8-perceptual", "u16-non-linear", "u16-perceptual")
_WIRE: dict[tuple[bool, str], PixelFormat] = {
    (False, "u8"): "rgba8",
    (False, "u16"): "rgba16",
    (False, "half"): "rgbaf16",
    (False, "float"): "rgbaf32",
    (True, "u8"): "graya8",
    (True, "u16"): "graya16",
    (True, "half"): "grayaf16",
    (True, "float"): "grayaf32",
}


class Encoding(NamedTuple):
    """How the pixels of an image travel."""

    wire: PixelFormat
    #: The name of the same layout in babl, such as `R'G'B'A u8`: without a space it means sRGB.
    layout: str
    #: The space of the image; `None` for sRGB.
    space: Any
    #: The profile of the values; without one they are sRGB, or linear sRGB for floats.
    icc: bytes | None

    @property
    def format(self) -> str:
        """The name by which a buffer gives and takes these values."""
        return named(self.layout, self.space)


def named(layout: str, space: Any) -> str:
    """A name that stands for a layout in a space. Formats with a space are found by it: that is
    how values get into a buffer as they are, although Python can pass nothing but names.
    """
    return Babl.get_name(Babl.format_with_space(layout, space)) if space is not None else layout


def encoding(image: Gimp.Image) -> Encoding:
    """How the pixels of an image travel. Gamma-coded integers go as they are, with the profile of
    the image. Everything else goes as light without bounds, which holds any colour.
    """
    grey = image.get_base_type() == Gimp.ImageBaseType.GRAY
    precision = image.get_precision().value_nick
    own = image.get_color_profile()
    space = space_of(own)
    plain = own is None or (space is not None and Babl.get_name(space) == "sRGB")
    if grey:
        # A grey profile says nothing to a model that sees colours.
        plain = own is None
    if precision in _GAMMA and (plain or not grey):
        depth, _, curve = precision.partition("-")
        mark = "~" if curve == "perceptual" else "'"
        layout = f"Y{mark}A {depth}" if grey else f"R{mark}G{mark}B{mark}A {depth}"
        icc = None
        if not plain:
            told = own.new_srgb_trc_from_color_profile() if curve == "perceptual" else own
            icc = bytes(told.get_icc_profile())
        return Encoding(_WIRE[grey, depth], layout, None if plain else space, icc)
    depth = "half" if precision == "half-linear" and plain else "float"
    layout = f"YA {depth}" if grey else f"RGBA {depth}"
    return Encoding(_WIRE[grey, depth], layout, None, None)


def space_of(profile: Gimp.ColorProfile | None) -> Any:
    """The space of a profile as babl knows it; `None` where it has none, like GIMP then."""
    if profile is None:
        return None
    try:
        return profile.get_space(_RELATIVE)
    except Exception:
        return None


def described(image: Gimp.Image) -> str:
    """Depth and colours in a few words."""
    precision = image.get_precision().value_nick
    depth, _, curve = precision.partition("-")
    bits = {"u8": "8-bit", "u16": "16-bit", "u32": "32-bit", "half": "16-bit float"}
    words = [bits.get(depth, "32-bit float" if depth == "float" else "64-bit float")]
    if curve == "linear" and depth.startswith("u"):
        words.append("linear")
    grey = image.get_base_type() == Gimp.ImageBaseType.GRAY
    return " ".join([*words, "grey" if grey else "RGB"])


def read(drawable: Gimp.Drawable, how: Encoding) -> Rows:
    """All pixels of a drawable of an image with this encoding."""
    width, height = drawable.get_width(), drawable.get_height()
    stride = width * BYTES_PER_PIXEL[how.wire]
    add_alpha = how.space is not None and not drawable.has_alpha()
    buffer = drawable.get_buffer()
    rows = bytearray(height * stride)
    # A whole layer at once passes through twice the memory, and takes twice as long.
    step = max(1, _STRIP // stride)
    for top in range(0, height, step):
        area = Gegl.Rectangle.new(0, top, width, min(step, height - top))
        if add_alpha:
            part = _with_alpha(buffer, area, how)
        else:
            part = buffer.get(area, 1.0, how.format, _NOTHING_BEYOND)
        rows[top * stride : top * stride + len(part)] = part
    return Rows(rows, how.wire, width, height, how.icc)


def _with_alpha(buffer: Gegl.Buffer, area: Gegl.Rectangle, how: Encoding) -> bytes:
    # Inside a space of its own babl goes through floats to add alpha and loses a bit of 16; in
    # sRGB it does not, and which space the numbers are in does not matter for that.
    bare = how.layout.replace("A ", " ")
    rows = buffer.get(area, 1.0, named(bare, how.space), _NOTHING_BEYOND)
    return _converted(rows, Gegl.Rectangle.new(0, 0, area.width, area.height), bare, how.layout)


def _converted(rows: bytes, area: Gegl.Rectangle, given: str, wanted: str) -> bytes:
    """Rows in another format, by a buffer that GIMP knows nothing of."""
    if not _started:
        # A tenth of a second, which most images do not need: libgimp goes without.
        Gegl.init(None)
        _started.append(True)
    buffer = Gegl.Buffer.new(given, 0, 0, area.width, area.height)
    buffer.set(area, given, rows)
    return buffer.get(area, 1.0, wanted, _NOTHING_BEYOND)


def write(drawable: Gimp.Drawable, rows: Rows, how: Encoding) -> None:
    """Fills a drawable of an image with this encoding. Values of another space are converted."""
    name = how.format if rows.icc == how.icc and rows.format == how.wire else _format_of(rows)
    buffer = drawable.get_buffer()
    area = Gegl.Rectangle.new(0, 0, rows.width, rows.height)
    # Anything but `bytes` goes item by item, forty times as slow.
    buffer.set(area, name, as_bytes(rows.rows))
    buffer.flush()
    drawable.update(0, 0, rows.width, rows.height)


def _format_of(rows: Rows) -> str:
    for (grey, depth), wire in _WIRE.items():
        if wire == rows.format:
            light = depth in ("half", "float")
            letters = ("Y" if grey else "RGB") if light else ("Y'" if grey else "R'G'B'")
            layout = f"{letters}A {depth}"
            break
    else:
        raise EaselError("internal", f"pixels in `{rows.format}` have no place in GIMP")
    if rows.icc is None:
        return layout
    space = space_of(Gimp.ColorProfile.new_from_icc_profile(rows.icc))
    if space is None:
        hint = "assign the profile of the source to this image, and apply the result again"
        raise EaselError("unsupported", "the result has a profile that GIMP cannot convert", hint)
    return named(layout, space)


def as_bytes(rows: Bytes) -> bytes:
    """Rows as the buffers of GEGL take them."""
    return rows if isinstance(rows, bytes) else bytes(rows)


def read_mask(channel: Gimp.Drawable, x: int, y: int, width: int, height: int) -> bytes:
    """A part of a selection as one byte a pixel, and 0 beyond its edges. By its linear name:
    as light, which these values are not, the half of a feathered edge would be another half.
    """
    area = Gegl.Rectangle.new(x, y, width, height)
    return channel.get_buffer().get(area, 1.0, "Y u8", _NOTHING_BEYOND)


def write_mask(mask: Gimp.Drawable, values: Bytes, width: int, height: int) -> None:
    """Fills a layer mask with one byte a pixel."""
    buffer = mask.get_buffer()
    buffer.set(Gegl.Rectangle.new(0, 0, width, height), "Y u8", as_bytes(values))
    buffer.flush()


def small(source: Gimp.Drawable | Gimp.Image, side: int) -> tuple[bytes, int, int]:
    """A small picture of a drawable, or of all that is seen, as `R'G'B'A u8` in sRGB, with its
    width and height. GIMP gives it in its own format, of which its pixbufs know only 8 bits.
    """
    data, width, height, pixel = source.get_thumbnail_data(side, side)
    if isinstance(source, Gimp.Image):
        name = named(_layout(source), space_of(source.get_color_profile()))
    else:
        name = Babl.get_name(source.get_format())
    rows = data.get_data()
    if len(rows) != width * height * pixel or (
        Babl.format_get_bytes_per_pixel(Babl.format(name)) != pixel
    ):
        raise EaselError("internal", "GIMP gave a thumbnail of another format")
    if name == _SCREEN:
        return rows, width, height
    if name == "R'G'B' u8":
        full = bytearray(b"\xff") * (4 * width * height)
        for channel in range(3):
            full[channel::4] = rows[channel::3]
        return bytes(full), width, height
    area = Gegl.Rectangle.new(0, 0, width, height)
    return _converted(rows, area, name, _SCREEN), width, height


def small_mask(
    channel: Gimp.Drawable, part: tuple[int, int, int, int], size: tuple[int, int]
) -> tuple[bytes, int, int]:
    """A rectangle of a selection, made smaller by GIMP, which keeps small ones: one byte a pixel,
    with its width and height.
    """
    data, width, height, _ = channel.get_sub_thumbnail_data(*part, *size)
    rows, name = data.get_data(), Babl.get_name(channel.get_format())
    if name != "Y u8":
        rows = _converted(rows, Gegl.Rectangle.new(0, 0, width, height), name, "Y u8")
    return rows, width, height


def _layout(image: Gimp.Image) -> str:
    """How GIMP keeps the pixels of what is seen of an image."""
    depth, _, curve = image.get_precision().value_nick.partition("-")
    mark = {"linear": "", "perceptual": "~"}.get(curve, "'")
    if image.get_base_type() == Gimp.ImageBaseType.GRAY:
        return f"Y{mark}A {depth}"
    return f"R{mark}G{mark}B{mark}A {depth}"
