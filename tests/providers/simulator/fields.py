"""Strict reading of JSON by a table of fields: every unknown name, wrong type, missing value and
value out of range becomes a `Problem`, which each service words in its own way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Field:
    """What one value may be. `kind` is string, int, number, bool, object, list or picture."""

    kind: str
    required: bool = False
    choices: tuple[Any, ...] = ()
    low: float | None = None
    high: float | None = None
    #: The members of an object.
    members: Mapping[str, Field] = field(default_factory=dict)
    #: What a list holds.
    item: Field | None = None
    nullable: bool = False


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `kind` is unknown, missing, type, choice or range."""

    kind: str
    path: Path
    value: Any
    expected: str


def string(**more: Any) -> Field:
    return Field("string", **more)


def integer(low: float | None = None, high: float | None = None, **more: Any) -> Field:
    return Field("int", low=low, high=high, **more)


def number(low: float | None = None, high: float | None = None, **more: Any) -> Field:
    return Field("number", low=low, high=high, **more)


def boolean(**more: Any) -> Field:
    return Field("bool", **more)


def one_of(*choices: Any, **more: Any) -> Field:
    return Field("string", choices=choices, **more)


def record(members: Mapping[str, Field], **more: Any) -> Field:
    return Field("object", members=members, **more)


def array(item: Field, **more: Any) -> Field:
    return Field("list", item=item, **more)


def camel(name: str) -> str:
    """`image_size` as `imageSize`; a name that is camel already stays."""
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def normalized(value: Any) -> Any:
    """The same JSON with every name in camel case: Google's reader takes both spellings."""
    if isinstance(value, dict):
        return {camel(name): normalized(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [normalized(inner) for inner in value]
    return value


def problems(value: Any, rule: Field, path: Path = ()) -> Iterator[Problem]:
    """Everything that is wrong with `value`, in the order of the text."""
    if value is None and rule.nullable:
        return
    if not _has_type(value, rule.kind):
        yield Problem("type", path, value, rule.kind)
        return
    if rule.choices and value not in rule.choices:
        yield Problem("choice", path, value, ", ".join(map(str, rule.choices)))
    if rule.kind in ("int", "number"):
        if rule.low is not None and value < rule.low:
            yield Problem("range", path, value, f"greater than or equal to {rule.low:g}")
        if rule.high is not None and value > rule.high:
            yield Problem("range", path, value, f"less than or equal to {rule.high:g}")
    if rule.kind == "object":
        for name, inner in value.items():
            if name not in rule.members:
                yield Problem("unknown", (*path, name), inner, "")
            else:
                yield from problems(inner, rule.members[name], (*path, name))
        for name, member in rule.members.items():
            if member.required and name not in value:
                yield Problem("missing", (*path, name), None, "")
    if rule.kind == "list" and rule.item is not None:
        for index, inner in enumerate(value):
            yield from problems(inner, rule.item, (*path, index))


def _has_type(value: Any, kind: str) -> bool:
    match kind:
        case "string" | "picture":
            return isinstance(value, str)
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "bool":
            return isinstance(value, bool)
        case "object":
            return isinstance(value, dict)
        case "list":
            return isinstance(value, list)
    raise ValueError(kind)


def dotted(path: Path) -> str:
    """`generation_config.parts[0]` out of the steps of a path."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
