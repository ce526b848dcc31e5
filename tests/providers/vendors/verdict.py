"""What a judge says, and what holds for every request whoever the vendor is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

#: The header that carries the key of each service.
KEY_HEADERS = {"gemini": "x-goog-api-key", "ark": "authorization", "bfl": "x-key"}


@dataclass(frozen=True)
class Verdict:
    """`ok`, `bad`, or `unjudged` where the vendor has no type; `why` is for people."""

    word: str
    why: tuple[str, ...] = ()

    @classmethod
    def of(cls, wrong: list[str], *notes: str) -> Verdict:
        """Bad when something is wrong, else ok with notes."""
        return cls("bad", tuple(wrong)) if wrong else cls("ok", notes)


def headers_of(request: Mapping[str, Any]) -> dict[str, str]:
    """Headers with lower-case names, from an object or from a list of pairs."""
    headers = request.get("headers") or {}
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return {name.lower(): value for name, value in pairs}


def wrong_headers(request: Mapping[str, Any]) -> Iterator[str]:
    """The key in its header and nowhere else, and a body that says it is JSON."""
    provider, headers = request["provider"], headers_of(request)
    for owner, name in KEY_HEADERS.items():
        if (name in headers) != (owner == provider):
            yield f"header `{name}` is {'missing' if owner == provider else 'of another service'}"
    if provider == "ark" and not str(headers.get("authorization", "")).startswith("Bearer "):
        yield "header `authorization` is not `Bearer KEY`"
    if "key=" in request["path"].partition("?")[2]:
        yield "the key is in the URL"
    if request["method"] == "POST":
        kind = str(headers.get("content-type", "")).partition(";")[0].strip().lower()
        if kind != "application/json":
            yield f"header `content-type` is `{kind}`, not `application/json`"


def sentences(error: ValidationError, inside: str = "") -> list[str]:
    """What pydantic found, a line each, without the values."""
    found = []
    for item in error.errors(include_url=False, include_input=False):
        place = ".".join(str(step) for step in item["loc"])
        found.append(f"{inside}{place}: {item['msg']}")
    return found


def unknown_keys(model: Any, place: str = "") -> Iterator[str]:
    """Keys that a model which allows anything took in without knowing them, at every level."""
    if isinstance(model, list):
        for index, item in enumerate(model):
            yield from unknown_keys(item, f"{place}[{index}]")
    elif hasattr(model, "model_fields_set"):
        for name in model.model_extra or {}:
            yield f"{place}.{name}: unknown to the vendor's type".lstrip(".")
        for name in type(model).model_fields:
            yield from unknown_keys(getattr(model, name), f"{place}.{name}")
