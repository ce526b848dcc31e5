"""arkruntime as the judge of Seedream. Its types allow anything, so unknown keys are looked for
here. Only its modules of types are imported: its client wants hundreds of megabytes of other
SDKs."""

from __future__ import annotations

import importlib.util
import json
import sys
import types
from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from .verdict import Verdict, sentences, unknown_keys, wrong_headers

PATH = "/api/v3/images/generations"


def _shell() -> None:
    """Registers the package without running its `__init__`, which imports the client."""
    if "arkruntime" in sys.modules:
        return
    spec = importlib.util.find_spec("arkruntime")
    if spec is None or spec.submodule_search_locations is None:
        raise ModuleNotFoundError("arkruntime is not installed")
    package = types.ModuleType("arkruntime")
    package.__path__ = list(spec.submodule_search_locations)
    sys.modules["arkruntime"] = package


_shell()

from arkruntime.types import images  # noqa: E402
from arkruntime.types.images import (  # noqa: E402
    CreateImageGenerationRequestParam,
    OptimizePromptOptionsParam,
    SequentialImageGenerationOptionsParam,
    ToolParam,
)

for _record in (
    CreateImageGenerationRequestParam,
    OptimizePromptOptionsParam,
    SequentialImageGenerationOptionsParam,
    ToolParam,
):
    _record.__pydantic_config__ = ConfigDict(extra="forbid", strict=True)

_REQUEST = TypeAdapter(CreateImageGenerationRequestParam)


def judge(request: Mapping[str, Any]) -> Verdict:
    """The verdict on one request."""
    wrong = list(wrong_headers(request))
    if (request["method"], request["path"]) != ("POST", PATH):
        wrong.append(f"no such route: {request['method']} {request['path']}")
    body = request.get("body")
    if body in (None, {}):
        # Asks only whether the key is right: refused for its missing model, never billed.
        return Verdict.of(wrong, "an empty request")
    try:
        _REQUEST.validate_json(json.dumps(body))
    except ValidationError as error:
        wrong += sentences(error)
    return Verdict.of(wrong)


def judge_response(body: Any) -> Verdict:
    """Whether a whole answer has only what the SDK's type knows."""
    return _read(images.ImageGenerationResponse, body)


def judge_event(body: Any) -> Verdict:
    """The same for one event of a stream."""
    return _read(images.ImageGenerationStreamEvent, body)


def judge_error(body: Any) -> Verdict:
    """Whether an error has what the SDK's own error reads: code, message, param, type."""
    error = body.get("error")
    if not isinstance(error, dict):
        return Verdict.of(["error: missing"])
    names = ("code", "message", "param", "type")
    wrong = [f"error.{name}: missing" for name in names if not isinstance(error.get(name), str)]
    return Verdict.of(wrong + [f"error.{name}: unknown" for name in error if name not in names])


def _read(kind: Any, body: Any) -> Verdict:
    try:
        read = kind.model_validate_json(json.dumps(body), strict=True)
    except ValidationError as error:
        return Verdict.of(sentences(error))
    return Verdict.of(list(unknown_keys(read)))


def events(stream: bytes) -> list[Any]:
    """The events of a stream, cut by the SDK's own reader."""
    from arkruntime._streaming import SSEDecoder

    found = SSEDecoder().iter_bytes(iter([stream]))
    return [json.loads(event.data) for event in found if event.data not in ("", "[DONE]")]
