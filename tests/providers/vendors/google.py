"""google-genai as the judge of Gemini: its types read our request, its own converter writes the
request anew, and both must be the same, so that a misplaced field shows as well as a misspelt
one."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from google import genai
from google.genai import _common, errors, models, types
from pydantic import BaseModel, ValidationError

from simulator.fields import normalized

from .verdict import Verdict, sentences, wrong_headers

_GENERATE = re.compile(r"/(v1|v1beta)/models/([^/:]+):generateContent")
_LIST = re.compile(r"/(v1|v1beta)/models(/[^/:]+)?")
#: Beside `generationConfig` on the wire, inside the SDK's one config.
_BESIDE = ("systemInstruction", "safetySettings", "tools", "toolConfig", "cachedContent")
_URL_SAFE = str.maketrans("+/", "-_")
_BYTES = ("data", "thoughtSignature")


def judge(request: Mapping[str, Any]) -> Verdict:
    """The verdict on one request."""
    wrong = list(wrong_headers(request))
    path, body = request["path"].partition("?")[0], request.get("body")
    if request["method"] == "GET":
        if not _LIST.fullmatch(path):
            wrong.append(f"no such path: {path}")
        return Verdict.of(wrong, "has no body")
    found = _GENERATE.fullmatch(path)
    if found is None:
        wrong.append(f"no such path: {path}")
    if not isinstance(body, dict):
        return Verdict.of([*wrong, "the body is no object"])
    if wrong or found is None:
        return Verdict.of(wrong)
    return Verdict.of(_wrong_body(body, found[2]))


def _wrong_body(body: dict[str, Any], model: str) -> list[str]:
    body = _url_safe(body)
    known = ("contents", "generationConfig", *_BESIDE)
    unknown = [f"{name}: no such field at the top" for name in body if name not in known]
    if unknown:
        return unknown
    contents: list[Any] = []
    wrong: list[str] = []
    for index, content in enumerate(body.get("contents", [])):
        read = _read(types.Content, content, f"contents.{index}.", wrong)
        contents.append(read)
    config = dict(body.get("generationConfig", {}))
    misplaced = [
        f"generationConfig.{name}: belongs beside it" for name in config if name in _BESIDE
    ]
    config |= {name: body[name] for name in _BESIDE if name in body}
    read = _read(types.GenerateContentConfig, config, "generationConfig.", wrong)
    if wrong or misplaced:
        return wrong + misplaced
    try:
        again = _written(model, contents, read)
    except ValueError as error:
        return [str(error)]
    # The SDK leaves some names in snake case; the service reads both, and ours are in camel case.
    if not list(_differences(body, again)):
        return []
    return list(_differences(body, normalized(again)))


def _read(kind: type[BaseModel], value: Any, place: str, wrong: list[str]) -> Any:
    """Reads strictly. An unknown value of an enum is only a warning to the SDK, not to us."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return kind.model_validate_json(json.dumps(value), strict=True)
        except ValidationError as error:
            wrong += sentences(error, place)
        except Warning as warning:
            wrong.append(f"{place}: {warning}")
    return None


def _written(model: str, contents: list[Any], config: Any) -> dict[str, Any]:
    """The body that the SDK itself would send."""
    client = genai.Client(api_key="unused")
    parameters = types._GenerateContentParameters(model=model, contents=contents, config=config)
    written = models._GenerateContentParameters_to_mldev(
        client._api_client, parameters, None, parameters
    )
    plain = _common.encode_unserializable_types(_common.convert_to_dict(written))
    plain.pop("_url", None)
    plain.pop("config", None)
    again: dict[str, Any] = _url_safe(json.loads(json.dumps(plain)))
    return again


def _url_safe(value: Any, name: str = "") -> Any:
    """Bytes in the one alphabet of base64 that the SDK writes; the service reads both."""
    if isinstance(value, dict):
        return {key: _url_safe(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_url_safe(inner, name) for inner in value]
    if isinstance(value, str) and name in _BYTES:
        return value.translate(_URL_SAFE)
    return value


def _differences(ours: Any, theirs: Any, place: str = "") -> Iterator[str]:
    """Where the SDK would have written something else. An empty object is the same as none."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in [*ours, *(name for name in theirs if name not in ours)]:
            where = f"{place}.{name}".lstrip(".")
            if name not in theirs and ours[name] != {}:
                yield f"{where}: the SDK would not send it"
            elif name not in ours and theirs[name] != {}:
                yield f"{where}: the SDK would send it"
            elif name in ours and name in theirs:
                yield from _differences(ours[name], theirs[name], where)
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from _differences(one, other, f"{place}[{index}]")
    elif ours != theirs:
        yield f"{place}: the SDK would write `{str(theirs)[:60]}`, not `{str(ours)[:60]}`"


def judge_response(body: Any) -> Verdict:
    """Whether an answer has only what the SDK's type knows."""
    wrong: list[str] = []
    _read(types.GenerateContentResponse, _url_safe(body), "", wrong)
    if not wrong:
        models._GenerateContentResponse_from_mldev(body)
    return Verdict.of(wrong)


def judge_error(status: int, body: Any) -> Verdict:
    """Whether the SDK finds code, status and message in an error."""
    error = errors.APIError(status, body)
    wrong = [
        f"{name}: the SDK does not find it"
        for name in ("code", "status", "message")
        if not getattr(error, name)
    ]
    return Verdict.of(wrong)


def judge_models(body: Any) -> Verdict:
    """Whether the SDK finds the fields of every listed model."""
    names = {
        "name": "name",
        "version": "version",
        "displayName": "display_name",
        "inputTokenLimit": "input_token_limit",
        "outputTokenLimit": "output_token_limit",
        "supportedGenerationMethods": "supported_actions",
    }
    wrong = []
    for index, model in enumerate(body["models"]):
        read = models._Model_from_mldev(model)
        wrong += [
            f"models[{index}].{name}: the SDK does not find it"
            for name, value in model.items()
            if name not in names or read.get(names[name]) != value
        ]
    return Verdict.of(wrong)
