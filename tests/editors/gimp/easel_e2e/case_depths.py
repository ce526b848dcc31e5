"""Every precision that GIMP has, in colour and grey, with and without a wide gamut: what was not
to change keeps every bit, and nothing is clipped on the way there and back.
"""

from __future__ import annotations

import struct
from typing import Any

from easel import Client
from easel.panel import Settings
from easel_gimp import pixels, script
from easel_gimp.editor import GimpEditor
from gi.repository import Gimp, Gio

from . import scene
from .report import Report

_SIZE = (96, 64)
#: Each precision with how its samples are kept, and the largest of them.
_PRECISIONS: dict[str, tuple[str, float]] = {
    "U8_NON_LINEAR": ("B", 255),
    "U8_PERCEPTUAL": ("B", 255),
    "U8_LINEAR": ("B", 255),
    "U16_NON_LINEAR": ("H", 65535),
    "U16_PERCEPTUAL": ("H", 65535),
    "U16_LINEAR": ("H", 65535),
    "HALF_LINEAR": ("e", 1.0),
    "HALF_NON_LINEAR": ("e", 1.0),
    "FLOAT_LINEAR": ("f", 1.0),
    "FLOAT_NON_LINEAR": ("f", 1.0),
}
_KINDS = ("colour", "colour without alpha", "wide", "wide without alpha", "grey")
#: What converting to light and back may cost, as a share of the whole range.
_LOST = {"B": 0.0, "H": 0.0, "e": 2e-3, "f": 2e-3}
#: Two programs convert a profile: by so many steps of eight bits may they differ.
_CONVERSIONS = 3
#: Where the outermost colours of a wide gamut are: what becomes of them on a screen may differ.
_PURE = (30, 24, 30, 10)


def case(report: Report) -> None:
    """One small image for each."""
    for precision, (kind, full) in _PRECISIONS.items():
        rare = "PERCEPTUAL" in precision or (kind in "ef" and "NON" in precision)
        for kept in ("colour", "wide") if rare else _KINDS:
            _one(report, precision, kind, full, kept)


def _one(report: Report, precision: str, kind: str, full: float, kept: str) -> None:
    name = f"{precision.lower().replace('_', ' ')}, {kept}"
    image, layer = _image(precision, kept)
    pure = "wide" in kept
    values = _values(layer, kind, full, pure)
    scene.fill(layer, values)
    source = scene.native(layer)
    report.check(f"{name}: GIMP keeps it", source == values)

    # The way there and back, without a model.
    editor = GimpEditor(image)
    rows = editor.read("layer", False).pixels
    with Client() as client:
        icc = client.put_icc(rows.icc)["id"] if rows.icc is not None else None
        blob = client.put_pixels(rows.rows, rows.format, rows.width, rows.height, icc)["id"]
        wanted = editor.formats(editor.look("layer").origin)
        back = client.pixels(blob, wanted)
        preview = client.preview(blob, max(_SIZE))
    report.check(f"{name}: in the image's own format", back.format == rows.format, wanted)
    kind_of_layer = Gimp.ImageType.GRAYA_IMAGE if kept == "grey" else Gimp.ImageType.RGBA_IMAGE
    made = Gimp.Layer.new(image, "made", *_SIZE, kind_of_layer, 100, Gimp.LayerMode.NORMAL)
    pixels.write(made, rows._replace(rows=back.rows), pixels.encoding(image))
    got = scene.native(made)
    error = scene.largest_error(_with_alpha(source, kind, full, layer), got, kind) / full
    made.delete()
    report.figures[f"{name}: largest error of the way"] = float(f"{error:.3g}")
    report.check(f"{name}: nothing is lost on the way", error <= _LOST[kind], error)
    report.check(f"{name}: its colours are understood", _understood(layer, preview, pure), name)

    # Through a selection: outside, every bit.
    image.select_ellipse(Gimp.ChannelOps.REPLACE, 20, 12, 50, 40)
    Gimp.Selection.feather(image, 6)
    mask, before = scene.selection(image), _composited(image, kind_of_layer)
    alone = scene.flattened(image)
    if alone != before:
        # 16 bits with a curve that GIMP only knows in floats: two layers are not one to the bit.
        own = scene.differing(alone, before, bytes(len(mask)), len(before) // len(mask), False)
        report.figures[f"{name}: pixels that GIMP itself rounds with an empty layer above"] = own
    # In this process: starting one for each would take as long as all of the rest.
    script.transform(editor, Settings(models=("invert",)))
    report.check(f"{name}: a layer comes", len(image.get_layers()) == 2, scene.names(image))
    after = scene.flattened(image)
    size = len(before) // len(mask)
    outside = scene.differing(before, after, mask, size, inside=False)
    inside = scene.differing(before, after, mask, size, inside=True)
    report.check(f"{name}: outside no bit changes", outside == 0, outside)
    report.check(f"{name}: inside it does", inside > 0.7 * sum(1 for it in mask if it), inside)
    scene.end(image)


def _composited(image: Gimp.Image, kind: Gimp.ImageType) -> bytes:
    """All that is seen, as GIMP makes it of more than one layer."""
    empty = Gimp.Layer.new(image, "empty", *_SIZE, kind, 100, Gimp.LayerMode.NORMAL)
    image.insert_layer(empty, None, 0)
    seen = scene.flattened(image)
    image.remove_layer(empty)
    return seen


def _understood(layer: Gimp.Layer, preview: bytes, pure: bool) -> bool:
    """Whether the daemon shows the colours that GIMP shows."""
    file = Gio.File.new_tmp("easel-XXXXXX.png")[0]
    file.replace_contents(preview, None, False, Gio.FileCreateFlags.NONE, None)
    shown = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, file)
    file.delete(None)
    daemon = scene.pixels(shown.get_layers()[0])
    gimp = scene.pixels(layer)
    scene.end(shown)
    x, y, width, height = _PURE
    for at in range(0, len(gimp), 4):
        column, row = at // 4 % _SIZE[0], at // 4 // _SIZE[0]
        if pure and x <= column < x + width and y <= row < y + height:
            continue
        if any(abs(daemon[at + it] - gimp[at + it]) > _CONVERSIONS for it in range(3)):
            return False
    return True


