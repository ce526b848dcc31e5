"""What was made, newest first: in this image and in all other editors. The selected one shows what
can be done with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from easel.panel import Panel, Result, words
from gi.repository import Gdk, Gtk

from .widgets import UNIT, Picture, column, from_rows, heading, label, menu_item, named, row

_SIDE = 48
_STATES = {"queued": "Waiting", "running": "Running", "cancelled": "Cancelled"}


class ResultSection:
    """The eighth section."""

    def __init__(self, panel: Panel, compare: Callable[[Result], None]) -> None:
        self._panel = panel
        self._compare = compare
        self._lines: dict[str, _Line] = {}
        self._list = Gtk.ListBox(selection_mode=Gtk.SelectionMode.SINGLE)
        self._list.set_activate_on_single_click(False)
        self._list.get_style_context().add_class("easel-list")
        self._list.get_accessible().set_name("Results")
        self._list.connect("row-activated", lambda _, line: self._panel.apply(line.result))
        self._list.connect("row-selected", self._selected)
        self._list.connect("button-press-event", self._pressed)
        self._list.connect("popup-menu", lambda _: self._popup(None))
        nothing = label(words.NO_RESULTS, dim=True, lines=2)
        nothing.set_property("margin", UNIT * 3)
        nothing.set_justify(Gtk.Justification.CENTER)
        nothing.set_xalign(0.5)
        nothing.show()
        self._list.set_placeholder(nothing)
        self._older = Gtk.Button(label="Show older", relief=Gtk.ReliefStyle.NONE)
        self._older.set_no_show_all(True)
        self._older.connect("clicked", lambda _: panel.more_results())
        inside = column(0)
        inside.pack_start(self._list, False, False, 0)
        inside.pack_start(self._older, False, False, 0)
        self._back = Gtk.Button(label="Bring back what was discarded", relief=Gtk.ReliefStyle.NONE)
        self._back.set_no_show_all(True)
        self._back.connect("clicked", lambda _: panel.bring_back())
        inside.pack_start(self._back, False, False, 0)
        self._scrolled = Gtk.ScrolledWindow(shadow_type=Gtk.ShadowType.IN)
        self._scrolled.set_policy(Gtk.PolicyType.NEVER, Gtk.PolicyType.AUTOMATIC)
        self._scrolled.set_min_content_height(96)
        self._scrolled.add(inside)
        self._iterating = label(small=True, lines=1)
        back = Gtk.Button(label="Back to layers")
        back.connect("clicked", lambda _: panel.stop_iterating())
        self._parent = row()
        self._parent.pack_start(self._iterating, True, True, 0)
        self._parent.pack_end(back, False, False, 0)
        self._parent.show_all()
        self._parent.set_no_show_all(True)
        self._parent.hide()
        self.widget = column(UNIT + 2)
        self.widget.pack_start(heading("Resul_ts", self._list), False, False, 0)
        self.widget.pack_start(self._parent, False, False, 0)
        self.widget.pack_start(self._scrolled, True, True, 0)

    @property
    def chosen(self) -> Result | None:
        """The selected result."""
        line = self._list.get_selected_row()
        return line.result if line is not None else None

    def focus(self) -> bool:
        """Goes to the list; `False` while there is nothing in it."""
        line = self._list.get_selected_row() or self._list.get_row_at_index(0)
        if line is not None:
            line.grab_focus()
        return line is not None

    def choose(self, number: int) -> None:
        """Selects the result of a number, from 1, and shows its layer alone."""
        line = self._list.get_row_at_index(number - 1)
        if line is not None:
            self._list.select_row(line)
            if line.result.artifact is not None:
                self._panel.apply(line.result)

    def show(self, topics: set[str]) -> None:
        """Shows what changed."""
        panel = self._panel
        if "sight" in topics:
            parent = panel.parent
            self._parent.set_visible(parent is not None)
            if parent is not None:
                self._iterating.set_text(f"Iterates from {parent.layer_name}")
        if "results" not in topics:
            return
        order = [it.key for it in panel.results]
        for key in set(self._lines) - set(order):
            self._lines.pop(key).destroy()
        for place, result in enumerate(panel.results):
            line = self._lines.get(result.key)
            if line is not None and line.result != result:
                selected = line.is_selected()
                line.destroy()
                line = None
            else:
                selected = False
            if line is None:
                line = self._lines[result.key] = _Line(result, self)
                self._list.insert(line, place)
                line.show_all()
                if selected:
                    self._list.select_row(line)
            elif line.get_index() != place:
                self._list.remove(line)
                self._list.insert(line, place)
            line.number(place + 1)
        self._older.set_visible(panel.has_more)
        self._back.set_visible(bool(panel.discarded))

    # What can be done.

    def thumbnail(self, result: Result, picture: Picture) -> None:
        """Shows a small picture, now or later; faintly the source, where nothing was made of it."""
        picture.set_opacity(0.4 if result.blob is None else 1.0)
        self._panel.thumbnail(result.blob or result.ask["source"], 128, picture.show_png)

    def actions(self, result: Result) -> list[tuple[str, Callable[[], Any], str]]:
        """What the selected row offers: a label, what it does, and a tip."""
        panel = self._panel
        if result.artifact is None:
            if result.state in ("queued", "running"):
                return []
            return [
                ("_Re-run", lambda: panel.rerun(result), "Asks the same again"),
                ("Cop_y settings", lambda: panel.copy_settings(result), "Takes what was set then"),
            ]
        return [
            ("Apply", lambda: panel.apply(result), "Shows its layer, or adds it (Enter)"),
            ("Iterate", lambda: panel.iterate(result), "Goes on from this picture (I)"),
            ("Compare", lambda: self._compare(result), "Beside its source, large (C)"),
            ("Discard", lambda: panel.discard(result), "Takes it out of the list (Delete)"),
        ]

    def _selected(self, _: Any, chosen: _Line | None) -> None:
        for line in self._lines.values():
            line.open(line is chosen)

    def _pressed(self, _: Any, event: Gdk.EventButton) -> bool:
        if event.button != Gdk.BUTTON_SECONDARY:
            return False
        line = self._list.get_row_at_y(int(event.y))
        if line is None:
            return False
        self._list.select_row(line)
        return self._popup(event)

    def _popup(self, event: Gdk.EventButton | None) -> bool:
        line = self._list.get_selected_row()
        if line is None:
            return False
        result: Result = line.result
        menu = Gtk.Menu()
        for text, call, _ in self.actions(result):
            menu.append(menu_item(text, call))
        if result.artifact is not None:
            menu.append(Gtk.SeparatorMenuItem())
            menu.append(menu_item("_Re-run", lambda: self._panel.rerun(result)))
            menu.append(menu_item("Cop_y settings", lambda: self._panel.copy_settings(result)))
        menu.attach_to_widget(self._list, None)
        menu.show_all()
        if event is not None:
            menu.popup_at_pointer(event)
        else:
            menu.popup_at_widget(line, Gdk.Gravity.SOUTH_WEST, Gdk.Gravity.NORTH_WEST, None)
        return True


class _Line(Gtk.ListBoxRow):
    """One result."""

    def __init__(self, result: Result, section: ResultSection) -> None:
        super().__init__()
        self.result = result
        self._number = Gtk.Label(xalign=1.0, yalign=0.0)
        self._number.get_style_context().add_class("dim-label")
        picture = Picture(_SIDE)
        section.thumbnail(result, picture)
        texts = column(1)
        texts.pack_start(label(result.model_label, bold=True), False, False, 0)
        texts.pack_start(label(result.title, small=True), False, False, 0)
        texts.pack_start(self._third(), False, False, 0)
        top = row(UNIT * 2)
        top.pack_start(picture, False, False, 0)
        top.pack_start(texts, True, True, 0)
        top.pack_end(self._number, False, False, 0)
        self._actions = self._buttons(section)
        inside = column(UNIT + 2)
        inside.set_property("margin", UNIT + 1)
        inside.pack_start(top, False, False, 0)
        inside.pack_start(self._actions, False, False, 0)
        self.add(inside)
        named(self, self._said(), tip=False)
        self.set_tooltip_text(self._tip())

    def _third(self) -> Gtk.Widget:
        result = self.result
        if result.failure is not None:
            return label(result.failure.text, small=True, dim=True, lines=2)
        if result.artifact is None:
            return label(_STATES.get(result.state, result.state), small=True, dim=True)
        line = row(UNIT * 2)
        line.pack_start(Bars(result), False, False, 0)
        facts = " · ".join(part for part in (result.time, result.cost) if part)
        line.pack_start(label(facts, small=True, dim=True), True, True, 0)
        return line

    def _buttons(self, section: ResultSection) -> Gtk.Widget:
        box = Gtk.Box(homogeneous=True, no_show_all=True)
        box.get_style_context().add_class("linked")
        for text, call, tip in section.actions(self.result):
            made = Gtk.Button()
            made.get_style_context().add_class("easel-bar")
            inside = label(text.replace("_", ""), small=True)
            inside.set_xalign(0.5)
            made.add(inside)
            named(made, text.replace("_", ""), tip=False)
            made.set_tooltip_text(tip)
            made.connect("clicked", lambda _, call=call: call())
            made.show_all()
            box.pack_start(made, True, True, 0)
        return box

    def open(self, is_open: bool) -> None:
        """Shows what can be done, or hides it."""
        self._actions.set_visible(is_open and bool(self._actions.get_children()))

    def number(self, number: int) -> None:
        """The key that chooses it."""
        self._number.set_text(str(number) if number < 10 else "")

    def _said(self) -> str:
        result = self.result
        parts = [result.model_label, result.title]
        if result.failure is not None:
            parts += [result.failure.text, result.failure.hint]
        elif result.artifact is None:
            parts.append(_STATES.get(result.state, result.state))
        else:
            parts += [_fidelity(result), result.time, result.cost]
        return "; ".join(part for part in parts if part)

    def _tip(self) -> str:
        result = self.result
        parts = [f"{result.model_label}: {result.title}"]
        if result.failure is not None:
            parts += [result.failure.text, result.failure.hint]
        elif result.artifact is not None:
            parts += [_fidelity(result), words.size(result.width, result.height), *result.notes]
        return "\n".join(part for part in parts if part)


def _fidelity(result: Result) -> str:
    shares = [("structure", result.structure), ("colour", result.colour)]
    said = ", ".join(f"{name} {round(100 * share)} %" for name, share in shares)
    kept = "unchanged" if result.outside == 1 else "changed"
    return f"Kept: {said}, outside {kept}"


class Bars(Gtk.Image):
    """How much stayed: structure, colour, outside, as three small bars in the colour of text."""

    _WIDTH, _HEIGHT, _SPACE = 32, 3, 2

    def __init__(self, result: Result) -> None:
        super().__init__()
        self._shares = (result.structure, result.colour, result.outside)
        self.set_valign(Gtk.Align.CENTER)
        named(self, _fidelity(result))
        self.connect("style-updated", lambda _: self._draw())
        self._draw()

    def _draw(self) -> None:
        found = self.get_style_context().get_color(Gtk.StateFlags.NORMAL)
        colour = bytes(round(255 * part) for part in (found.red, found.green, found.blue))
        blank = bytes(4 * self._WIDTH) * self._SPACE
        bars = []
        for share in self._shares:
            full = round(self._WIDTH * share)
            line = (colour + b"\xc0") * full + (colour + b"\x38") * (self._WIDTH - full)
            bars.append(line * self._HEIGHT)
        height = 3 * self._HEIGHT + 2 * self._SPACE
        self.set_from_pixbuf(from_rows(blank.join(bars), self._WIDTH, height))
