"""Colour profiles: Krita tells their names, the wire wants their bytes. Krita writes a document's
profile into its files, so a hidden document of one pixel is written once for each profile.
"""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

from krita import InfoObject, Krita

from .easel.errors import EaselError
from .formats import Space

#: What stands for "no profile" on the wire: sRGB, linear for floats. Grey has the same curves.
_PLAIN: dict[tuple[str, bool], str] = {
    ("RGBA", False): "sRGB-elle-V2-srgbtrc.icc",
    ("RGBA", True): "sRGB-elle-V2-g10.icc",
    ("GRAYA", False): "Gray-D50-elle-V2-srgbtrc.icc",
    ("GRAYA", True): "Gray-D50-elle-V2-g10.icc",
}
_known: dict[Space, bytes] = {}


def plain(model: str, depth: str) -> str:
    """The profile of pixels that come without one."""
    return _PLAIN[model, depth.startswith("F")]


def icc(space: Space) -> bytes | None:
    """The bytes of a profile; `None` where the wire needs none."""
    if space.profile == plain(space.model, space.depth):
        return None
    if space not in _known:
        _known[space] = _written(space)
    return _known[space]


def name(model: str, depth: str, content: bytes | None, likely: list[str]) -> str:
    """The name by which Krita knows a profile. `likely` are those of the document it is for."""
    if content is None:
        return plain(model, depth)
    for profile in likely:
        if profile and icc(Space(model, depth, profile)) == content:
            return profile
    for space, known in _known.items():
        if known == content and space.model == model:
            return space.profile
    return _added(model, depth, content)


def _written(space: Space) -> bytes:
    document = Krita.instance().createDocument(1, 1, "", *space, 72.0)
    try:
        # Krita takes another profile in silence where it does not know one of this name.
        if document.colorProfile() != space.profile:
            raise EaselError(
                "unsupported",
                f"the colour profile `{space.profile}` is not installed",
                "convert to another one: Image > Convert Image Color Space",
            )
        document.setBatchmode(True)
        with tempfile.TemporaryDirectory(prefix="easel-") as folder:
            file = Path(folder) / "profile.kra"
            document.exportImage(str(file), InfoObject())
            with zipfile.ZipFile(file) as archive:
                inside = [it for it in archive.namelist() if it.endswith("annotations/icc")]
                return archive.read(inside[0])
    except (OSError, IndexError, zipfile.BadZipFile) as error:
        message = f"the colour profile `{space.profile}` cannot be read: {error}"
        raise EaselError("internal", message, "convert to sRGB and try again") from error
    finally:
        document.setModified(False)
        document.close()


def _added(model: str, depth: str, content: bytes) -> str:
    """Makes a profile known to Krita that it has not seen yet."""
    krita = Krita.instance()
    before = set(krita.profiles(model, depth))
    with tempfile.TemporaryDirectory(prefix="easel-") as folder:
        file = Path(folder) / "result.icc"
        file.write_bytes(content)
        krita.addProfile(str(file))
    new = [it for it in krita.profiles(model, depth) if it not in before]
    if not new:
        raise EaselError(
            "unsupported",
            "krita does not know the colour profile of this result",
            "open the document that it was made from",
        )
    _known[Space(model, depth, new[0])] = content
    return new[0]
