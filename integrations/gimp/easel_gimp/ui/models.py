"""The models, one row each: those that cannot do what is asked are dimmed and say why. Several may
be ticked: that is a comparison.
"""

from __future__ import annotations

from easel.panel import ModelRow, Panel
from gi.repository import Gtk

from .widgets import UNIT, column, heading, label, named, row

_MOST = 248


class ModelSection:
    """The fourth section."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._quiet = False
        self._lines: dict[str, _Line] = {}
        self._order: list[str] = []
        self._list = Gtk.ListBox(selection_mode=Gtk.SelectionMode.NONE)
        self._list.set_activate_on_single_click(True)
        self._list.get_style_context().add_class("easel-list")
        self._list.get_accessible().set_name("Models")
        self._list.connect("row-activated", lambda _, line: line.turn())
        scrolled = Gtk.ScrolledWindow(shadow_type=Gtk.ShadowType.IN)
        scrolled.set_policy(Gtk.PolicyType.NEVER, Gtk.PolicyType.AUTOMATIC)
        scrolled.set_propagate_natural_height(True)
        scrolled.set_min_content_height(48)
        scrolled.set_max_content_height(_MOST)
        scrolled.add(self._list)
        self._several = label(small=True, dim=True)
        self._several.set_xalign(1.0)
        top = row(UNIT * 2)
        top.pack_start(heading("M_odel", self._list), False, True, 0)
        top.pack_end(self._several, True, True, 0)
        self.widget = column(UNIT + 2)
        self.widget.pack_start(top, False, False, 0)
        self.widget.pack_start(scrolled, False, False, 0)

    def focus(self) -> bool:
        """Goes to the list, to tick several; `False` while there is nothing in it."""
        first = self._list.get_row_at_index(0)
        if first is not None:
            first.grab_focus()
        return first is not None

    def show(self, topics: set[str]) -> None:
        """Shows what changed."""
        if not topics & {"models", "settings"}:
            return
        listed = self._panel.models
        order = [it.id for it in listed]
        self._quiet = True
        for id in set(self._lines) - set(order):
            self._lines.pop(id).destroy()
        for place, model in enumerate(listed):
            line = self._lines.get(model.id)
            if line is None:
                line = self._lines[model.id] = _Line(model.id, self._tick)
                self._list.insert(line, place)
                line.show_all()
            elif order != self._order and line.get_index() != place:
                focused = line.is_focus()
                self._list.remove(line)
                self._list.insert(line, place)
                if focused:
                    line.grab_focus()
            line.fill(model)
        self._order = order
        self._quiet = False
        ticked = len(self._panel.ticked)
        self._several.set_text("Tick several to compare" if ticked < 2 else f"Compares {ticked}")

    def _tick(self, id: str, on: bool) -> None:
        if not self._quiet:
            self._panel.tick(id, on)


class _Line(Gtk.ListBoxRow):
    """One model."""

    def __init__(self, id: str, tick: object) -> None:
        super().__init__()
        self._shown: ModelRow | None = None
        self._check = Gtk.CheckButton(can_focus=False, valign=Gtk.Align.START)
        self._check.connect("toggled", lambda it: tick(id, it.get_active()))  # type: ignore
        self._name = label(bold=True)
        self._strengths = label(small=True, lines=2)
        self._chips = label(small=True, dim=True)
        texts = column(1)
        for text in (self._name, self._strengths, self._chips):
            texts.pack_start(text, False, False, 0)
        inside = row(UNIT * 2)
        inside.set_property("margin", UNIT + 1)
        inside.pack_start(self._check, False, False, 0)
        inside.pack_start(texts, True, True, 0)
        self.add(inside)
        self._texts = texts

    def turn(self) -> None:
        """Ticks it, or takes the tick away."""
        if self._check.get_sensitive():
            self._check.set_active(not self._check.get_active())

    def fill(self, model: ModelRow) -> None:
        """Shows a model."""
        if model == self._shown:
            return
        self._shown = model
        self._check.set_active(model.ticked)
        # What is ticked can always be taken back.
        self._check.set_sensitive(model.reason is None or model.ticked)
        self._texts.set_sensitive(model.reason is None)
        self._name.set_text(model.label)
        self._strengths.set_text(model.reason or model.strengths)
        self._chips.set_text(" · ".join(model.chips))
        self._chips.set_visible(bool(model.chips) and model.reason is None)
        said = [model.label, model.reason or model.strengths, ", ".join(model.chips)]
        named(self, "; ".join(part for part in said if part), tip=False)
        named(self._check, model.label, tip=False)
        tip = [model.reason or "", model.strengths, model.limitation]
        self.set_tooltip_text("\n".join(part for part in dict.fromkeys(tip) if part))
