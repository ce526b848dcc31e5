"""Drives Easel's docker inside the real Krita as a person would, and writes down what it saw.

`EASEL_E2E` names the case, `EASEL_E2E_OUT` the folder for `<case>.json` and the screenshots,
`EASEL_E2E_DATA` the folder with the photographs. Without the first, this does nothing.
"""

import os
import sys
from pathlib import Path

if os.environ.get("EASEL_E2E"):
    # What the tests of all editors share lies beside this folder, which is linked to.
    sys.path.append(str(Path(__file__).resolve().parents[2]))
    from .drive import begin

    begin(os.environ["EASEL_E2E"])
