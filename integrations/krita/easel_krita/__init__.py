"""Easel in Krita: changes the pictures that are open, with models that run on this machine or
elsewhere. The daemon does the work; this shows a docker, reads layers and places results.

Nothing here may keep Krita from starting: what goes wrong is printed, and the docker is missing.
"""

from __future__ import annotations

import sys
import traceback


def _register() -> None:
    from krita import DockWidgetFactory, DockWidgetFactoryBase, Krita

    from .actions import EaselExtension
    from .ui.docker import EaselDocker

    krita = Krita.instance()
    krita.addExtension(EaselExtension(krita))
    krita.addDockWidgetFactory(
        DockWidgetFactory("easel", DockWidgetFactoryBase.DockPosition.DockRight, EaselDocker)
    )


try:
    _register()
except Exception:
    traceback.print_exc(file=sys.stderr)
