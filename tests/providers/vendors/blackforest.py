"""blackforest as the judge of BFL: Kontext, Fill and Expand have types, which are made strict
here. FLUX.2 and erase have none; for those the simulator's table of fields says at least what is
wrong."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from simulator.bfl_checks import schema
from simulator.fields import dotted, problems, record
from simulator.rules import BFL_MODELS

from .verdict import Verdict, sentences, wrong_headers

with warnings.catch_warnings():
    # Its fields carry examples in a way that pydantic has given up.
    warnings.simplefilter("ignore")
    from blackforest.types.inputs.flux_kontext_pro import FluxKontextProInputs
    from blackforest.types.inputs.flux_pro_expand import FluxProExpandInputs
    from blackforest.types.inputs.flux_pro_fill import FluxProFillInputs
    from blackforest.types.responses.responses import AsyncResponse

_GETS = ("/v1/get_result", "/v1/credits")
#: In the answer to a submit since 2025, and newer than the SDK's type.
NEWER = ("cost", "input_mp", "output_mp")


def _strict(kind: type[BaseModel]) -> type[BaseModel]:
    config = ConfigDict(extra="forbid", strict=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return type(f"Strict{kind.__name__}", (kind,), {"model_config": config})


_TYPES = {
    "flux-kontext-pro": _strict(FluxKontextProInputs),
    # The SDK lists the pro model alone; the service gives both the same fields.
    "flux-kontext-max": _strict(FluxKontextProInputs),
    "flux-pro-1.0-fill": _strict(FluxProFillInputs),
    "flux-pro-1.0-expand": _strict(FluxProExpandInputs),
}


def judge(request: Mapping[str, Any]) -> Verdict:
    """The verdict on one request."""
    wrong = list(wrong_headers(request))
    path = request["path"].partition("?")[0]
    if request["method"] == "GET":
        if not path.endswith(_GETS):
            wrong.append(f"no such path: {path}")
        return Verdict.of(wrong, "has no body")
    name, body = path.removeprefix("/v1/"), request.get("body")
    model = BFL_MODELS.get(name)
    if model is None or not path.startswith("/v1/"):
        wrong.append(f"no such path: {path}")
        return Verdict.of(wrong)
    if not isinstance(body, dict):
        return Verdict.of([*wrong, "the body is no object"])
    kind = _TYPES.get(name)
    if kind is None:
        found = problems(body, record(schema(model)))
        wrong += [f"{dotted(one.path)}: {one.kind} {one.expected}".rstrip() for one in found]
        reason = f"blackforest has no type for `{name}`; nothing breaks the table of its fields"
        return Verdict.of(wrong) if wrong else Verdict("unjudged", (reason,))
    try:
        kind.model_validate_json(json.dumps(body))
    except ValidationError as error:
        wrong += sentences(error)
    return Verdict.of(wrong)


def judge_submitted(body: Any) -> Verdict:
    """Whether the answer to a submit loads; what is newer than the SDK's type is noted."""
    kind = _strict(AsyncResponse)
    newer = [name for name in body if name in NEWER]
    try:
        kind.model_validate_json(
            json.dumps({name: value for name, value in body.items() if name not in NEWER})
        )
    except ValidationError as error:
        return Verdict.of(sentences(error))
    return Verdict.of([], f"newer than the type: {', '.join(newer)}")
