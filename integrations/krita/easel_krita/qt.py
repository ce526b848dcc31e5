"""Qt as this Krita has it: PyQt5 in Krita 5, PyQt6 in Krita 6. The other one may be installed too,
and loading it would end the program, so it is asked for by Krita's version. Enums are named with
their scope everywhere: both understand that.
"""

# ruff: noqa: F403

from __future__ import annotations

from typing import TYPE_CHECKING

from krita import Krita

#: The major version of Qt, which has been that of Krita since Krita 5.
QT = 6 if int(Krita.instance().version().split(".")[0]) >= 6 else 5

if TYPE_CHECKING or QT == 6:
    from PyQt6.QtCore import *
    from PyQt6.QtGui import *
    from PyQt6.QtNetwork import *
    from PyQt6.QtWidgets import *
else:
    from PyQt5.QtCore import *
    from PyQt5.QtGui import *
    from PyQt5.QtNetwork import *
    from PyQt5.QtWidgets import *
