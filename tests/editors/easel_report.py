"""What a case saw inside an editor, in the same words for every one of them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any


class Report:
    """The steps and figures of a case."""

    def __init__(self, case: str, out: Path, editor: str, version: str) -> None:
        self.case, self.out = case, out
        self.steps: list[dict[str, Any]] = []
        self.figures: dict[str, Any] = {}
        self.error: str | None = None
        self._about = {editor: version}
        self._began = time.perf_counter()

    def check(self, what: str, holds: Any, seen: Any = None) -> None:
        """Notes a step; one that does not hold ends the case."""
        step: dict[str, Any] = {"step": what, "ok": bool(holds)}
        step["at"] = round(time.perf_counter() - self._began, 2)
        if seen is not None:
            step["seen"] = seen if isinstance(seen, (int, float, str, list, dict)) else repr(seen)
        self.steps.append(step)
        if not holds:
            raise AssertionError(f"{what}: saw {seen!r}")

    def write(self) -> None:
        """Writes it down."""
        result = {
            "case": self.case,
            "ok": self.error is None,
            **self._about,
            "seconds": round(time.perf_counter() - self._began, 2),
            "steps": self.steps,
            "figures": self.figures,
        }
        if self.error is not None:
            result["error"] = self.error
        path = self.out / f"{self.case}.json"
        path.write_text(json.dumps(result, indent=1, default=repr), encoding="utf-8")
