"""A fault of this plugin must cost nobody a picture: what Qt or Krita calls goes through `safely`,
which reports what it raises instead of letting it through to the editor.
"""

from __future__ import annotations

import functools
import sys
import traceback
from collections.abc import Callable
from typing import Any

#: Where faults are shown; a traceback goes to the standard error output in any case.
report: Callable[[str], None] | None = None
#: How many there were.
faults = 0


def fault(error: BaseException) -> None:
    """Says what happened, where somebody may see it."""
    global faults
    faults += 1
    traceback.print_exception(type(error), error, error.__traceback__, file=sys.stderr)
    if report is not None:
        try:
            report(f"{type(error).__name__}: {error}")
        except Exception:
            traceback.print_exc(file=sys.stderr)


def safely(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, without what it raises."""

    @functools.wraps(function)
    def guarded(*values: Any, **named: Any) -> Any:
        try:
            return function(*values, **named)
        except Exception as error:
            fault(error)
            return None

    return guarded
