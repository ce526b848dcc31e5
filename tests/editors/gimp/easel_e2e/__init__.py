"""Drives Easel's plug-in inside the real GIMP, and writes down what it saw. GIMP runs it as a
batch:

    gimp-console -i -d -f --batch-interpreter=python-fu-eval -b "import sys; \\
        sys.path.insert(0, '<this folder's parent>'); import easel_e2e; easel_e2e.main()" --quit

`EASEL_E2E` names the case, or several with commas between them, `EASEL_E2E_OUT` the folder for
`<case>.json` and the screenshots, `EASEL_E2E_DATA` the folder with the photographs. A case that
fails ends GIMP with the code 64.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from pathlib import Path


def main() -> None:
    """Runs the cases that the environment names."""
    from gi.repository import Gimp

    # What the tests of all editors share.
    sys.path.append(str(Path(__file__).resolve().parents[2]))
    # The plug-in's own modules, from where GIMP finds them.
    for folder in Gimp.directory(), *sys.path:
        plugin = Path(folder) / "plug-ins" / "easel-gimp"
        if plugin.is_dir():
            sys.path.insert(1, str(plugin))
            break
    for case in os.environ["EASEL_E2E"].split(","):
        _run(case)


def _run(case: str) -> None:
    from gi.repository import Gimp

    from .report import Report

    report = Report(case, Path(os.environ["EASEL_E2E_OUT"]))
    try:
        importlib.import_module(f"{__name__}.case_{case}").case(report)
    except BaseException:
        report.error = traceback.format_exc()
        if os.environ.get("DISPLAY"):
            from . import screen

            screen.shot(report, f"{case}-failed")
        raise
    finally:
        report.write()
        for image in Gimp.get_images():
            # GIMP would ask whether to save it, or complain that it was left.
            image.clean_all()
