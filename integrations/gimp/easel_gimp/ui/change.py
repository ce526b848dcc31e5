"""What should change, and what must stay: eight intents, a text that grows, and five toggles."""

from __future__ import annotations

from typing import Any

from easel.panel import Panel, words
from easel.protocol import Intent, Keep
from gi.repository import Gdk, Gtk

from .styles import StyleButton
from .widgets import UNIT, column, heading, label, together, toggles

#: Letters that no other label of the window has.
_INTENTS: dict[Intent, str] = {
    "restyle": "Rest_yle",
    "enhance": "_Enhance",
    "background": "_Background",
    "cutout": "C_ut out",
    "reimagine": "Rei_magine",
    "edit": "E_dit",
    "erase": "Er_ase",
    "expand": "E_xpand",
}
_KEEPS: dict[Keep, str] = {
    "subject": "Sub_ject",
    "pose": "_Pose",
    "composition": "_Composition",
    "colours": "Colours",
    "text": "Text",
}
_LINES = (2, 8)


class ChangeSection:
    """The second section."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._quiet = False
        choices = [(it, _INTENTS[it], about) for it, _, about in words.INTENTS]
        grid, self._intents = toggles(choices, 4, one=True)
        for intent, toggle in self._intents.items():
            toggle.connect("toggled", self._intent_chosen, intent)
        self.prompt = Gtk.TextView(accepts_tab=False, wrap_mode=Gtk.WrapMode.WORD_CHAR)
        self.prompt.set_left_margin(UNIT + 2)
        self.prompt.set_right_margin(UNIT + 2)
        self.prompt.set_top_margin(UNIT)
        self.prompt.set_bottom_margin(UNIT)
        self.prompt.get_accessible().set_name("What should change")
        self.prompt.get_buffer().connect("changed", self._prompt_changed)
        self.prompt.connect("key-press-event", self._key)
        self._empty = label("What should change", dim=True)
        self._empty.set_margin_start(UNIT + 3)
        self._empty.set_margin_top(UNIT + 1)
        self._empty.set_valign(Gtk.Align.START)
        self._hint = label(small=True, dim=True, lines=2)
        self._hint.set_no_show_all(True)
        self._styles = StyleButton(panel)
        self.widget = column(UNIT + 2)
        self.widget.pack_start(heading("Change"), False, False, 0)
        self.widget.pack_start(grid, False, False, 0)
        self.widget.pack_start(self._field(), False, False, 0)
        self.widget.pack_start(self._hint, False, False, 0)
        self.widget.pack_start(self._styles.widget, False, False, 0)

    def _field(self) -> Gtk.Widget:
        scrolled = Gtk.ScrolledWindow(shadow_type=Gtk.ShadowType.IN)
        scrolled.set_policy(Gtk.PolicyType.NEVER, Gtk.PolicyType.AUTOMATIC)
        scrolled.set_propagate_natural_height(True)
        layout = self.prompt.create_pango_layout("X")
        height = layout.get_pixel_size()[1]
        scrolled.set_min_content_height(_LINES[0] * height + 2 * UNIT)
        scrolled.set_max_content_height(_LINES[1] * height + 2 * UNIT)
        scrolled.add(self.prompt)
        overlay = Gtk.Overlay()
        overlay.add(scrolled)
        overlay.add_overlay(self._empty)
        overlay.set_overlay_pass_through(self._empty, True)
        return overlay

    def _key(self, view: Gtk.TextView, event: Gdk.EventKey) -> bool:
        # The window has it: here it would make a line.
        control = event.state & Gdk.ModifierType.CONTROL_MASK
        if control and event.keyval in (Gdk.KEY_Return, Gdk.KEY_KP_Enter):
            self._panel.transform()
            return True
        return False

    def _intent_chosen(self, toggle: Gtk.ToggleButton, intent: Intent) -> None:
        if not self._quiet and toggle.get_active():
            self._panel.set(intent=intent)

    def _prompt_changed(self, buffer: Gtk.TextBuffer) -> None:
        text: Any = buffer.get_text(*buffer.get_bounds(), False)
        self._empty.set_visible(not text)
        if not self._quiet:
            self._panel.set(prompt=text)

    def show(self, topics: set[str]) -> None:
        """Shows what changed."""
        self._styles.show(topics)
        if not topics & {"settings", "models"}:
            return
        settings, controls = self._panel.settings, self._panel.controls
        self._quiet = True
        self._intents[settings.intent].set_active(True)
        buffer = self.prompt.get_buffer()
        if buffer.get_text(*buffer.get_bounds(), False) != settings.prompt:
            buffer.set_text(settings.prompt)
        self._quiet = False
        self._hint.set_text(controls.prompt_hint)
        self._hint.set_visible(bool(controls.prompt_hint))


class KeepSection:
    """The third section."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._quiet = False
        choices = [(it, _KEEPS[it], f"{text} stays as it is") for it, text in words.KEEPS]
        grid, self._toggles = toggles(choices, 3, one=False)
        for toggle in self._toggles.values():
            toggle.connect("toggled", self._toggled)
        self._hint = label(small=True, dim=True, lines=2)
        self._hint.set_no_show_all(True)
        self.widget = column(UNIT + 2)
        self.widget.pack_start(heading("Keep"), False, False, 0)
        self.widget.pack_start(grid, False, False, 0)
        self.widget.pack_start(self._hint, False, False, 0)

    def _toggled(self, _: Gtk.ToggleButton) -> None:
        if not self._quiet:
            chosen = [it for it, _ in words.KEEPS if self._toggles[it].get_active()]
            self._panel.set(keep=tuple(chosen))

    def show(self, topics: set[str]) -> None:
        """Shows what changed: what a model cannot be told is off, and why."""
        if not topics & {"settings", "models"}:
            return
        settings, controls = self._panel.settings, self._panel.controls
        possible = set(controls.keep)
        kept = settings.kept(possible)
        self._quiet = True
        for aspect, toggle in self._toggles.items():
            toggle.set_active(aspect in kept)
            # What was chosen can always be taken back.
            toggle.set_sensitive(aspect in possible or aspect in kept)
        self._quiet = False
        named = together(controls.models)
        without = controls.models and not possible
        self._hint.set_text(f"{named} cannot be told what to keep" if without else "")
        self._hint.set_visible(bool(without))
