"""What will be sent: the image, a thumbnail of the layer with its selection, its size, and a
warning where there is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from easel.panel import Panel, Sight, words
from gi.repository import Gimp, Gtk

from .. import document
from ..editor import GimpEditor
from .widgets import UNIT, Picture, Said, centred, column, heading, label, row, toggles

_THUMBNAIL = 72
_AREAS = (
    ("layer", "_Layer", "The selected layer or group"),
    ("visible", "_Visible", "Everything that is seen"),
)


class SourceSection:
    """The first section."""

    def __init__(self, panel: Panel, editor: GimpEditor, rerun: Callable[[], Any]) -> None:
        self._panel = panel
        self._editor = editor
        self._listed: list[tuple[int, str]] = []
        self._quiet = False
        self._images = Gtk.ComboBoxText(no_show_all=True, hexpand=True)
        self._images.get_accessible().set_name("Image")
        for cell in self._images.get_cells():
            cell.set_property("ellipsize", 3)
            cell.set_property("width-chars", 1)
        self._images.connect("changed", self._image_chosen)
        self._thumbnail = Picture(_THUMBNAIL)
        self._thumbnail.get_accessible().set_name("What will be sent")
        self._title = label(bold=True)
        self._size = label(small=True, dim=True)
        self._selection = label(small=True, dim=True)
        self._areas, self._area = toggles(_AREAS, 2, one=True)
        for area, toggle in self._area.items():
            toggle.connect("toggled", self._area_chosen, area)
        self._only = Gtk.CheckButton.new_with_mnemonic("Change the selectio_n only")
        self._only.set_no_show_all(True)
        self._only.connect("toggled", self._only_chosen)
        self._origin = Gtk.Button(no_show_all=True)
        self._origin.add(centred("Run its transform again", self._origin))
        self._origin.set_tooltip_text("Easel made this layer: asks the same again")
        self._origin.connect("clicked", lambda _: rerun())
        self._said = Said()
        self.widget = self._laid_out()

    def _laid_out(self) -> Gtk.Widget:
        texts = column(2)
        for part in (self._title, self._size, self._selection):
            texts.pack_start(part, False, False, 0)
        texts.pack_end(self._areas, False, False, 0)
        beside = row(UNIT * 2)
        beside.pack_start(self._thumbnail, False, False, 0)
        beside.pack_start(texts, True, True, 0)
        box = column(UNIT + 2)
        top = row(UNIT * 2)
        top.pack_start(heading("Source"), False, True, 0)
        box.pack_start(top, False, False, 0)
        for part in (self._images, beside, self._only, self._origin, self._said):
            box.pack_start(part, False, False, 0)
        return box

    # Which image.

    def choose(self, image: Gimp.Image | None) -> None:
        """Looks at an image from now on."""
        self._editor.image = image
        self._panel.refresh()
        self.list_images()

    def list_images(self) -> None:
        """Looks which images are open; one that was closed is looked at no more."""
        images = Gimp.get_images()
        current = self._editor.image
        if current is None or not current.is_valid():
            # The newest is the likeliest.
            current = images[-1] if images else None
            if current != self._editor.image:
                self._editor.image = current
                self._panel.refresh()
        listed = _named(images)
        active = next((at for at, it in enumerate(images) if it == current), -1)
        self._quiet = True
        if listed != self._listed:
            self._listed = listed
            self._images.remove_all()
            for _, name in listed:
                self._images.append_text(name)
        if self._images.get_active() != active:
            self._images.set_active(active)
        self._images.set_visible(len(listed) > 1)
        self._quiet = False

    def _image_chosen(self, combo: Gtk.ComboBoxText) -> None:
        at = combo.get_active()
        if not self._quiet and 0 <= at < len(self._listed):
            self._editor.image = Gimp.Image.get_by_id(self._listed[at][0])
            self._panel.refresh()

    # What of it.

    def _area_chosen(self, toggle: Gtk.ToggleButton, area: str) -> None:
        if not self._quiet and toggle.get_active():
            self._panel.set(area=area)

    def _only_chosen(self, check: Gtk.CheckButton) -> None:
        if not self._quiet:
            self._panel.set(use_selection=check.get_active())

    def show(self, topics: set[str]) -> None:
        """Shows what changed."""
        if not topics & {"sight", "settings", "results"}:
            return
        panel = self._panel
        self._quiet = True
        self._area[panel.settings.area].set_active(True)
        self._only.set_active(panel.settings.use_selection)
        self._quiet = False
        if panel.parent is not None:
            self._show_parent()
        elif panel.sight is None:
            self._show_nothing()
        else:
            self._show_sight(panel.sight)

    def _show_nothing(self) -> None:
        self._title.set_text("No image")
        self._size.set_text("")
        self._selection.set_text("")
        self._thumbnail.show_pixbuf(None)
        self._only.hide()
        self._origin.hide()
        self._areas.set_sensitive(False)
        self._said.say(words.Line("info", words.NO_DOCUMENT))

    def _show_sight(self, sight: Sight) -> None:
        self._areas.set_sensitive(True)
        self._title.set_text(sight.title)
        self._title.set_tooltip_text(sight.title)
        parts = [words.size(sight.width, sight.height), sight.format]
        self._size.set_text(" · ".join(part for part in parts if part))
        self._thumbnail.show_pixbuf(sight.thumbnail if sight.problem is None else None)
        region = sight.selection
        uses = self._panel.settings.use_selection
        if region is None and self._editor.beside:
            self._selection.set_text("Selection is elsewhere")
        elif region is None:
            self._selection.set_text("" if sight.problem else "No selection: all of it may change")
        else:
            size = words.size(region["width"], region["height"])
            self._selection.set_text(f"Selection {size}" if uses else "Selection is not used")
        self._only.set_visible(region is not None or self._editor.beside)
        self._show_origin(sight)
        self._said.say(self._warning(sight))

    def _warning(self, sight: Sight) -> words.Line | None:
        if sight.problem is not None:
            return words.failure_line(sight.problem)
        if self._editor.beside and self._panel.settings.use_selection:
            hint = "Move it, or switch off the selection."
            return words.Line("warning", "The selection does not touch the layer", hint)
        if sight.format.endswith("grey"):
            hint = "For colour choose Image > Mode > RGB first."
            return words.Line("info", "Results become grey in a grey image", hint)
        return None

    def _show_origin(self, sight: Sight) -> None:
        layer = None
        if sight.problem is None and self._editor.image is not None:
            layer = document.find_layer(self._editor.image, sight.origin)
        made = document.made_of(layer) if layer is not None else None
        self._origin.set_visible(made is not None)

    def _show_parent(self) -> None:
        parent = self._panel.parent
        assert parent is not None
        self._areas.set_sensitive(False)
        self._only.hide()
        self._origin.hide()
        self._title.set_text(parent.layer_name)
        self._size.set_text(words.size(parent.width, parent.height))
        self._selection.set_text("Iterates from this result")
        if parent.blob is not None:
            self._panel.thumbnail(parent.blob, 256, self._thumbnail.show_png)
        self._said.say(None)


def _named(images: Sequence[Gimp.Image]) -> list[tuple[int, str]]:
    """Images by number and name, with the number of GIMP's title bars where several share one."""
    names = [(image.get_id(), image.get_name()) for image in images]
    often = Counter(name for _, name in names)
    return [(id, f"{name}-{id}" if often[name] > 1 else name) for id, name in names]
