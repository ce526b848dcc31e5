"""GIMP as the panel sees it: what would be sent, what is sent, and where results go. All of it
runs on the main thread, which alone may talk to GIMP.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Callable

from easel.errors import EaselError
from easel.panel import Placement, Rows, Sight, Source, words
from easel.protocol import Origin, PixelFormat, Region
from gi.repository import Gimp

from . import document, pixels, place

#: Thumbnails are looked at to see whether anything changed: a finer one sees finer strokes.
_SIDE = 256
_ATTENTIVE_SIDE = 512


class GimpEditor:
    """Implements `easel.panel.Editor`."""

    client = "gimp"

    def __init__(
        self, image: Gimp.Image | None = None, picture: Callable[..., Any] | None = None
    ) -> None:
        #: The image that is looked at; GIMP does not tell plug-ins which one is in front.
        self.image = image
        #: The layer, where it is not the selected one.
        self.layer: Gimp.Layer | None = None
        #: Looks closely, for live mode.
        self.attentive = False
        #: There is a selection, and it lies beside the source.
        self.beside = False
        #: Makes the toolkit's own picture of small rows; without it there are no thumbnails.
        self._picture = picture
        self._seen: tuple[Any, Any] = (None, None)

    # Looking.

    def look(self, area: str) -> Sight | None:
        """What would be sent now."""
        image = self._image()
        if image is None:
            return None
        try:
            document.check(image)
            layer = None if area == "visible" else self._layer(image)
            return self._sight(image, layer)
        except EaselError as error:
            size = image.get_width(), image.get_height()
            origin: Origin = {"x": 0, "y": 0}
            return Sight(image.get_name(), *size, origin, problem=error)

    def _image(self) -> Gimp.Image | None:
        if self.image is not None and not self.image.is_valid():
            self.image = None
        return self.image

    def _layer(self, image: Gimp.Image) -> Gimp.Layer:
        return self.layer if self.layer is not None else document.only_layer(image)

    def _sight(self, image: Gimp.Image, layer: Gimp.Layer | None) -> Sight:
        x, y, width, height = _extent(image, layer)
        origin: Origin = {"x": x, "y": y, "document": document.name_of(image)}
        if layer is not None:
            origin["layer"] = str(layer.get_tattoo())
        region, selected = _selected(image, x, y, width, height)
        self.beside = selected and region is None
        token, thumbnail = self._thumbnail(image, layer, selected, (x, y, width, height))
        return Sight(
            title=layer.get_name() if layer is not None else image.get_name(),
            width=width,
            height=height,
            origin=origin,
            selection=region,
            format=pixels.described(image),
            thumbnail=thumbnail,
            token=token,
            layers=_Layers(image),
        )

    def _thumbnail(
        self,
        image: Gimp.Image,
        layer: Gimp.Layer | None,
        selected: bool,
        extent: tuple[int, int, int, int],
    ) -> tuple[Any, Any]:
        if self._picture is None:
            return None, None
        side = _ATTENTIVE_SIDE if self.attentive else _SIDE
        source = image if layer is None else layer
        rows, width, height = pixels.small(source, side)
        mask = None
        if selected:
            mask = _small_selection(image, extent, width, height)
        token = hash((rows, mask, extent))
        if self._seen[0] != token:
            self._seen = (token, self._picture(rows, width, height, mask))
        return self._seen

    # Reading.

    def read(self, area: str, use_selection: bool) -> Source:
        """The pixels and the mask that are sent."""
        image = self._image()
        if image is None:
            raise EaselError("not_found", "no image is open", words.NO_DOCUMENT)
        document.check(image)
        layer = None if area == "visible" else self._layer(image)
        sight = self._sight(image, layer)
        mask = None
        x, y = sight.origin["x"], sight.origin["y"]
        if use_selection and _selected(image, x, y, sight.width, sight.height)[1]:
            channel = image.get_selection()
            mask = pixels.read_mask(channel, x, y, sight.width, sight.height)
            if mask.count(0) == len(mask):
                hint = "move the selection onto it, or switch the selection off"
                raise EaselError("invalid_request", "the selection does not touch the layer", hint)
            # A selection of everything says nothing.
            mask = None if mask.count(255) == len(mask) else mask
        rows = _visible(image) if layer is None else _rows(image, layer)
        return Source(sight, rows, mask)

    def read_layer(self, id: str) -> Rows:
        """A layer as a reference."""
        image = self._image()
        layer = image.get_layer_by_tattoo(int(id)) if image is not None else None
        if image is None or layer is None:
            raise EaselError("not_found", "the layer is gone", "choose another one")
        document.check(image)
        return _rows(image, layer)

    def formats(self, origin: Origin) -> PixelFormat | None:
        """The format of the layers of the image that a source came from."""
        image = document.find_image(origin, self._image())
        return pixels.encoding(image).wire if image is not None else None

    # Writing.

    def place(self, placement: Placement) -> place.Placed:
        """Adds results as layers."""
        return place.place(placement, self._image())

    def choose(self, artifact: str, origin: Origin) -> bool:
        """Shows the layer of an artifact."""
        return place.choose(artifact, origin, self._image())


class _Layers(Sequence[tuple[str, str]]):
    """The layers of an image by tattoo and name, asked for only where somebody looks."""

    def __init__(self, image: Gimp.Image) -> None:
        self._image = image
        self._found: list[tuple[str, str]] | None = None

    def _all(self) -> list[tuple[str, str]]:
        if self._found is None:
            layers = document.layers_of(self._image) if self._image.is_valid() else ()
            self._found = [(str(it.get_tattoo()), it.get_name()) for it in layers]
        return self._found

    def __len__(self) -> int:
        return len(self._all())

    def __getitem__(self, index: Any) -> Any:
        return self._all()[index]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._all())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Layers) and other._image == self._image

    def __hash__(self) -> int:
        return hash(self._image.get_id())


def _extent(image: Gimp.Image, layer: Gimp.Layer | None) -> tuple[int, int, int, int]:
    """Where a source lies in its image."""
    if layer is None:
        return 0, 0, image.get_width(), image.get_height()
    _, x, y = layer.get_offsets()
    width, height = layer.get_width(), layer.get_height()
    if width < 1 or height < 1 or (layer.is_group() and not layer.get_children()):
        raise EaselError("invalid_request", "the group is empty", "put a layer into it")
    return x, y, width, height


def _selected(
    image: Gimp.Image, x: int, y: int, width: int, height: int
) -> tuple[Region | None, bool]:
    """What the selection covers of a rectangle of the image, and whether there is a selection."""
    _, exists, left, top, right, bottom = Gimp.Selection.bounds(image)
    if not exists:
        return None, False
    left, top = max(left, x), max(top, y)
    right, bottom = min(right, x + width), min(bottom, y + height)
    if right <= left or bottom <= top:
        return None, True
    region: Region = {
        "x": left - x,
        "y": top - y,
        "width": right - left,
        "height": bottom - top,
    }
    return region, True


def _small_selection(
    image: Gimp.Image, extent: tuple[int, int, int, int], width: int, height: int
) -> bytes:
    """The selection of a rectangle of the image at the size of its thumbnail."""
    x, y, across, down = extent
    left, top = max(0, x), max(0, y)
    right, bottom = min(image.get_width(), x + across), min(image.get_height(), y + down)
    small = bytearray(width * height)
    if right <= left or bottom <= top:
        return bytes(small)
    # What lies beyond the canvas cannot be selected.
    to = [round((at - x) * width / across) for at in (left, right)]
    down_to = [round((at - y) * height / down) for at in (top, bottom)]
    size = max(1, to[1] - to[0]), max(1, down_to[1] - down_to[0])
    part = (left, top, right - left, bottom - top)
    values, found, rows = pixels.small_mask(image.get_selection(), part, size)
    for row in range(min(rows, height - down_to[0])):
        start = (down_to[0] + row) * width + to[0]
        count = min(found, width - to[0])
        small[start : start + count] = values[row * found : row * found + count]
    return bytes(small)


def _rows(image: Gimp.Image, layer: Gimp.Layer) -> Rows:
    """The pixels of a layer or group as they are seen: with the filters that lie on them."""
    how = pixels.encoding(image)
    if not _is_filtered(layer):
        return pixels.read(layer, how)
    return _as_seen(image, layer, how)


def _is_filtered(layer: Gimp.Layer) -> bool:
    if any(it.get_visible() for it in layer.get_filters()):
        return True
    return layer.is_group() and any(_is_filtered(child) for child in layer.get_children())


def _as_seen(image: Gimp.Image, layer: Gimp.Layer, how: pixels.Encoding) -> Rows:
    """A layer with filters has its pixels without them, and GIMP 3.0 ends a plug-in that reads a
    group which a filter made larger. An image of its own shows what is seen.
    """
    canvas = Gimp.Image.new_with_precision(
        layer.get_width(), layer.get_height(), image.get_base_type(), image.get_precision()
    )
    try:
        profile = image.get_color_profile()
        if profile is not None:
            canvas.set_color_profile(profile)
        copy = Gimp.Layer.new_from_drawable(layer, canvas)
        canvas.insert_layer(copy, None, 0)
        if copy.get_mask() is not None:
            copy.remove_mask(Gimp.MaskApplyMode.DISCARD)
        copy.set_offsets(0, 0)
        copy.set_opacity(100)
        copy.set_visible(True)
        if copy.get_mode() != Gimp.LayerMode.PASS_THROUGH:
            copy.set_mode(Gimp.LayerMode.NORMAL)
        flat = Gimp.Layer.new_from_visible(canvas, canvas, "seen")
        rows = pixels.read(flat, how)
        flat.delete()
        return rows
    finally:
        canvas.delete()


def _visible(image: Gimp.Image) -> Rows:
    """All that is seen. The layer that GIMP makes of it is never in the image."""
    seen = Gimp.Layer.new_from_visible(image, image, "seen")
    try:
        return pixels.read(seen, pixels.encoding(image))
    finally:
        seen.delete()
