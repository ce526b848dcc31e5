"""Google's error bodies: status words, `ErrorInfo`, `QuotaFailure` and `RetryInfo` in their
places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .call import Reply, html_reply, json_reply, redirect_reply, retry_after
from .fields import Path, Problem
from .scenarios import Scene

_TYPE = "type.googleapis.com/google.rpc."
_SERVICE = "generativelanguage.googleapis.com"
_KINDS = {
    "string": "TYPE_STRING",
    "int": "TYPE_INT32",
    "number": "TYPE_FLOAT",
    "bool": "TYPE_BOOL",
    "object": "TYPE_MESSAGE",
    "list": "a list",
}


def error(
    code: int,
    status: str,
    message: str,
    details: Sequence[dict[str, Any]] = (),
    headers: dict[str, str] | None = None,
) -> Reply:
    body: dict[str, Any] = {"code": code, "message": message, "status": status}
    if details:
        body["details"] = list(details)
    return json_reply(code, {"error": body}, headers)


def invalid(message: str) -> Reply:
    return error(400, "INVALID_ARGUMENT", message)


def bad_key() -> Reply:
    reason = {
        "@type": f"{_TYPE}ErrorInfo",
        "reason": "API_KEY_INVALID",
        "domain": "googleapis.com",
        "metadata": {"service": _SERVICE},
    }
    text = "API key not valid. Please pass a valid API key."
    words = {"@type": f"{_TYPE}LocalizedMessage", "locale": "en-US", "message": text}
    return error(400, "INVALID_ARGUMENT", text, [reason, words])


def no_key() -> Reply:
    return error(
        403,
        "PERMISSION_DENIED",
        "Method doesn't allow unregistered callers (callers without established identity). "
        "Please use API Key or other form of API consumer identity to call this API.",
    )


def not_found(model: str, version: str) -> Reply:
    return error(
        404,
        "NOT_FOUND",
        f"models/{model} is not found for API version {version}, or is not supported for "
        "generateContent. Call ModelService.ListModels to see the list of available models and "
        "their supported methods.",
    )


def fields(wrong: Sequence[Problem]) -> Reply:
    """Everything that Google's reader of JSON would say about a body."""
    texts = [_sentence(problem) for problem in wrong]
    violations = [
        {"field": _snake(problem.path), "description": text}
        for problem, text in zip(wrong, texts, strict=True)
    ]
    details = [{"@type": f"{_TYPE}BadRequest", "fieldViolations": violations}]
    return error(400, "INVALID_ARGUMENT", "\n".join(texts), details)


def _sentence(problem: Problem) -> str:
    place, value = _snake(problem.path), problem.value
    match problem.kind:
        case "unknown":
            at = f" at '{_snake(problem.path[:-1])}'" if problem.path[:-1] else ""
            name = problem.path[-1]
            return f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.'
        case "missing":
            return f"{place}: a value is required."
        case "type":
            return f"Invalid value at '{place}' ({_KINDS[problem.expected]}), {str(value)[:80]!r}"
        case "choice":
            return f"Invalid value at '{place}' (TYPE_ENUM), {str(value)[:80]!r}"
    return f"{place} must be {problem.expected}, not {value}."


def _snake(path: Path) -> str:
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            name = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in step)
            text += f".{name}" if text else name
    return text


def rate_limited(seconds: float, model: str) -> Reply:
    return _quota(model, "GenerateImagesPerMinutePerProjectPerModel", "10", f"{seconds:.3f}s")


def refusal(scene: Scene, model: str, version: str) -> Reply:
    """The answer of a scenario that refuses."""
    match scene.name:
        case "429":
            return _too_many(scene, model)
        case "402":
            return error(
                400,
                "FAILED_PRECONDITION",
                "Gemini API free tier is not available in your country. Please enable billing on "
                "your project in Google AI Studio.",
            )
        case "403":
            return error(403, "PERMISSION_DENIED", "The caller does not have permission.")
        case "500":
            return error(500, "INTERNAL", "An internal error has occurred. Please retry.")
        case "503":
            return error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")
        case "504":
            return error(504, "DEADLINE_EXCEEDED", "Deadline expired before it could complete.")
        case "html502":
            return html_reply(502, "502 Bad Gateway")
        case "redirect":
            return redirect_reply(scene)
        case "retired":
            return not_found(model, version)
    return invalid("Request contains an invalid argument.")


def _too_many(scene: Scene, model: str) -> Reply:
    options = scene.options
    if "per-day" in options:
        return _quota(model, "GenerateRequestsPerDayPerProjectPerModel", "250", "30s")
    if "limit-0" in options:
        return _quota(model, "GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "0", "30s")
    if options.keys() & {"none", "retry-after", "http-date"}:
        text = "Resource has been exhausted (e.g. check quota)."
        return error(429, "RESOURCE_EXHAUSTED", text, headers=retry_after(scene))
    delay = options.get("retryinfo") or "1s"
    return _quota(model, "GenerateRequestsPerMinutePerProjectPerModel", "10", delay)


def _quota(model: str, quota: str, limit: str, delay: str) -> Reply:
    metric = f"{_SERVICE}/generate_content_requests"
    violation = {
        "quotaMetric": metric,
        "quotaId": quota,
        "quotaDimensions": {"location": "global", "model": model},
        "quotaValue": limit,
    }
    details: list[dict[str, Any]] = [
        {"@type": f"{_TYPE}QuotaFailure", "violations": [violation]},
        {"@type": f"{_TYPE}RetryInfo", "retryDelay": delay},
    ]
    text = (
        "You exceeded your current quota, please check your plan and billing details.\n"
        f"* Quota exceeded for metric: {metric}, limit: {limit}, model: {model}\n"
        f"Please retry in {delay}."
    )
    return error(429, "RESOURCE_EXHAUSTED", text, details)
