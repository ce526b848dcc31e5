"""Golden answers: what the simulators say, fetched from them and read by the vendors' types."""

from __future__ import annotations

from collections.abc import Iterator

from harness import ARK, GEMINI, PRO, Running, ark, ark_set, flat, flux, gemini

from . import ark as ark_judge
from . import blackforest, google
from .verdict import Verdict

_SMALL = flat((120, 80, 40), 64, 64)
_GEMINI_ANSWERS = (
    "a plain one",
    "[[blocked]]",
    "[[image_safety]]",
    "[[prohibited]]",
    "[[recitation]]",
    "[[no_image]]",
    "[[max_tokens]]",
    "[[text_only]]",
    "[[empty_content]]",
    "[[no_candidates]]",
)
_ERRORS = ("429:retryinfo=0.5s", "429:none", "402", "403", "500", "503", "504", "retired")
_ARK_ERRORS = (*_ERRORS, "input_sensitive", "output_sensitive", "security_error", "quota")

Golden = Iterator[tuple[str, Verdict]]


def verdicts() -> Golden:
    """Every golden answer with its verdict."""
    for provider, judged in (("gemini", _gemini), ("ark", _ark), ("bfl", _bfl)):
        simulator = Running(provider)
        try:
            for name, verdict in judged(simulator):
                yield f"{provider}: {name}", verdict
        finally:
            simulator.stop()


def _gemini(simulator: Running) -> Golden:
    for prompt in _GEMINI_ANSWERS:
        yield prompt, google.judge_response(simulator.post(GEMINI, gemini(prompt, _SMALL)).json)
    for name in _ERRORS:
        answer = simulator.post(GEMINI, gemini(f"[[{name}]]", _SMALL))
        yield name, google.judge_error(answer.status, answer.json)
    bad = simulator.ask("POST", GEMINI, {}, {"x-goog-api-key": "other"})
    yield "bad key", google.judge_error(bad.status, bad.json)
    yield "models", google.judge_models(simulator.ask("GET", "/v1beta/models").json)


def _ark(simulator: Running) -> Golden:
    bodies = {
        "base64": ark("one", _SMALL),
        "url": ark("one", _SMALL, response_format="url"),
        "a set with a failure": ark_set("[[partial:2]] three images", 3, _SMALL),
        "nothing came": ark("[[output_sensitive_partial:1]]", _SMALL),
    }
    for name, body in bodies.items():
        yield name, ark_judge.judge_response(simulator.post(ARK, body).json)
    for fault in ("", "[[sse-crlf]]", "[[sse-comments]]"):
        body = ark_set(f"{fault} [[partial:2]] three images", 3, _SMALL, stream=True)
        for event in ark_judge.events(simulator.post(ARK, body).body):
            yield f"stream {fault} {event['type']}", ark_judge.judge_event(event)
    for name in _ARK_ERRORS:
        answer = simulator.post(ARK, ark(f"[[{name}]]", _SMALL))
        yield name, ark_judge.judge_error(answer.json)


def _bfl(simulator: Running) -> Golden:
    for target in (PRO, "/v1/flux-kontext-pro"):
        answer = simulator.post(target, flux("one", _SMALL))
        yield f"submit {target}", blackforest.judge_submitted(answer.json)
    reason = "blackforest has no type for a poll"
    yield "poll", Verdict("unjudged", (reason,))
