"""Documents of every depth that Krita has, in colour and grey, and one with a wide gamut: what was
not to change keeps its full depth, and what changed comes back in the document's own profile.
"""

from __future__ import annotations

from typing import Any

from krita import Document, Krita
from PyQt5.QtCore import QRect

from . import scene
from .drive import Case, Report, Until

_WIDE = "ClayRGB-elle-V2-g22.icc"
#: The largest value of a sample.
_FULL = {"U8": 255.0, "U16": 65535.0, "F16": 1.0, "F32": 1.0}
#: Where a wide document has colours that sRGB has not: left, top, width, height.
_BEYOND_OUTSIDE = (4, 4, 24, 16)
_BEYOND_INSIDE = (100, 106, 8, 4)
#: Inside the selection, beyond its soft edge.
_MIDDLE = QRect(75, 58, 50, 44)
#: By how much a sample may be off where a model of eight bits had it.
_ROUNDING = 1 / 255


def case(report: Report) -> Case:
    """One small document for each."""
    shown = None
    for model in ("RGBA", "GRAYA"):
        for depth in ("U8", "U16", "F16", "F32"):
            document = _photograph(model, depth, "")
            yield 0.3
            if shown is None:
                shown = scene.open_docker()
                yield scene.listed(shown)
            yield from _one(report, document, shown, f"{model} {depth}")
            _close(document)
    for depth in ("U8", "U16", "F32"):
        document = _photograph("RGBA", depth, _WIDE)
        yield 0.3
        yield from _one(report, document, shown, f"wide RGBA {depth}")
        _close(document)


def _photograph(model: str, depth: str, profile: str) -> Document:
    """A photograph with full depth: every sample has bits that eight would not hold."""
    krita = Krita.instance()
    # The profile of the model's own where none is named.
    document = krita.createDocument(200, 160, f"{model} {depth}", model, depth, profile, 72.0)
    taken = krita.openDocument(str(scene.DATA / "chelsea.png"))
    taken.setColorSpace(model, depth, document.colorProfile())
    taken.waitForDone()
    content = scene.pixels(scene.tops(taken)[0], QRect(60, 40, 200, 160))
    _close(taken)
    content = _finer(content, model, depth, bool(profile))
    scene.paint(scene.tops(document)[0], content, QRect(0, 0, 200, 160))
    document.refreshProjection()
    scene.show(document)
    return document


def _finer(content: bytes, model: str, depth: str, wide: bool) -> bytes:
    """Adds to each colour what is finer than eight bits, and to a wide picture its outermost
    colours.
    """
    channels = 4 if model == "RGBA" else 2
    values = list(scene.samples(content, depth))
    step = {"U8": 0, "U16": 37, "F16": 2**-11, "F32": 2**-16}[depth]
    full = _FULL[depth] if depth.startswith("F") else int(_FULL[depth])
    for at, value in enumerate(values):
        if at % channels != channels - 1:
            values[at] = min(full, value + step * (at % 5))
    if wide or depth.startswith("F"):
        # Green and blue as sRGB does not have them, and light beyond white, as far as the depth
        # holds that: outside the selection, and a few inside.
        beyond = 2.5 if depth.startswith("F") else full
        for left, top, across, down in (_BEYOND_OUTSIDE, _BEYOND_INSIDE):
            for y in range(top, top + down):
                for x in range(left, left + across):
                    at = (y * 200 + x) * channels
                    pure = (0, beyond, 0, full) if x % 2 else (beyond, 0, 0, full)
                    values[at : at + channels] = pure if channels == 4 else (beyond, full)
    return scene.packed(values, depth)


