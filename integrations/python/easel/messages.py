"""Requests and answers as plain values. Nothing here opens a connection: whatever carries the
bytes, blocking or not, builds its requests and reads its answers with these functions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Union, cast
from urllib.parse import quote

from .errors import EaselError
from .protocol import (
    ERROR_CODES,
    ICC_PROFILE,
    RAW_PIXELS,
    BlobId,
    ErrorKind,
    Failure,
    PixelFormat,
)

Bytes = Union[bytes, bytearray, memoryview]

BYTES_PER_PIXEL: dict[PixelFormat, int] = {
    "gray8": 1,
    "rgba8": 4,
    "bgra8": 4,
    "rgba16": 8,
    "bgra16": 8,
    "rgbaf16": 8,
    "rgbaf32": 16,
    "graya8": 2,
    "graya16": 4,
    "grayaf16": 4,
    "grayaf32": 8,
}

#: Doing these twice is not the same as doing them once.
_ONCE_ONLY = frozenset({"job.retry", "pairing.finish", "server.shutdown"})
#: How long an answer may take, in seconds; a transfer of a large picture takes longer.
_CALL_SECONDS = 120.0
_TRANSFER_SECONDS = 600.0

_KINDS: dict[int, ErrorKind] = {
    400: "invalid_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    413: "too_large",
    415: "unsupported",
    422: "corrupt",
    429: "rate_limited",
    503: "busy",
    507: "storage_full",
}


class Request(NamedTuple):
    """One HTTP request to the daemon."""

    method: str
    path: str
    body: Bytes = b""
    content_type: str | None = None
    #: Sending it twice does no harm.
    repeatable: bool = True
    #: How long the answer may take, in seconds.
    timeout: float = _TRANSFER_SECONDS


class Response(NamedTuple):
    """Its answer, read to the end."""

    status: int
    #: Names in lower case.
    headers: Mapping[str, str]
    body: bytes


class Pixels(NamedTuple):
    """The rows of a picture: top to bottom, tightly packed."""

    rows: bytes
    format: PixelFormat
    width: int
    height: int
    #: The blob of its ICC profile; without one it is sRGB, or linear sRGB for `rgbaf32`.
    icc: BlobId | None


def call(name: str, params: Mapping[str, Any]) -> Request:
    """A call of a method."""
    message = {"jsonrpc": "2.0", "id": 1, "method": name, "params": params}
    body = json.dumps(message, allow_nan=False).encode()
    wait = params.get("wait_ms") if name == "job.events" else None
    timeout = _CALL_SECONDS if wait is None else _CALL_SECONDS + wait / 1000
    return Request("POST", "/rpc", body, "application/json", name not in _ONCE_ONLY, timeout)


def result(response: Response) -> Any:
    """What a method gave; raises what it failed with."""
    answer = _object(_json(response))
    if "result" in answer:
        return answer["result"]
    error = _object(answer.get("error"))
    if not error:
        raise failure(response)
    data = _object(error.get("data"))
    if "kind" in data and "message" in data:
        raise EaselError.from_failure(cast("Failure", data))
    code, message = error.get("code", 0), str(error.get("message", ""))
    if code == -32601:
        hint = "the daemon is older than this client: update Easel"
        raise EaselError("unsupported", f"the daemon does not know this method: {message}", hint)
    raise EaselError(ERROR_CODES.get(code, "internal"), message.lower())


def put_pixels(
    rows: Bytes, format: PixelFormat, width: int, height: int, icc: BlobId | None = None
) -> Request:
    """An upload of raw rows."""
    size = BYTES_PER_PIXEL.get(format)
    if size is None:
        known = ", ".join(f"`{name}`" for name in BYTES_PER_PIXEL)
        raise EaselError("invalid_request", f"unknown pixel format `{format}`", f"use {known}")
    given = memoryview(rows).nbytes
    if width < 1 or height < 1 or given != width * height * size:
        raise EaselError(
            "invalid_request",
            f"{given} bytes are no {width}x{height} pixels of `{format}`",
            "give tightly packed rows, top to bottom",
        )
    kind = f"{RAW_PIXELS}; format={format}; width={width}; height={height}"
    if icc is not None:
        kind += f"; icc={icc}"
    return Request("PUT", "/v1/blobs", rows, kind)


def put_file(content: Bytes, as_mask: bool = False) -> Request:
    """An upload of an encoded picture; as a mask it becomes grey."""
    path = "/v1/blobs?as=mask" if as_mask else "/v1/blobs"
    return Request("PUT", path, content, "application/octet-stream")


def read_file(path: str | Path) -> bytes:
    """The bytes of a file; raises what a person can act on."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise EaselError("invalid_request", f"cannot read `{path}`: {error}") from error


def put_icc(profile: Bytes) -> Request:
    """An upload of an ICC profile."""
    return Request("PUT", "/v1/blobs", profile, ICC_PROFILE)


def blob(id: BlobId, part: str = "", **query: object) -> Request:
    """A download: the blob's bytes, or its `info`, `pixels` or `preview`."""
    path = "/v1/blobs/" + quote(id, safe="")
    if part:
        path += "/" + part
    given = [f"{name}={quote(str(value))}" for name, value in query.items() if value is not None]
    return Request("GET", path + ("?" + "&".join(given) if given else ""))


def content(response: Response) -> bytes:
    """The body of a download or upload; raises what the daemon answered instead."""
    if response.status not in (200, 201):
        raise failure(response)
    return response.body


def document(response: Response) -> Any:
    """The body as JSON."""
    content(response)
    answer = _json(response)
    if answer is None:
        raise failure(response)
    return answer


def pixels(response: Response) -> Pixels:
    """The rows of a picture."""
    rows = content(response)
    parts = response.headers.get("content-type", "").split(";")
    named = dict(part.strip().split("=", 1) for part in parts if "=" in part)
    try:
        format = cast("PixelFormat", named["format"])
        width, height = int(named["width"]), int(named["height"])
    except (KeyError, ValueError):
        raise failure(response) from None
    return Pixels(rows, format, width, height, named.get("icc"))


def failure(response: Response) -> EaselError:
    """What an answer that is none says."""
    said = _object(_json(response))
    if "kind" in said and "message" in said:
        return EaselError.from_failure(cast("Failure", said))
    text = response.body[:200].decode(errors="replace").strip()
    hint = "is it of another version? `easel stop` ends it, the next start takes this one"
    message = f"the daemon's answer cannot be read: {response.status} {text}".strip()
    return EaselError(_KINDS.get(response.status, "internal"), message, hint)


def _object(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _json(response: Response) -> Any:
    try:
        return json.loads(response.body)
    except ValueError:
        return None
