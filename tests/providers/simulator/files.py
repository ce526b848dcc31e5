"""The delivery host: pictures behind signed URLs on a port of their own. It must never see a key,
and its URLs expire."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from .call import Call, Reply, html_reply, redirect_reply
from .encode import Encoded
from .scenarios import Scene, named

#: No header of a request to this host may carry one of these.
KEY_HEADERS = ("authorization", "x-key", "x-goog-api-key", "api-key", "cookie")


@dataclass
class _Stored:
    file: Path
    mime: str
    scenes: Sequence[Scene]
    #: signature -> when it ends
    issued: dict[str, float] = field(default_factory=dict)


class FileHost:
    """Keeps the pictures on disk, so that memory stays small whatever is asked."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self.port = 0
        self._folder = folder
        self._seconds = seconds
        self._lock = threading.Lock()
        self._stored: dict[str, _Stored] = {}

    def put(self, encoded: Encoded, prefix: str, scenes: Sequence[Scene]) -> str:
        """Keeps a picture; the answer is its path."""
        suffix = encoded.mime.rpartition("/")[2]
        path = f"/{prefix}/{secrets.token_hex(12)}/sample.{suffix}"
        data = encoded.data
        if named(scenes, "cut-base64"):
            data = data[: len(data) // 2]
        file = self._folder / path.split("/")[2]
        file.write_bytes(data)
        with self._lock:
            self._stored[path] = _Stored(file, encoded.mime, scenes)
        return path

    def url(self, path: str) -> str:
        """A newly signed URL of a picture."""
        with self._lock:
            stored = self._stored[path]
            signature = hashlib.sha256(secrets.token_bytes(16)).hexdigest()
            first = not stored.issued
            dead = named(stored.scenes, "expired-always") or (
                first and named(stored.scenes, "expired")
            )
            stored.issued[signature] = 0.0 if dead else time.monotonic() + self._seconds
        query = urlencode({"se": int(time.time() + self._seconds), "sp": "r", "sig": signature})
        return f"http://127.0.0.1:{self.port}{path}?{query}"

    def scenes(self, path: str) -> Sequence[Scene]:
        with self._lock:
            stored = self._stored.get(path)
        return stored.scenes if stored else ()

    @staticmethod
    def leaked(call_headers: Sequence[tuple[str, str]], path: str) -> bool:
        """Whether a request to this host carries a key, in a header or in its URL."""
        known = any(name.lower() in KEY_HEADERS for name, _ in call_headers)
        return known or any("test-key-" in text for _, text in call_headers) or "test-key-" in path

    def answer(self, call: Call) -> Reply:
        """The picture, or the XML that says why not."""
        if self.leaked(call.headers.items(), call.path):
            return _refusal(400, "InvalidQueryParameterValue", "a key has no business here")
        if scene := call.scene("redirect"):
            return redirect_reply(scene)
        if call.has("html502"):
            return html_reply(502, "502 Bad Gateway")
        if scene := call.scene("400", "403", "429", "500", "503", "504"):
            return _refusal(int(scene.name), "ServerBusy", "The server is busy.")
        with self._lock:
            stored = self._stored.get(call.path)
            ends = stored.issued.get(call.query.get("sig", "")) if stored else None
        if stored is None:
            return _refusal(404, "BlobNotFound", "The specified blob does not exist.")
        # The signature holds for GET alone.
        if ends is None or call.method != "GET":
            return _refusal(403, "AuthenticationFailed", "Signature did not match.")
        if time.monotonic() >= ends:
            text = "Signature not valid in the specified time frame."
            return _refusal(403, "AuthenticationFailed", text)
        return Reply(200, stored.file.read_bytes(), stored.mime)


def _refusal(status: int, code: str, text: str) -> Reply:
    body = (
        '<?xml version="1.0" encoding="utf-8"?>'
        f"<Error><Code>{code}</Code><Message>{text}</Message></Error>"
    )
    return Reply(status, body.encode(), "application/xml")
