"""Opens the window, once: as long as it is open, the plug-in answers a procedure that brings it to
the front, and every further call of the menu uses that.
"""

from __future__ import annotations

from typing import Any

import gi
from easel.errors import EaselError
from easel.flows import Session
from easel.panel import Panel
from gi.repository import Gimp, GLib, GObject

from . import loop, procedures, store

#: There while the window is open, and answered by its process.
_FRONT = procedures.PREFIX + "front"
_READWRITE = GObject.ParamFlags.READWRITE


def show(
    plugin: Gimp.PlugIn, procedure: Gimp.Procedure, mode: Gimp.RunMode, image: Gimp.Image | None
) -> Gimp.ValueArray:
    """Brings the window to the front, or opens it and stays until it is closed."""
    if mode == Gimp.RunMode.NONINTERACTIVE:
        hint = f"for scripts there are `{procedures.PREFIX}restyle` and the like"
        error = EaselError("unsupported", f"`{procedure.get_name()}` opens a window", hint)
        return procedures.failed(procedure, error)
    what = procedure.get_name()[len(procedures.PREFIX) :]
    if not _front(what, image):
        _open(plugin, what, image)
    return procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, None)


def _front(what: str, image: Gimp.Image | None) -> bool:
    """Asks the window that is open; `False` where there is none."""
    found = Gimp.get_pdb().lookup_procedure(_FRONT)
    if found is None:
        return False
    config = found.create_config()
    config.set_property("what", what)
    config.set_property("image", image.get_id() if image is not None else -1)
    return found.run(config).index(0) == Gimp.PDBStatusType.SUCCESS


def _open(plugin: Gimp.PlugIn, what: str, image: Gimp.Image | None) -> None:
    gi.require_version("Gtk", "3.0")
    gi.require_version("GimpUi", "3.0")
    from gi.repository import GimpUi, Gtk

    GimpUi.init("easel-gimp")
    from .editor import GimpEditor
    from .ui.widgets import from_rows
    from .window import EaselWindow

    settings, kept = store.load()
    session = Session()
    editor = GimpEditor(image, from_rows)
    panel = Panel(editor, loop.driver(session), session, settings)
    window = EaselWindow(panel, editor, kept)
    window.connect("destroy", lambda _: Gtk.main_quit())

    def front(procedure: Any, config: Any, data: Any) -> Any:
        id = config.get_property("image")
        chosen = Gimp.Image.get_by_id(id) if id >= 0 and Gimp.Image.id_is_valid(id) else None
        # GIMP waits for the answer: the window looks at the image after it.
        GLib.idle_add(lambda: bool(window.target(config.get_property("what"), chosen)))
        return procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, None)

    answers = Gimp.Procedure.new(plugin, _FRONT, Gimp.PDBProcType.TEMPORARY, front, None)
    answers.set_documentation("Brings the Easel window to the front", "For Easel itself", _FRONT)
    answers.add_string_argument("what", "What", "What is wanted of it", "transform", _READWRITE)
    answers.add_int_argument("image", "Image", "The image's number", -1, 2**31 - 1, -1, _READWRITE)
    plugin.add_temp_procedure(answers)
    plugin.persistent_enable()
    window.show()
    window.target(what, image)
    panel.open()
    panel.refresh()
    Gtk.main()
    plugin.remove_temp_procedure(_FRONT)