def _image(precision: str, kept: str) -> tuple[Gimp.Image, Gimp.Layer]:
    grey = kept == "grey"
    base = Gimp.ImageBaseType.GRAY if grey else Gimp.ImageBaseType.RGB
    image = Gimp.Image.new_with_precision(*_SIZE, base, getattr(Gimp.Precision, precision))
    if "wide" in kept:
        profile = Gimp.ColorProfile.new_rgb_adobe()
        if "NON_LINEAR" not in precision:
            profile = profile.new_linear_from_color_profile()
        assert image.set_color_profile(profile)
    if grey:
        kind = Gimp.ImageType.GRAYA_IMAGE
    elif "without" in kept:
        kind = Gimp.ImageType.RGB_IMAGE
    else:
        kind = Gimp.ImageType.RGBA_IMAGE
    layer = Gimp.Layer.new(image, kept, *_SIZE, kind, 100, Gimp.LayerMode.NORMAL)
    image.insert_layer(layer, None, 0)
    return image, layer


def _values(layer: Gimp.Layer, kind: str, full: float, pure: bool) -> bytes:
    """A part of a photograph with bits that eight would not hold, and where the gamut is wide its
    outermost colours.
    """
    taken, photograph = scene.photograph("chelsea.png")
    eight = scene.pixels(photograph, x=150, y=90, width=_SIZE[0], height=_SIZE[1])
    scene.end(taken)
    channels = _channels(layer)
    colours = 1 if channels == 2 else 3
    step = {"B": 0.0, "H": 37 / 65535, "e": 2**-11, "f": 2**-16}[kind]
    numbers: list[Any] = []
    for at in range(_SIZE[0] * _SIZE[1]):
        x, y = at % _SIZE[0], at // _SIZE[0]
        pixel = [eight[4 * at + it] / 255 + step * ((at + it) % 5) for it in range(colours)]
        left, top, width, height = _PURE
        if pure and top <= y < top + height and left <= x < left + width:
            pixel = [0.0, 1.0, 0.0] if x < left + width // 2 else [1.0, 0.0, 0.0]
        if channels in (2, 4):
            pixel.append(1.0)
        numbers += [min(1.0, it) * full for it in pixel]
    return _packed(numbers, kind)


def _packed(numbers: list[Any], kind: str) -> bytes:
    if kind in "BH":
        numbers = [round(it) for it in numbers]
    return struct.pack(f"<{len(numbers)}{kind}", *numbers)


def _channels(layer: Gimp.Layer) -> int:
    return (1 if layer.is_gray() else 3) + layer.has_alpha()


def _with_alpha(values: bytes, kind: str, full: float, layer: Gimp.Layer) -> bytes:
    if layer.has_alpha():
        return values
    opaque = _packed([full], kind)
    size = 3 * len(opaque)
    return b"".join(values[at : at + size] + opaque for at in range(0, len(values), size))
