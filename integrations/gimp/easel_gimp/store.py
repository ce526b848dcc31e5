"""What the plug-in keeps between sessions: the settings of the panel and the place of its window,
as one JSON file in GIMP's own folder. No secret is among them.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from easel.panel import Settings
from gi.repository import Gimp


def path() -> Path:
    """The file."""
    return Path(Gimp.directory()) / "easel.json"


def load() -> tuple[Settings, dict[str, Any]]:
    """The settings, and what the window keeps; defaults where there is nothing to be read."""
    try:
        content = json.loads(path().read_bytes())
    except (OSError, ValueError):
        content = {}
    if not isinstance(content, dict):
        content = {}
    window = content.get("window")
    kept = window if isinstance(window, dict) else {}
    return Settings.from_json(content.get("settings")), kept


def save(settings: Settings, window: dict[str, Any]) -> None:
    """Writes both at once, or nothing: a crash leaves the file that was there."""
    content = json.dumps({"settings": settings.to_json(), "window": window}, indent=1)
    target = path()
    beside = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        beside.write_text(content, encoding="utf-8")
        os.replace(beside, target)
    except OSError:
        # A folder that cannot be written costs the memory of the settings, and nothing else.
        beside.unlink(missing_ok=True)
