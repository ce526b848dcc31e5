"""Recipes: a menu of those that are at hand. A chosen one decides everything but the source, and a
line says what it does.
"""

from __future__ import annotations

from ..easel.panel import Panel, words
from ..qt import QMenu, QSizePolicy, Qt, QToolButton
from .parts import Section, Text, on

#: Beside a title there is only so much room for why one cannot run; a tooltip has all of it.
_LENGTH = 56


class RecipeView(Section):
    """Between the source and what is set."""

    def __init__(self, panel: Panel) -> None:
        super().__init__("Recipe")
        self._panel = panel
        self.button = QToolButton()
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.button.setMinimumHeight(28)
        self.menu = QMenu(self.button)
        self.menu.setToolTipsVisible(True)
        self.button.setMenu(self.menu)
        self.about = Text(dim=True, wrap=True)
        self.rows.addWidget(self.button)
        self.rows.addWidget(self.about)
        on(self.menu.aboutToShow, self._open)
        self.renew({"settings", "recipes"})

    def _open(self) -> None:
        self._fill()
        # Files come and go: what has changed is shown a moment later.
        self._panel.load_recipes()

    def renew(self, topics: set[str]) -> None:
        """Shows what is so now."""
        if not topics & {"settings", "recipes"}:
            return
        if "recipes" in topics and self.menu.isVisible():
            self._fill()
        recipe = self._panel.recipe
        title = recipe.title if recipe is not None else words.NO_RECIPE
        # Two marks are one on the screen; a title too long for the button is told by a tooltip.
        self.button.setText(words.shortened(title, 40).replace("&", "&&"))
        self.button.setToolTip(title)
        self.button.setAccessibleName(f"Recipe: {title}")
        said = ""
        if recipe is not None:
            said = recipe.about if recipe.reason is None else recipe.hint
        self.about.say(said)
        self.about.setVisible(bool(said))

    def _fill(self) -> None:
        panel, menu = self._panel, self.menu
        menu.clear()
        none = menu.addAction(words.NO_RECIPE)
        none.setCheckable(True)
        none.setChecked(panel.settings.recipe is None)
        on(none.triggered, lambda *_: panel.choose_recipe(None))
        menu.addSeparator()
        line = panel.no_recipes
        if line is not None:
            for text in (line.text, line.hint):
                menu.addAction(text.replace("&", "&&")).setEnabled(False)
        for recipe in panel.recipes:
            # What comes behind the tab stands in a column of its own.
            said = words.shortened(recipe.said, _LENGTH)
            entry = menu.addAction(f"{recipe.title}\t{said}".replace("&", "&&"))
            entry.setCheckable(True)
            entry.setChecked(recipe.name == panel.settings.recipe)
            entry.setEnabled(recipe.reason is None)
            tip = [recipe.about, recipe.reason, recipe.hint]
            entry.setToolTip("\n".join(it for it in tip if it))
            on(entry.triggered, lambda *_, name=recipe.name: panel.choose_recipe(name))
