"""ModelArk's error bodies: a code with dotted parts, a message with the request's id, the
parameter."""

from __future__ import annotations

from .call import Call, Reply, html_reply, json_reply, redirect_reply, retry_after
from .fields import Problem, dotted
from .scenarios import Scene

_TYPES = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    429: "TooManyRequests",
    500: "InternalServerError",
    503: "ServiceUnavailable",
    504: "GatewayTimeout",
}
_OUTPUT = "the request failed because the output image may contain sensitive information"


def error(
    call: Call,
    status: int,
    code: str,
    message: str,
    param: str = "",
    headers: dict[str, str] | None = None,
) -> Reply:
    text = f"{message}. Request id: {call.request_id}"
    body = {"code": code, "message": text, "param": param, "type": _TYPES[status]}
    more = {"X-Request-Id": call.request_id, **(headers or {})}
    return json_reply(status, {"error": body}, more)


def bad_key(call: Call) -> Reply:
    text = "The API key in the request is missing or invalid"
    return error(call, 401, "AuthenticationError", text)


def missing(call: Call, name: str) -> Reply:
    text = f"the request failed because it is missing the `{name}` parameter"
    return error(call, 400, "MissingParameter", text, name)


def invalid(call: Call, name: str, why: str) -> Reply:
    text = f"the parameter `{name}` specified in the request is not valid: {why}"
    return error(call, 400, "InvalidParameter", text, name)


def unsupported(call: Call, name: str) -> Reply:
    text = f"the parameter `{name}` is not supported by the current model"
    return error(call, 400, "InvalidParameter.UnsupportedParameter", text, name)


def field(call: Call, problem: Problem) -> Reply:
    """What is wrong with a field: unknown, of another type, out of its range."""
    place = dotted(problem.path)
    match problem.kind:
        case "unknown":
            text = f"unknown parameter `{place}`"
            return error(call, 400, "InvalidParameter.UnknownParameter", text, place)
        case "missing":
            return missing(call, place)
        case "type":
            return invalid(call, place, f"expected {problem.expected}")
        case "choice":
            return invalid(call, place, f"expected one of {problem.expected}")
    return invalid(call, place, f"expected {problem.expected}")


def bad_image(call: Call, code: str, place: str, why: str) -> Reply:
    return error(call, 400, f"InvalidImageURL.{code}", f"invalid image: {why}", place)


def not_found(call: Call, model: str) -> Reply:
    text = f"The model or endpoint {model} does not exist or you do not have access to it"
    return error(call, 404, "InvalidEndpointOrModel.NotFound", text)


def rate_limited(call: Call, model: str) -> Reply:
    text = f"Requests exceed the images per minute limit of {model} for this account"
    return error(call, 429, "ModelAccountIpmRateLimitExceeded", text)


def slot(scenario: str) -> dict[str, str]:
    """What stands in a set in place of a picture."""
    if scenario == "partial_internal":
        return {"code": "InternalServiceError", "message": "an internal error occurred"}
    return {"code": "OutputImageSensitiveContentDetected", "message": _OUTPUT}


def moderation(call: Call) -> Reply | None:
    """The refusals of a request that is well formed."""
    if call.has("input_sensitive"):
        text = "the request failed because the input image may contain real person"
        code = "InputImageSensitiveContentDetected.PrivacyInformation"
        return error(call, 400, code, text)
    if call.has("output_sensitive"):
        return error(call, 400, "OutputImageSensitiveContentDetected", _OUTPUT)
    if call.has("security_error"):
        text = "the content check failed, please retry"
        return error(call, 400, "ContentSecurityDetectionError", text)
    if call.has("overdue"):
        return _overdue(call)
    if call.has("quota"):
        return error(call, 429, "QuotaExceeded", "the free quota of the account is used up")
    if call.has("not_open"):
        text = "your account has not activated the model; activate it in the console"
        return error(call, 404, "ModelNotOpen", text)
    if call.has("closed"):
        return error(call, 400, "InvalidEndpoint.ClosedEndpoint", "the endpoint is closed")
    return None


def refusal(scene: Scene, call: Call) -> Reply:
    """The answer of a scenario that refuses."""
    match scene.name:
        case "429":
            return _too_many(scene, call)
        case "402":
            return _overdue(call)
        case "403":
            return error(call, 403, "AccessDenied", "you do not have permission to do this")
        case "500" | "503" | "504":
            text = "the service encountered an unexpected internal error"
            return error(call, int(scene.name), "InternalServiceError", text)
        case "html502":
            return html_reply(502, "502 Bad Gateway")
        case "redirect":
            return redirect_reply(scene)
        case "retired":
            model = call.body.get("model") if isinstance(call.body, dict) else "?"
            return not_found(call, str(model))
    return invalid(call, "prompt", "refused")


def _overdue(call: Call) -> Reply:
    text = "your account has an overdue balance"
    return error(call, 403, "AccountOverdueError", text)


def _too_many(scene: Scene, call: Call) -> Reply:
    if "per-day" in scene.options:
        return error(call, 429, "QuotaExceeded", "the quota of the day is used up")
    if "limit-0" in scene.options:
        return error(call, 429, "SetLimitExceeded", "the spend limit that you set is reached")
    text = "requests are too frequent, please retry later"
    return error(call, 429, "ServerOverloaded", text, headers=retry_after(scene))
