"""The panel of an integration without its toolkit: `Panel` is the behaviour, `Editor` and `Driver`
are what an integration implements.
"""

from .controller import Panel
from .editor import Driver, Editor, Layer, Placement, Rows, Running, Sight, Source
from .models import Controls, ModelRow
from .prices import Button
from .recipe_rows import RecipeRow
from .recipe_run import RecipeRun
from .results import Result
from .run import JobLine, Run
from .settings import Reference, Settings
from .threads import ThreadDriver

__all__ = [
    "Button",
    "Controls",
    "Driver",
    "Editor",
    "JobLine",
    "Layer",
    "ModelRow",
    "Panel",
    "Placement",
    "RecipeRow",
    "RecipeRun",
    "Reference",
    "Result",
    "Rows",
    "Run",
    "Running",
    "Settings",
    "Sight",
    "Source",
    "ThreadDriver",
]
