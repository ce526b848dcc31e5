"""The words and numbers of the panel, the same in every editor. Sentence case on screens, a number
has its unit, and a failure says what happened, what was charged and what to do next.
"""

from __future__ import annotations

from typing import NamedTuple

from ..errors import EaselError
from ..protocol import Failure, Intent, Keep

#: Each intent with its label and what it does, in the order in which screens show them.
INTENTS: tuple[tuple[Intent, str, str], ...] = (
    ("restyle", "Restyle", "Another look, the same picture"),
    ("enhance", "Enhance", "Sharper, cleaner or larger, the same picture"),
    ("background", "Background", "Another background behind the same subject"),
    ("cutout", "Cut out", "The subject alone on transparency"),
    ("reimagine", "Reimagine", "A new picture that takes this one as its idea"),
    ("edit", "Edit", "One described change"),
    ("erase", "Erase", "Remove what the selection covers"),
    ("expand", "Expand", "Continue the picture beyond its borders"),
)

#: Each aspect that can be kept with its label.
KEEPS: tuple[tuple[Keep, str], ...] = (
    ("subject", "Subject"),
    ("pose", "Pose"),
    ("composition", "Composition"),
    ("colours", "Colours"),
    ("text", "Text"),
)

#: What stays unless somebody says otherwise.
KEPT_BY_DEFAULT: dict[Intent, tuple[Keep, ...]] = {
    "restyle": ("subject", "pose", "composition", "text"),
    "enhance": ("subject", "pose", "composition", "colours", "text"),
    "background": ("subject", "pose", "composition"),
    "cutout": ("subject", "pose", "composition", "colours", "text"),
    "reimagine": (),
    "edit": ("subject", "pose", "composition", "colours", "text"),
    "erase": ("subject", "pose", "composition", "colours", "text"),
    "expand": ("subject", "pose", "composition", "colours", "text"),
}

NO_DOCUMENT = "Open a picture, say what should change."
NO_RESULTS = "Select a layer, say what should change."
NO_RECIPE = "None: what is set below"
_CHARGED = {
    "yes": "It was charged.",
    "maybe": "It may have been charged.",
    "no": "Nothing was charged.",
}


class Line(NamedTuple):
    """What is said, where it happened: two lines at most."""

    #: `info`, `warning` or `error`.
    severity: str
    text: str
    hint: str = ""


def money(amount: float, currency: str) -> str:
    """`0.11 USD`; `free` where it costs nothing."""
    if not amount or not currency:
        return "free"
    decimals = 2 if amount >= 0.01 else 4
    return f"{amount:.{decimals}f} {currency}"


def duration(seconds: float) -> str:
    """`20 ms`, `0.8 s`, `12 s`, `2 min 5 s`."""
    if seconds < 0.1:
        return f"{max(1, round(1000 * seconds))} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def size(width: int, height: int) -> str:
    """`4096×4096`."""
    return f"{width}×{height}"


def several(number: int, one: str, more: str) -> str:
    """`1 step`, `3 steps`."""
    return f"{number} {one if number == 1 else more}"


def sentence(text: str) -> str:
    """A message of the daemon as a screen shows it: with a capital, without the marks of code."""
    plain = text.replace("`", "").strip()
    return plain[:1].upper() + plain[1:]


def failure_line(failure: EaselError | Failure) -> Line:
    """What went wrong in two lines: what happened; what was charged, and what to do."""
    error = failure if isinstance(failure, EaselError) else EaselError.from_failure(failure)
    said = [_CHARGED.get(error.charged or "", "")]
    if error.hint:
        hint = sentence(error.hint)
        said.append(hint if hint.endswith((".", "?")) else hint + ".")
    return Line("error", sentence(error.message), " ".join(part for part in said if part))


def shortened(text: str, length: int) -> str:
    """A text on one line, cut at a word where it is too long."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    head = cut.rsplit(" ", 1)[0]
    return (head if len(head) > length // 2 else cut).rstrip(" ,;:.") + "…"


def layer_name(label: str, said: str, number: int | None = None) -> str:
    """A result layer's name, made of the model and of what was asked."""
    name = f"{label}: {shortened(said, 48)}" if said else label
    return name if number is None else f"{name} ({number})"
