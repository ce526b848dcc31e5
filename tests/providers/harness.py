"""What the tests share: a simulator as a process of its own, requests over `http.client`, small
pictures, and the requests that every service takes for good."""

from __future__ import annotations

import base64
import http.client
import io
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import Image

from simulator.rules import KEYS

HERE = Path(__file__).parent
SECONDS = 120.0
GEMINI = "/v1beta/models/gemini-3.1-flash-image:generateContent"
ARK = "/api/v3/images/generations"
PRO = "/v1/flux-2-pro"


@dataclass
class Answer:
    """One answer, read to its end."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def picture(self) -> Image.Image:
        return picture_of(self.body)


class Running:
    """A simulator that runs; `port` is the service, `file_port` the delivery host."""

    def __init__(self, provider: str, *options: str) -> None:
        self.provider = provider
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "simulate.py"), provider, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        ready = json.loads(self._process.stdout.readline())
        self.port: int = ready["port"]
        self.file_port: int = ready.get("file_port", 0)

    def stop(self) -> int:
        """Closes standard input, which ends it; gives the exit code."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        code = self._process.wait(SECONDS)
        self._process.stdout.close()
        return code

    def terminate(self) -> int:
        self._process.terminate()
        code = self._process.wait(SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        return code

    def connect(self, port: int | None = None) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=SECONDS)

    def key(self) -> dict[str, str]:
        match self.provider:
            case "gemini":
                return {"x-goog-api-key": KEYS["gemini"]}
            case "ark":
                return {"Authorization": f"Bearer {KEYS['ark']}"}
        return {"x-key": KEYS["bfl"]}

    def ask(
        self,
        method: str,
        target: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        port: int | None = None,
    ) -> Answer:
        """One request with the right key, unless `headers` says otherwise."""
        connection = self.connect(port)
        try:
            raw = None if body is None else json.dumps(body)
            sent = self.key() if headers is None else headers
            connection.request(method, target, raw, {"Content-Type": "application/json", **sent})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def post(self, target: str, body: Any, **headers: str) -> Answer:
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("POST", target, body, {**self.key(), **more})

    def fetch(self, url: str, **headers: str) -> Answer:
        """Gets an absolute URL, without the key."""
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("GET", target, None, more, parts.port)

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.ask("GET", "/_log").body.splitlines()]

    def counts(self, path: str = "/") -> dict[str, Any]:
        counts: dict[str, Any] = self.ask("GET", f"/_count?path={path}").json
        return counts

    def control(self, scenario: str, times: int = 1) -> Answer:
        return self.ask("POST", "/_control", {"scenario": scenario, "times": times})

    def release(self) -> Answer:
        """Lets go on whatever `hold` holds."""
        return self.ask("POST", "/_control", {"release": True})


def sample(width: int = 96, height: int = 64) -> Image.Image:
    """A picture with a gradient across, so that a squeezed one is not the same."""
    ramp = Image.linear_gradient("L").rotate(90).resize((width, height))
    return Image.composite(
        flat((90, 140, 60), width, height), flat((200, 80, 120), width, height), ramp
    )


def flat(colour: tuple[int, int, int], width: int = 64, height: int = 64) -> Image.Image:
    return Image.new("RGB", (width, height), colour)


def data_of(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def base64_of(picture: Image.Image, kind: str = "PNG", **options: Any) -> str:
    return base64.b64encode(data_of(picture, kind, **options)).decode()


def uri_of(picture: Image.Image, kind: str = "PNG") -> str:
    return f"data:image/{kind.lower()};base64,{base64_of(picture, kind)}"


def picture_of(data: bytes | str) -> Image.Image:
    raw = base64.b64decode(data) if isinstance(data, str) else data
    with Image.open(io.BytesIO(raw)) as opened:
        opened.load()
        copied: Image.Image = opened.copy()
        return copied


def inline(picture: Image.Image, kind: str = "PNG") -> dict[str, Any]:
    return {"inlineData": {"mimeType": f"image/{kind.lower()}", "data": base64_of(picture, kind)}}


def gemini(prompt: str, *pictures: Image.Image, **config: Any) -> dict[str, Any]:
    """A request of Gemini; `config` goes to generationConfig."""
    parts = [{"text": prompt}, *map(inline, pictures or (sample(),))]
    generation = {"responseModalities": ["TEXT", "IMAGE"], **config}
    return {"contents": [{"role": "user", "parts": parts}], "generationConfig": generation}


def ark(prompt: str, *pictures: Image.Image, **more: Any) -> dict[str, Any]:
    uris = [uri_of(picture) for picture in pictures or (sample(),)]
    return {
        "model": "seedream-5-0-pro-260628",
        "prompt": prompt,
        "image": uris[0] if len(uris) == 1 else uris,
        "size": "1024x1024",
        "response_format": "b64_json",
        "output_format": "png",
        "watermark": False,
        **more,
    }


def ark_set(prompt: str, most: int, *pictures: Image.Image, **more: Any) -> dict[str, Any]:
    """A set: only models that make large pictures have them, so the smallest of those."""
    body = ark(
        prompt,
        *pictures,
        model="seedream-4-0-250828",
        sequential_image_generation="auto",
        sequential_image_generation_options={"max_images": most},
        **more,
    )
    del body["output_format"]
    return body


def flux(prompt: str, *pictures: Image.Image, **more: Any) -> dict[str, Any]:
    named = {
        "input_image" if index == 0 else f"input_image_{index + 1}": base64_of(picture)
        for index, picture in enumerate(pictures or (sample(),))
    }
    return {"prompt": prompt, "output_format": "png", **named, **more}


def final(answer: Answer) -> tuple[Image.Image, str]:
    """The picture of a Gemini answer that is no thought, and its MIME type."""
    parts = answer.json["candidates"][0]["content"]["parts"]
    kept = [part for part in parts if "inlineData" in part and not part.get("thought")]
    assert len(kept) == 1
    return picture_of(kept[0]["inlineData"]["data"]), kept[0]["inlineData"]["mimeType"]
