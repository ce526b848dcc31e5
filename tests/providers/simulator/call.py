"""A request as the services see it, an answer as the wire gets it, and what every service can
do."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import Message
from email.utils import formatdate
from math import ceil
from time import time
from typing import Any, Protocol

from .encode import PICTURE_FAULTS, Encoded
from .scenarios import Scene, named


@dataclass
class Call:
    """One request, read and logged."""

    number: int
    method: str
    path: str
    query: dict[str, str]
    headers: Message
    raw_bytes: int
    #: The JSON of the body; `None` when there is none or it cannot be read.
    body: Any
    malformed: str | None
    prompt: str
    seed: str
    #: The scenes of this request, and those that wait for later stages.
    scenes: list[Scene] = field(default_factory=list)
    later: list[Scene] = field(default_factory=list)

    def scene(self, *names: str) -> Scene | None:
        return named(self.scenes, *names)

    def has(self, *names: str) -> bool:
        return self.scene(*names) is not None

    @property
    def picture_faults(self) -> set[str]:
        return {scene.name for scene in self.scenes if scene.name in PICTURE_FAULTS}

    @property
    def request_id(self) -> str:
        return f"simulated-{self.number:06}"


@dataclass
class Reply:
    """One answer. With `events` it is a stream of server-sent events."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    events: list[bytes] | None = None
    #: More for the second line of the log.
    note: dict[str, Any] = field(default_factory=dict)


class Service(Protocol):
    """One simulated service."""

    name: str

    def stage(self, method: str, path: str) -> str:
        """`submit` for what is paid for, else `poll` or `list`."""

    def words(self, body: Any) -> tuple[str, str]:
        """The prompt and the seed of a body that may be anything."""

    def kept(self, method: str, path: str, query: dict[str, str]) -> Sequence[Scene]:
        """Scenes that an earlier request left for this one."""

    def unauthorized(self, call: Call) -> Reply | None:
        """The refusal of a missing or a wrong key."""

    def refuse(self, scene: Scene, call: Call) -> Reply:
        """The answer of a scenario that refuses."""

    def answer(self, call: Call) -> Reply:
        """The answer of a request with the right key."""


def json_reply(status: int, value: Any, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, json.dumps(value).encode(), headers=headers or {})


def html_reply(status: int, title: str) -> Reply:
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
    return Reply(status, page.encode(), "text/html; charset=utf-8")


def redirect_reply(scene: Scene) -> Reply:
    return Reply(302, b"", "text/plain", {"Location": scene.arguments[0]})


def base64_of(encoded: Encoded, scenes: Sequence[Scene]) -> str:
    """The picture in base64, cut in the middle where the scenario says so."""
    text = base64.b64encode(encoded.data).decode()
    if named(scenes, "cut-base64"):
        return text[: len(text) // 8 * 4 + 1]
    return text


def enriched(value: Any) -> Any:
    """The same answer from a newer service: every object has a field that nobody knows."""
    if isinstance(value, dict):
        more = {name: enriched(inner) for name, inner in value.items()}
        return {**more, "addedLater": {"level": 1, "names": ["a", "b"]}}
    if isinstance(value, list):
        return [enriched(inner) for inner in value]
    return value


def retry_after(scene: Scene) -> dict[str, str]:
    """The header that a scenario of 429 asks for: seconds, a date, or none."""
    options = scene.options
    if "retry-after" in options:
        return {"Retry-After": options["retry-after"] or "1"}
    if "http-date" in options:
        # A date has whole seconds: rounding up keeps the wait from being shorter than asked.
        return {
            "Retry-After": formatdate(ceil(time() + float(options["http-date"] or 1)), usegmt=True)
        }
    return {}
