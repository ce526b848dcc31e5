"""Scenarios: what should go wrong, named by a header, by a token in the prompt, or for the next
requests by `POST /_control`. A name may be sent to another stage: `poll.503:2`,
`file.truncated`."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .encode import PICTURE_FAULTS

STAGES = ("submit", "poll", "file", "list")
_TOKEN = re.compile(r"\[\[([^\[\]]+)\]\]")

#: Refused by the service's front; a first argument that is a number says how many times.
REFUSALS = ("400", "402", "403", "429", "500", "503", "504", "html502", "redirect")
#: What happens on the wire, after the work or in its place; the same holds for a number.
BROKEN_WIRES = (
    "stall",
    "stall-body",
    "reset",
    "reset-after",
    "reset-after-accept",
    "truncated",
    "cut-base64",
    "chunked-no-end",
    "gzip",
)
_EVERYWHERE = (
    *REFUSALS,
    *BROKEN_WIRES,
    *PICTURE_FAULTS,
    "latency",
    "hold",
    "huge",
    "unknown-fields",
    "unknown-enum",
    "partial",
    "retired",
)
#: Names that only one service knows.
OWN = {
    "gemini": (
        "blocked",
        "image_safety",
        "prohibited",
        "recitation",
        "text_only",
        "no_image",
        "max_tokens",
        "empty_content",
        "no_candidates",
    ),
    "ark": (
        "input_sensitive",
        "output_sensitive",
        "output_sensitive_partial",
        "partial_internal",
        "security_error",
        "overdue",
        "quota",
        "not_open",
        "closed",
        "empty_data",
        "expired",
        "expired-always",
        "sse-cut",
        "sse-crlf",
        "sse-comments",
        "sse-no-done",
        "sse-no-completed",
    ),
    "bfl": (
        "request_moderated",
        "content_moderated",
        "error",
        "ready_without_sample",
        "never_ready",
        "task_lost",
        "ready",
        "poll_202",
        "no_polling_url",
        "expired",
        "expired-always",
    ),
}
#: Their argument is a value of their own, never a number of times.
_VALUED = (
    "latency",
    "huge",
    "partial",
    "partial_internal",
    "output_sensitive_partial",
    "ready",
    "sse-cut",
    "redirect",
)


class UnknownScenario(ValueError):
    """A name that this service does not know: a mistake of the test."""


@dataclass(frozen=True)
class Scene:
    """One scenario, ready to be played."""

    stage: str
    name: str
    arguments: tuple[str, ...]
    text: str

    @property
    def times(self) -> int | None:
        """How many times it happens; `None` is always."""
        if self.name in _VALUED or not self.arguments or not self.arguments[0].isdigit():
            return None
        return int(self.arguments[0])

    def number(self, default: float) -> float:
        """The argument of a scenario that takes one."""
        try:
            return float(self.arguments[0])
        except (IndexError, ValueError):
            return default

    @property
    def options(self) -> dict[str, str]:
        """The arguments that are words: `retry-after=1`, `per-day`."""
        words = [word for word in self.arguments if not word.isdigit()]
        return {key: value for key, _, value in (word.partition("=") for word in words)}


def parse(text: str, provider: str, stage: str = "submit") -> Scene:
    """Reads `name`, `name:argument` or `stage.name:argument`."""
    head, colon, rest = text.strip().partition(":")
    prefix, dot, name = head.partition(".")
    if dot and prefix in STAGES:
        stage = prefix
    else:
        name = head
    if name not in _EVERYWHERE and name not in OWN[provider]:
        raise UnknownScenario(f"the simulator of {provider} has no scenario `{name}`")
    if not colon:
        arguments: tuple[str, ...] = ()
    else:
        arguments = (rest,) if name == "redirect" else tuple(re.split("[:,]", rest))
    return Scene(stage, name, arguments, text.strip())


def tokens(prompt: str) -> list[str]:
    """The texts between double brackets."""
    return _TOKEN.findall(prompt)


def without_tokens(prompt: str) -> str:
    return _TOKEN.sub(" ", prompt)


class Scenarios:
    """Who plays what: the queue of `/_control` and how often each scenario was played."""

    def __init__(self, provider: str) -> None:
        self.provider = provider
        self._lock = threading.Lock()
        self._queue: list[tuple[Scene, int]] = []
        self._played: Counter[tuple[str, str]] = Counter()
        self._counted: Counter[str] = Counter()

    def control(self, body: Any) -> dict[str, Any]:
        """Queues or clears; the answer lists what is queued."""
        if not isinstance(body, dict):
            raise UnknownScenario("the body must be an object")
        times = body.get("times", 1)
        with self._lock:
            if times == 0:
                self._queue.clear()
            else:
                self._queue.append((parse(str(body.get("scenario")), self.provider), int(times)))
            return {"queued": [[scene.text, left] for scene, left in self._queue]}

    def active(
        self, stage: str, header: Iterable[str], prompt: str, key: str
    ) -> tuple[list[Scene], list[Scene]]:
        """The scenes of this request, and those that its prompt and header keep for later stages.
        `key` tells apart what a scenario with a number of times counts on its own."""
        texts = [(parse(text, self.provider, stage), key) for text in header]
        texts += [(parse(text, self.provider), key) for text in tokens(prompt)]
        with self._lock:
            now = self._from_queue(stage)
            for scene, counted in texts:
                if scene.stage == stage and self._again(scene, counted):
                    now.append(scene)
        return now, [scene for scene, _ in texts if scene.stage != stage]

    def again(self, scene: Scene, key: str) -> bool:
        """Whether a scene with a number of times has one left; counts it."""
        with self._lock:
            return self._again(scene, key)

    def count(self, key: str) -> int:
        """1, 2, 3 … for the same key: which picture of a set this is."""
        with self._lock:
            self._counted[key] += 1
            return self._counted[key]

    def _again(self, scene: Scene, key: str) -> bool:
        if scene.times is None:
            return True
        self._played[(scene.text, key)] += 1
        return self._played[(scene.text, key)] <= scene.times

    def _from_queue(self, stage: str) -> list[Scene]:
        now, kept = [], []
        for scene, left in self._queue:
            if scene.stage == stage:
                now.append(scene)
                left -= 1
            if left > 0:
                kept.append((scene, left))
        self._queue = kept
        return now


def named(scenes: Iterable[Scene], *names: str) -> Scene | None:
    """The first scene with one of the names."""
    return next((scene for scene in scenes if scene.name in names), None)
