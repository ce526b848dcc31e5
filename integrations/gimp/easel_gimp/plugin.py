"""The plug-in as GIMP sees it: its procedures and its place in the menus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gi.repository import Gimp

from . import procedures

_MENU = "<Image>/Filters/Easel"
_PREFIX = procedures.PREFIX
#: What is in the menu: the name, its label and what it does.
_ENTRIES = {
    _PREFIX + "transform": ("_Transform…", "Opens the Easel window for this image"),
    _PREFIX + "repeat": ("_Repeat last", "Runs the last transform on the selected layer"),
    _PREFIX + "compare": ("_Compare…", "Opens the Easel window to compare several models"),
    _PREFIX + "recipe": ("Rec_ipe…", "Opens the Easel window to choose a recipe"),
    _PREFIX + "history": ("_History…", "Opens the Easel window at what was made before"),
}


class Easel(Gimp.PlugIn):
    """What GIMP asks and starts."""

    def do_set_i18n(self, name: str) -> bool:
        """There are no translations."""
        return False

    def do_query_procedures(self) -> list[str]:
        """Everything it can do."""
        return [*_ENTRIES, *procedures.names()]

    def do_create_procedure(self, name: str) -> Gimp.Procedure:
        """Describes one of them."""
        entry = _ENTRIES.get(name)
        if entry is None:
            return procedures.create(self, name)
        label, about = entry
        run = procedures.repeat if name == _PREFIX + "repeat" else self._show
        procedure = procedures.described(self, name, run, about, about)
        procedure.set_menu_label(label)
        procedure.add_menu_path(_MENU)
        return procedure

    def _show(
        self, procedure: Any, mode: Any, image: Any, drawables: Any, config: Any, data: Any
    ) -> Any:
        # Only here: without a window nothing of GTK is loaded.
        from . import application

        return application.show(self, procedure, mode, image)


def main(arguments: Sequence[str]) -> None:
    """Hands over to GIMP."""
    Gimp.main(Easel.__gtype__, list(arguments))
