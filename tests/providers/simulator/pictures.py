"""Pictures of a request: base64 and data URIs read strictly, the format told from the bytes,
decoded once, and summarized for the log instead of being kept there."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageStat, UnidentifiedImageError

Image.MAX_IMAGE_PIXELS = None
#: Beyond this nothing is decoded: only the size in the header is told.
DECODED_PIXELS = 40_000_000
_CACHED_PIXELS = 48_000_000
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_URL_SAFE = str.maketrans("-_", "+/")
_DATA_URI = re.compile(r"data:([^;,]*);base64,")


class NotAPicture(ValueError):
    """The text or the bytes are no picture; the message says why."""


@dataclass(frozen=True)
class Picture:
    """One decoded input. `image` keeps an alpha channel, `rgb` has dropped it."""

    sha256: str
    bytes: int
    mime: str | None
    width: int
    height: int
    image: Image.Image | None
    rgb: Image.Image | None
    mean: tuple[int, int, int] | None
    alpha: bool
    exif: bool
    icc: bool

    @property
    def size(self) -> tuple[int, int]:
        return (self.width, self.height)

    @property
    def pixels(self) -> int:
        return self.width * self.height

    def summary(self) -> dict[str, Any]:
        """What the log shows in place of the bytes."""
        return {
            "sha256": self.sha256,
            "bytes": self.bytes,
            "width": self.width,
            "height": self.height,
            "mime": self.mime,
            "mean": list(self.mean) if self.mean else None,
            "alpha": self.alpha,
            "exif": self.exif,
            "icc": self.icc,
        }


def sniff(data: bytes) -> str | None:
    """The MIME type that the first bytes tell."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "image/gif"
    if data.startswith(b"BM"):
        return "image/bmp"
    if data[:4] in (b"II*\0", b"MM\0*"):
        return "image/tiff"
    if data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"heif", b"mif1"):
        return "image/heic"
    return None


class _Cache:
    """The pictures decoded last: many requests carry the same one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Picture] = OrderedDict()
        self._pixels = 0

    def get(self, sha256: str) -> Picture | None:
        with self._lock:
            found = self._known.get(sha256)
            if found is not None:
                self._known.move_to_end(sha256)
            return found

    def put(self, picture: Picture) -> None:
        with self._lock:
            if picture.sha256 in self._known or picture.pixels > _CACHED_PIXELS // 4:
                return
            self._known[picture.sha256] = picture
            self._pixels += picture.pixels
            while self._pixels > _CACHED_PIXELS:
                self._pixels -= self._known.popitem(last=False)[1].pixels


_cache = _Cache()


def decode(data: bytes) -> Picture:
    """Reads a picture's bytes; broken ones raise `NotAPicture`."""
    sha256 = hashlib.sha256(data).hexdigest()
    found = _cache.get(sha256)
    if found is not None:
        return found
    mime = sniff(data)
    if mime is None:
        raise NotAPicture("the bytes are no picture of a known format")
    try:
        with Image.open(io.BytesIO(data)) as opened:
            width, height = opened.size
            exif, icc = "exif" in opened.info, "icc_profile" in opened.info
            if width * height > DECODED_PIXELS:
                return Picture(
                    sha256, len(data), mime, width, height, None, None, None, False, exif, icc
                )
            opened.load()
            image = _eight_bits(opened)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise NotAPicture(f"the picture cannot be decoded: {error}") from error
    rgb = image.convert("RGB")
    red, green, blue = (int(value + 0.5) for value in ImageStat.Stat(rgb).mean)
    alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    picture = Picture(
        sha256,
        len(data),
        mime,
        width,
        height,
        image.convert("RGBA") if alpha else rgb,
        rgb,
        (red, green, blue),
        alpha,
        exif,
        icc,
    )
    _cache.put(picture)
    return picture


def _eight_bits(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return image.copy()


def from_base64(text: str) -> bytes:
    """Standard base64 with its padding, nothing else."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotAPicture(f"not standard base64: {error}") from error


def from_either_base64(text: str) -> bytes:
    """Base64 in the standard or in the URL-safe alphabet, as Google's reader takes it."""
    return from_base64(text.translate(_URL_SAFE))


def from_data_uri(text: str) -> tuple[str, bytes]:
    """The declared MIME type and the bytes of `data:TYPE;base64,…`."""
    head = _DATA_URI.match(text)
    if head is None:
        raise NotAPicture("not a data URI in base64")
    return head[1], from_base64(text[head.end() :])


def summarize(value: Any, name: str = "") -> Any:
    """JSON for the log: every string in base64 becomes its summary."""
    if isinstance(value, dict):
        return {key: summarize(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [summarize(inner, name) for inner in value]
    if not isinstance(value, str) or len(value) < 64 or name in ("text", "prompt"):
        return value
    head = _DATA_URI.match(value)
    if head is None and _BASE64.fullmatch(value) is None:
        return value if len(value) < 4096 else {"text": len(value), "start": value[:64]}
    prefix = {"data_uri": head[1]} if head else {}
    try:
        data = from_either_base64(value[head.end() :] if head else value)
    except NotAPicture as error:
        return {**prefix, "text": len(value), "start": value[:64], "broken": str(error)}
    try:
        return {**prefix, **decode(data).summary()}
    except NotAPicture:
        sha256 = hashlib.sha256(data).hexdigest()
        return {**prefix, "sha256": sha256, "bytes": len(data), "mime": sniff(data)}
