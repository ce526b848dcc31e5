"""BFL's error bodies: `detail` with a text, or with a list in the manner of FastAPI."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .call import Reply, html_reply, json_reply, redirect_reply, retry_after
from .fields import Problem
from .scenarios import Scene

_NAMES = {
    "string": "string",
    "picture": "string",
    "int": "int",
    "number": "float",
    "bool": "bool",
    "object": "dict",
    "list": "list",
}


def detail(status: int, text: str, headers: dict[str, str] | None = None) -> Reply:
    return json_reply(status, {"detail": text}, headers)


def bad_key() -> Reply:
    return detail(403, "Not authenticated - Invalid Authentication")


def value(place: str, why: str, given: Any = None) -> Reply:
    """One value that breaks a rule."""
    one = {"type": "value_error", "loc": ["body", place], "msg": f"Value error, {why}"}
    return json_reply(422, {"detail": [{**one, "input": given}]})


def fields(wrong: Sequence[Problem]) -> Reply:
    return json_reply(422, {"detail": [_item(problem) for problem in wrong]})


def _item(problem: Problem) -> dict[str, Any]:
    name = _NAMES.get(problem.expected, problem.expected)
    kind, text = {
        "unknown": ("extra_forbidden", "Extra inputs are not permitted"),
        "missing": ("missing", "Field required"),
        "type": (f"{name}_type", f"Input should be a valid {name}"),
        "choice": ("enum", f"Input should be {problem.expected}"),
    }.get(problem.kind, ("range", f"Input should be {problem.expected}"))
    given = problem.value if len(str(problem.value)) < 100 else str(problem.value)[:100]
    return {"type": kind, "loc": ["body", *problem.path], "msg": text, "input": given}


def refusal(scene: Scene) -> Reply:
    """The answer of a scenario that refuses."""
    match scene.name:
        case "429":
            return _too_many(scene)
        case "402":
            return detail(402, "Insufficient credits. Please add credits at https://api.bfl.ai.")
        case "403":
            return bad_key()
        case "500" | "503" | "504":
            text = "The service is temporarily unavailable"
            return json_reply(int(scene.name), {"error": "internal_error", "message": text})
        case "html502":
            return html_reply(502, "502 Bad Gateway")
        case "redirect":
            return redirect_reply(scene)
        case "retired":
            return detail(404, "Not Found")
    return detail(400, "Bad Request")


def _too_many(scene: Scene) -> Reply:
    """The three documented shapes: with `retry_after` in the body, with a header, and bare."""
    options = scene.options
    if options.keys() & {"per-day", "limit-0"}:
        return detail(429, "Your organization has reached its limit for today")
    if seconds := options.get("retryinfo"):
        body = {"error": "rate_limit_exceeded", "message": "Too many requests"}
        return json_reply(429, {**body, "retry_after": float(seconds.rstrip("s"))})
    return detail(429, "Too many requests", retry_after(scene))
