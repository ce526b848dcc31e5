"""Recipes: a menu of those that are at hand. A chosen one decides everything but the source, and a
line says what it does.
"""

from __future__ import annotations

from typing import Any

from easel.panel import Panel, RecipeRow, words
from gi.repository import Gtk, Pango

from .widgets import UNIT, column, heading, label, named, row

_WIDTH = 296
_LETTERS = 32
_MOST = 400


class RecipeSection:
    """Between the source and what is set."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._shown: Any = None
        self._text = label()
        inside = row()
        inside.pack_start(self._text, True, True, 0)
        arrow = Gtk.Image.new_from_icon_name("pan-down-symbolic", Gtk.IconSize.MENU)
        inside.pack_end(arrow, False, False, 0)
        self.button = Gtk.MenuButton()
        self.button.add(inside)
        self._list = Gtk.ListBox(selection_mode=Gtk.SelectionMode.BROWSE)
        self._list.get_style_context().add_class("easel-list")
        self._list.get_accessible().set_name("Recipes")
        self._list.connect("row-activated", lambda _, line: self._choose(line))
        scrolled = Gtk.ScrolledWindow(hscrollbar_policy=Gtk.PolicyType.NEVER)
        scrolled.set_propagate_natural_height(True)
        scrolled.set_max_content_height(_MOST)
        scrolled.set_size_request(_WIDTH, -1)
        scrolled.add(self._list)
        scrolled.show_all()
        # One that is still fading out does not open again when it is asked to.
        self._menu = Gtk.Popover(relative_to=self.button, transitions_enabled=False)
        self._menu.add(scrolled)
        self._menu.connect("show", lambda _: self._opened())
        self.button.set_popover(self._menu)
        self._about = label(small=True, dim=True, lines=3)
        self._about.set_no_show_all(True)
        self.widget = column(UNIT + 2)
        name = heading("Recipe")
        name.set_hexpand(False)
        name.set_ellipsize(Pango.EllipsizeMode.NONE)
        name.set_width_chars(-1)
        name.set_max_width_chars(-1)
        beside = row(UNIT * 2)
        beside.pack_start(name, False, False, 0)
        beside.pack_start(self.button, True, True, 0)
        self.widget.pack_start(beside, False, False, 0)
        self.widget.pack_start(self._about, False, False, 0)

    def open(self) -> None:
        """Opens the menu, for a key or from outside."""
        self.button.set_active(True)

    def _opened(self) -> None:
        # Files come and go: what has changed is shown a moment later.
        self._panel.load_recipes()
        self._fill()
        self._focus()

    def _choose(self, line: _Line) -> None:
        self._menu.popdown()
        self._panel.choose_recipe(line.name)

    def show(self, topics: set[str]) -> None:
        """Shows what changed."""
        if not topics & {"settings", "recipes"}:
            return
        self._fill()
        recipe = self._panel.recipe
        title = recipe.title if recipe is not None else words.NO_RECIPE
        self._text.set_text(title)
        named(self.button, f"Recipe: {title}", tip=False)
        self.button.set_tooltip_text(f"{title}\nCtrl+R")
        said = ""
        if recipe is not None:
            said = recipe.about if recipe.reason is None else recipe.hint
        self._about.set_text(said)
        self._about.set_tooltip_text(said or None)
        self._about.set_visible(bool(said))

    def _fill(self) -> None:
        panel = self._panel
        listed = (tuple(panel.recipes), panel.settings.recipe, panel.no_recipes)
        if listed == self._shown:
            return
        self._shown = listed
        outdated = self._list.get_children()
        self._list.add(_Line(None, words.NO_RECIPE, "", panel.settings.recipe is None))
        if panel.no_recipes is not None:
            self._list.add(_teaching(panel.no_recipes))
        for recipe in panel.recipes:
            chosen = recipe.name == panel.settings.recipe
            self._list.add(_Line(recipe, recipe.title, recipe.said, chosen))
        self._list.show_all()
        if self._menu.get_visible():
            self._focus(len(outdated))
        # Not before: the menu closes when what has the focus goes.
        for child in outdated:
            child.destroy()

    def _focus(self, after: int = 0) -> None:
        """Goes to the entry that is chosen, of those after so many."""
        for line in self._list.get_children()[after:]:
            if isinstance(line, _Line) and line.chosen:
                self._list.select_row(line)
                line.grab_focus()


class _Line(Gtk.ListBoxRow):
    """One entry. One that cannot run can be gone to, so that its reason is read, and not chosen."""

    def __init__(self, recipe: RecipeRow | None, title: str, said: str, chosen: bool) -> None:
        super().__init__()
        self.name = recipe.name if recipe is not None else None
        self.chosen = chosen
        can = recipe is None or recipe.reason is None
        self.set_activatable(can)
        texts = column(0)
        texts.pack_start(label(title, bold=chosen), False, False, 0)
        if said:
            # Why one cannot run is worth a second line.
            below = label(said, small=True, dim=True) if can else _wrapped(said)
            texts.pack_start(below, False, False, 0)
        texts.set_property("margin", UNIT + 1)
        texts.set_sensitive(can)
        self.add(texts)
        state = "chosen" if chosen else "" if can else "cannot run"
        named(self, "; ".join(it for it in (title, said, state) if it), tip=False)
        if recipe is not None:
            tip = [recipe.about, recipe.reason, recipe.hint]
            self.set_tooltip_text("\n".join(it for it in tip if it) or None)


def _wrapped(text: str) -> Gtk.Label:
    """A small text of several lines, about as wide as the menu."""
    made = label(text, small=True, lines=4)
    made.set_width_chars(_LETTERS)
    made.set_max_width_chars(_LETTERS)
    return made


def _teaching(line: words.Line) -> Gtk.ListBoxRow:
    """What is said where there are no recipes."""
    texts = column(UNIT)
    for text in (line.text, line.hint):
        texts.pack_start(_wrapped(text), False, False, 0)
    texts.set_property("margin", UNIT + 1)
    made = Gtk.ListBoxRow(activatable=False, selectable=False)
    made.add(texts)
    named(made, f"{line.text}; {line.hint}", tip=False)
    return made
