"""What Krita's menu and shortcuts call: Tools > Scripts, and Settings > Configure Krita >
Shortcuts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from krita import Extension, Krita

from .safe import safely

_MENU = "tools/scripts"
_ACTIONS = (
    ("easel_transform", "Easel: Transform", "transform"),
    ("easel_repeat", "Easel: Repeat the last transform", "repeat"),
    ("easel_show", "Easel: Show the panel", "raise_panel"),
)


class EaselExtension(Extension):
    """The actions of every window."""

    def __init__(self, parent: Any) -> None:
        super().__init__(parent)

    def setup(self) -> None:
        """Krita calls it once, before there is a window."""

    def createActions(self, window: Any) -> None:
        """Krita calls it for each window."""
        for id, label, method in _ACTIONS:
            action = window.createAction(id, label, _MENU)
            action.triggered.connect(safely(_call(window, method)))


def _call(window: Any, method: str) -> Callable[..., None]:
    def call(*_: Any) -> None:
        active = Krita.instance().activeWindow() or window
        for docker in active.dockers():
            if docker.objectName() == "easel":
                getattr(docker, method)()

    return call
