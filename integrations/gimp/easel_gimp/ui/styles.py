"""Styles by name: a button that says which ones are chosen, and a list with a weight for each."""

from __future__ import annotations

from easel.panel import Panel
from easel.protocol import StyleRecord
from gi.repository import Gtk

from .widgets import UNIT, calm, column, label, named, row

_LIST_HEIGHT = 320
_LIST_WIDTH = 280


class StyleButton:
    """Shown where the ticked models know styles."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._quiet = False
        self._listed: tuple[StyleRecord, ...] = ()
        self._checks: dict[str, Gtk.CheckButton] = {}
        self._weights: dict[str, Gtk.Scale] = {}
        self._text = label("Style")
        inside = row()
        inside.pack_start(self._text, True, True, 0)
        arrow = Gtk.Image.new_from_icon_name("pan-down-symbolic", Gtk.IconSize.MENU)
        inside.pack_end(arrow, False, False, 0)
        self.widget = Gtk.MenuButton(no_show_all=True)
        self.widget.add(inside)
        self._list = column(0)
        scrolled = Gtk.ScrolledWindow(hscrollbar_policy=Gtk.PolicyType.NEVER)
        scrolled.set_size_request(_LIST_WIDTH, _LIST_HEIGHT)
        scrolled.add(self._list)
        scrolled.show_all()
        popover = Gtk.Popover(relative_to=self.widget)
        popover.add(scrolled)
        self.widget.set_popover(popover)

    def show(self, topics: set[str]) -> None:
        """Shows what changed."""
        if not topics & {"settings", "models"}:
            return
        chosen = self._panel.settings.styles
        styles = self._panel.controls.styles
        known = {style["name"] for style in styles}
        # What is chosen can be taken back, although no ticked model knows it.
        unknown: list[StyleRecord] = [
            {"name": name, "description": "not known to what is ticked", "strong": False}
            for name in chosen
            if name not in known
        ]
        listed = (*unknown, *styles)
        if listed != self._listed:
            self._listed = listed
            self._fill()
        self._quiet = True
        for name, check in self._checks.items():
            check.set_active(name in chosen)
            scale = self._weights[name]
            scale.set_visible(name in chosen and len(chosen) > 1)
            scale.set_value(chosen.get(name, 1.0))
        self._quiet = False
        said = ", ".join(name.replace("-", " ") for name in chosen) or "none chosen"
        self._text.set_text(f"Style: {said}")
        named(self.widget, f"Style: {said}")
        for inside in self.widget.get_children():
            inside.show_all()
        self.widget.set_visible(bool(listed))

    def _fill(self) -> None:
        for child in self._list.get_children():
            child.destroy()
        self._checks, self._weights = {}, {}
        for style in self._listed:
            name = style["name"]
            check = Gtk.CheckButton()
            texts = column(0)
            texts.pack_start(label(name.replace("-", " ").capitalize()), False, False, 0)
            about = style["description"]
            if style["strong"]:
                about += " · changes much"
            texts.pack_start(label(about, small=True, dim=True), False, False, 0)
            check.add(texts)
            check.set_margin_start(UNIT)
            named(check, f"{name}: {about}")
            check.connect("toggled", self._ticked, name)
            scale = Gtk.Scale.new_with_range(Gtk.Orientation.HORIZONTAL, 0.05, 1.0, 0.05)
            scale.set_draw_value(False)
            scale.set_no_show_all(True)
            calm(scale)
            named(scale, f"Weight of {name}")
            scale.connect("value-changed", self._weighed, name)
            self._checks[name], self._weights[name] = check, scale
            self._list.pack_start(check, False, False, 2)
            self._list.pack_start(scale, False, False, 0)
        self._list.show_all()

    def _ticked(self, check: Gtk.CheckButton, name: str) -> None:
        if self._quiet:
            return
        chosen = dict(self._panel.settings.styles)
        if check.get_active():
            chosen[name] = 1.0
        else:
            chosen.pop(name, None)
        self._panel.set(styles=chosen)

    def _weighed(self, scale: Gtk.Scale, name: str) -> None:
        if not self._quiet and name in self._panel.settings.styles:
            chosen = {**self._panel.settings.styles, name: round(scale.get_value(), 2)}
            self._panel.set(styles=chosen)