def _one(report: Report, document: Any, shown: Any, name: str) -> Case:
    depth, model = document.colorDepth(), document.colorModel()
    size = len(scene.pixels(scene.tops(document)[0], QRect(0, 0, 1, 1)))
    layer = scene.tops(document)[0]
    yield from scene.activate(document, layer)
    scene.select_softly(document, QRect(50, 40, 100, 80), 6)
    yield Until("the selection is seen", lambda: shown.source.selection.isVisible())
    box = document.bounds()
    mask = scene.selected(document, box)
    before = scene.flattened(document)
    yield from _same(report, document, shown, name, before)

    yield from scene.pick(shown, "invert")
    yield from scene.transform(shown)
    status = shown.panel.status
    report.check(f"{name}: a layer came", len(scene.tops(document)) == 2, status)
    placed = scene.tops(document)[1]
    space = (placed.colorModel(), placed.colorDepth(), placed.colorProfile())
    wanted = (model, depth, document.colorProfile())
    report.check(f"{name}: in the document's own colours", space == wanted, space)
    yield 0.2
    after = scene.flattened(document)
    untouched = scene.same_outside(before, after, mask, box.width(), size)
    report.check(f"{name}: outside no bit changed", untouched > 10_000, untouched)
    share = scene.changed_inside(before, after, mask, size)
    report.check(f"{name}: inside it changed", share > 0.9, share)
    first = scene.pixels(placed, _MIDDLE)

    # Turned around twice it is the source again, but for what the way there and back costs.
    shown.panel.iterate(shown.panel.results[0])
    yield from scene.transform(shown)
    status = shown.panel.status
    report.check(f"{name}: another came", len(scene.tops(document)) == 3, status)
    twice = scene.pixels(scene.tops(document)[1], _MIDDLE)
    error = _error(scene.pixels(layer, _MIDDLE), twice, depth)
    report.figures[f"{name}: largest error after two ways there and back"] = error
    report.figures[f"{name}: least and most after one"] = _ends(first, depth)
    # Two spaces of eight bits with different curves: a dark sample may be a few steps off.
    steps = 6 if document.colorProfile() == _WIDE and depth == "U8" else 2.5
    report.check(f"{name}: there and back costs rounding", error <= steps * _ROUNDING, error)
    if document.colorProfile() == _WIDE:
        # What a model is given is sRGB: what lies beyond comes back as near as that has it.
        inside = QRect(*_BEYOND_INSIDE)
        twice = scene.pixels(scene.tops(document)[1], inside)
        beyond = _error(scene.pixels(layer, inside), twice, depth)
        report.figures[f"{name}: largest error of what sRGB does not have"] = beyond
    shown.panel.stop_iterating()


def _same(report: Report, document: Any, shown: Any, name: str, before: bytes) -> Case:
    """A model that changes nothing costs nothing, though it takes eight bits of sRGB: neither depth
    nor colours beyond sRGB nor light beyond white.
    """
    yield from scene.pick(shown, "same-8")
    yield from scene.transform(shown)
    status = shown.panel.status
    report.check(f"{name}: unchanged, a layer came", len(scene.tops(document)) == 2, status)
    layer, placed = scene.tops(document)
    box, depth = placed.bounds(), document.colorDepth()
    source, result = scene.pixels(layer, box), scene.pixels(placed, box)
    error = _error(source, result, depth)
    report.figures[f"{name}: largest error where nothing changed"] = error
    report.check(f"{name}: what did not change is bit for bit the source", source == result, error)
    yield 0.2
    after = scene.flattened(document)
    report.check(f"{name}: and so is the picture", after == before, _error(before, after, depth))
    yield from scene.undo(document)


def _error(source: bytes, after: bytes, depth: str) -> float:
    """The largest distance between two samples, as a share of the whole range."""
    pairs = zip(scene.samples(source, depth), scene.samples(after, depth))
    return round(max(abs(one - other) for one, other in pairs) / _FULL[depth], 6)


def _ends(content: bytes, depth: str) -> list[float]:
    values = scene.samples(content, depth)
    return [round(it / _FULL[depth], 5) for it in (min(values), max(values))]


def _close(document: Document) -> None:
    document.setModified(False)
    document.close()
