"""Results of one transform beside their source, large: the same keys as on Easel's page."""

from __future__ import annotations

from typing import Any

from easel.panel import Panel, Result
from easel.panel.recipe_layers import together
from gi.repository import Gdk, GdkPixbuf, Gtk

from .widgets import UNIT, column, fit, from_png, label, named

_SIDE = 1024
_SIZE = (900, 560)
#: So many beside each other; beyond these, three.
_COLUMNS = {1: 1, 2: 2, 4: 2}


class CompareWindow(Gtk.Window):
    """Shows the source on the left and the results in a grid that uses the space."""

    def __init__(self, panel: Panel, over: Gtk.Window) -> None:
        super().__init__(title="Compare", transient_for=over, destroy_with_parent=True)
        self.set_role("easel-compare")
        self.set_default_size(*_SIZE)
        self._panel = panel
        self._results: list[Result] = []
        self._at = 0
        self._panes: list[_Pane] = []
        self._grid = Gtk.Grid(row_homogeneous=True, column_homogeneous=True)
        self._grid.set_row_spacing(UNIT * 2)
        self._grid.set_column_spacing(UNIT * 2)
        self._grid.set_property("margin", UNIT * 2)
        self.add(self._grid)
        self.connect("key-press-event", self._key)
        self.connect("key-release-event", self._released)
        self.connect("delete-event", lambda *_: self.hide() or True)

    def show_results(self, result: Result) -> None:
        """Compares all that was made together with a result."""
        self._results = together(self._panel.results, result)
        self._at = next((n for n, it in enumerate(self._results) if it.key == result.key), 0)
        for child in self._grid.get_children():
            child.destroy()
        source = _Pane("Source", "")
        self._panel.thumbnail(result.ask["source"], _SIDE, source.show_png)
        self._panes = [source]
        for number, it in enumerate(self._results, 1):
            kept = f"{round(100 * it.structure)} % structure"
            facts = " · ".join(part for part in (it.time, it.cost, kept) if part)
            pane = _Pane(f"{number} · {it.model_label}", facts)
            assert it.blob is not None
            self._panel.thumbnail(it.blob, _SIDE, pane.show_png)
            pane.connect("button-press-event", lambda *_, number=number: self._choose(number))
            self._panes.append(pane)
        columns = _COLUMNS.get(len(self._panes), 3)
        for number, pane in enumerate(self._panes):
            self._grid.attach(pane, number % columns, number // columns, 1, 1)
        self._mark()
        self.show_all()
        self.present()

    def _mark(self) -> None:
        for number, pane in enumerate(self._panes):
            pane.mark(number == self._at + 1)

    def _choose(self, number: int) -> bool:
        if 1 <= number <= len(self._results):
            self._at = number - 1
            self._mark()
            self._panel.apply(self._results[self._at])
        return True

    def _key(self, _: Gtk.Widget, event: Gdk.EventKey) -> bool:
        key = event.keyval
        if key == Gdk.KEY_Escape:
            self.hide()
        elif Gdk.KEY_1 <= key <= Gdk.KEY_9:
            return self._choose(key - Gdk.KEY_0)
        elif key in (Gdk.KEY_Left, Gdk.KEY_Right) and self._results:
            step = 1 if key == Gdk.KEY_Right else -1
            return self._choose((self._at + step) % len(self._results) + 1)
        elif key == Gdk.KEY_space and len(self._panes) > self._at + 1:
            self._panes[self._at + 1].cover(self._panes[0].pixbuf)
        elif key == Gdk.KEY_i and self._results:
            self._panel.iterate(self._results[self._at])
            self.hide()
        else:
            return False
        return True

    def _released(self, _: Gtk.Widget, event: Gdk.EventKey) -> bool:
        if event.keyval == Gdk.KEY_space:
            for pane in self._panes:
                pane.cover(None)
            return True
        return False


class _Pane(Gtk.EventBox):
    """One picture with its caption."""

    def __init__(self, title: str, facts: str) -> None:
        super().__init__(hexpand=True, vexpand=True)
        self.pixbuf: GdkPixbuf.Pixbuf | None = None
        self._over: GdkPixbuf.Pixbuf | None = None
        self._image = Gtk.Image()
        # Takes the room that there is, and asks for none.
        self._area = Gtk.ScrolledWindow(hexpand=True, vexpand=True)
        self._area.set_policy(Gtk.PolicyType.EXTERNAL, Gtk.PolicyType.EXTERNAL)
        self._area.set_size_request(160, 120)
        self._area.add(self._image)
        self._area.connect("size-allocate", lambda *_: self._fit())
        self._drawn: Any = None
        self._title = label(title)
        self._title.set_xalign(0.5)
        below = label(facts, small=True, dim=True)
        below.set_xalign(0.5)
        inside = column(UNIT)
        inside.pack_start(self._area, True, True, 0)
        inside.pack_start(self._title, False, False, 0)
        inside.pack_start(below, False, False, 0)
        self.add(inside)
        named(self, f"{title} {facts}", tip=False)

    def show_png(self, png: bytes) -> None:
        """Takes a picture."""
        self.pixbuf = from_png(png)
        self._fit()

    def cover(self, pixbuf: GdkPixbuf.Pixbuf | None) -> None:
        """Shows another picture in its place, for as long as a key is held."""
        self._over = pixbuf
        self._fit()

    def mark(self, chosen: bool) -> None:
        """Whether it is the chosen one."""
        text = self._title.get_text()
        self._title.set_markup(f"<b>{_escaped(text)}</b>" if chosen else _escaped(text))

    def _fit(self) -> None:
        pixbuf = self._over or self.pixbuf
        width, height = self._area.get_allocated_width(), self._area.get_allocated_height()
        wanted = (pixbuf, width, height)
        if pixbuf is None or wanted == self._drawn:
            return
        self._drawn = wanted
        share = min(width / pixbuf.get_width(), height / pixbuf.get_height())
        side = round(max(pixbuf.get_width(), pixbuf.get_height()) * share)
        self._image.set_from_pixbuf(fit(pixbuf, max(1, side), grow=True))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
