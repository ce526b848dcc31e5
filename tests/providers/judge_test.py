"""The judges can say no: what is misspelt or misplaced is bad, what the vendors' own clients send
is ok, and the simulators' answers load in the vendors' types."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import tempfile
import unittest
import warnings
from pathlib import Path
from typing import Any

from google import genai
from google.genai import types

from harness import (
    ARK,
    GEMINI,
    HERE,
    PRO,
    Running,
    ark,
    ark_set,
    base64_of,
    data_of,
    flat,
    flux,
    gemini,
    sample,
)
from judge import judged
from simulator.rules import KEYS
from vendors import ark as ark_judge
from vendors import blackforest
from vendors import google as google_judge
from vendors.golden import verdicts

FILL = "/v1/flux-pro-1.0-fill"
KONTEXT = "/v1/flux-kontext-pro"
_JSON = {"content-type": "application/json"}
_HEADERS = {
    "gemini": {"x-goog-api-key": "k", **_JSON},
    "ark": {"authorization": "Bearer k", **_JSON},
    "bfl": {"x-key": "k", **_JSON},
}


def request(provider: str, path: str, body: Any, **more: Any) -> dict[str, Any]:
    line = {"provider": provider, "method": "POST", "path": path, "headers": _HEADERS[provider]}
    return {**line, "body": body, **more}


class JudgeTest(unittest.TestCase):
    def verdict(self, line: dict[str, Any], word: str, text: str = "") -> None:
        verdict = judged(line)
        self.assertEqual(verdict.word, word, verdict.why)
        self.assertIn(text, "\n".join(verdict.why))

    def test_headers_and_paths(self) -> None:
        good = request("gemini", GEMINI, gemini("a"))
        self.verdict(good, "ok")
        self.verdict({**good, "headers": _JSON}, "bad", "x-goog-api-key")
        both = {**_HEADERS["gemini"], "Authorization": "Bearer k"}
        self.verdict({**good, "headers": both}, "bad", "authorization")
        self.verdict({**good, "headers": {"x-goog-api-key": "k"}}, "bad", "content-type")
        self.verdict({**good, "path": f"{GEMINI}?key=k"}, "bad", "the key is in the URL")
        self.verdict({**good, "path": GEMINI.replace("generateC", "generatec")}, "bad", "path")
        self.verdict({**good, "provider": "nobody"}, "bad", "nobody")
        self.verdict({"provider": "gemini"}, "bad", "lacks")
        listed = {**good, "method": "GET", "path": "/v1/models", "body": None}
        self.verdict({**listed, "headers": {"x-goog-api-key": "k"}}, "ok")
        bare = {**_HEADERS["ark"], "authorization": "k"}
        self.verdict(request("ark", ARK, ark("a"), headers=bare), "bad", "Bearer")

    def test_gemini_says_ok(self) -> None:
        body = gemini(
            "a", sample(), sample(), seed=7, imageConfig={"aspectRatio": "1:1", "imageSize": "2K"}
        )
        body["systemInstruction"] = {"parts": [{"text": "always a picture"}]}
        body["safetySettings"] = [
            {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_ONLY_HIGH"}
        ]
        body["generationConfig"]["thinkingConfig"] = {
            "thinkingLevel": "LOW",
            "includeThoughts": False,
        }
        self.verdict(request("gemini", GEMINI, body), "ok")
        # Both letters in which the alphabets of base64 differ.
        body["contents"][0]["parts"][1]["inlineData"]["data"] = base64.b64encode(
            b"\xfb\xef\xff" * 9
        ).decode()
        self.assertIn("++", body["contents"][0]["parts"][1]["inlineData"]["data"])
        self.verdict(request("gemini", GEMINI, body), "ok")

    def test_gemini_says_bad(self) -> None:
        cases: dict[str, dict[str, Any]] = {
            "n": {**gemini("a"), "n": 2},
            "imageSise": gemini("a", imageConfig={"imageSise": "1K"}),
            "image_size": gemini("a", imageConfig={"image_size": "1K"}),
            "aspectRatio": gemini("a", aspectRatio="1:1"),
            "imageConfig": {**gemini("a"), "imageConfig": {"aspectRatio": "1:1"}},
            "image_output_options": gemini(
                "a", imageConfig={"imageOutputOptions": {"mimeType": "image/png"}}
            ),
            "seed": gemini("a", seed="7"),
            "safetySettings": gemini("a", safetySettings=[]),
            "generationConfig": gemini("a", strength=0.5),
            "NONSENSE": {
                **gemini("a"),
                "safetySettings": [{"category": "NONSENSE", "threshold": "OFF"}],
            },
        }
        for text, body in cases.items():
            with self.subTest(text):
                self.verdict(request("gemini", GEMINI, body), "bad", text)
        part = gemini("a")
        part["contents"][0]["parts"][1]["inlineData"]["mime"] = "image/png"
        self.verdict(request("gemini", GEMINI, part), "bad", "contents.0.")
        flattened = gemini("a")
        flattened["contents"][0]["parts"][1] = {"data": "AAAA", "mimeType": "image/png"}
        self.verdict(request("gemini", GEMINI, flattened), "bad", "contents.0.")

    def test_ark_says_ok(self) -> None:
        self.verdict(request("ark", ARK, ark("a")), "ok")
        self.verdict(request("ark", ARK, ark("a", sample(), sample())), "ok")
        self.verdict(request("ark", ARK, ark_set("a", 4, stream=True)), "ok")
        self.verdict(request("ark", ARK, {}), "ok", "an empty request")

    def test_ark_says_bad(self) -> None:
        cases = {
            "n": ark("a", n=2),
            "watermarks": ark("a", watermarks=False),
            "max_images": ark("a", max_images=3),
            "sequential_image_generation_options": ark(
                "a", sequential_image_generation_options={"max_image": 3}
            ),
            "watermark": ark("a", watermark="false"),
            "size": ark("a", size=[1024, 1024]),
            "response_format": ark("a", response_format="base64"),
            "output_format": ark("a", output_format="webp"),
            "image": ark("a", image={"url": "x"}),
        }
        for text, body in cases.items():
            with self.subTest(text):
                self.verdict(request("ark", ARK, body), "bad", text)
        nameless = ark("a")
        del nameless["model"]
        self.verdict(request("ark", ARK, nameless), "bad", "model")
        self.verdict(request("ark", "/v3/images/generations", ark("a")), "bad", "route")

    def test_blackforest_says_ok(self) -> None:
        image = base64_of(flat((1, 1, 1), 256, 256))
        fill = {"prompt": "a", "image": image, "mask": image, "seed": 1, "output_format": "png"}
        self.verdict(request("bfl", FILL, {**fill, "guidance": 60, "steps": 50}), "ok")
        self.verdict(request("bfl", KONTEXT, flux("a", aspect_ratio="16:9", seed=2**40)), "ok")
        self.verdict(request("bfl", "/v1/flux-kontext-max", flux("a", sample(), sample())), "ok")
        expand = {"prompt": "a", "image": image, "top": 64}
        self.verdict(request("bfl", "/v1/flux-pro-1.0-expand", expand), "ok")
        poll = {"method": "GET", "headers": {"x-key": "k"}}
        self.verdict(request("bfl", "/cluster-7/v1/get_result?id=1", None, **poll), "ok")

    def test_blackforest_says_bad(self) -> None:
        image = base64_of(flat((1, 1, 1), 256, 256))
        fill = {"prompt": "a", "image": image, "mask": image}
        for place, body in (
            ("width", {**fill, "width": 256}),
            ("input_image", {**fill, "input_image": image}),
            ("steps", {**fill, "steps": 14}),
            ("output_format", {**fill, "output_format": "webp"}),
            ("seed", {**fill, "seed": "1"}),
            ("image", {"prompt": "a", "mask": image}),
        ):
            with self.subTest(place):
                self.verdict(request("bfl", FILL, body), "bad", place)
        self.verdict(request("bfl", KONTEXT, flux("a", width=512)), "bad", "width")
        self.verdict(request("bfl", KONTEXT, flux("a", aspect_ratio="5:1")), "bad", "1:4 and 4:1")
        expand = {"prompt": "a", "image": image}
        self.verdict(request("bfl", "/v1/flux-pro-1.0-expand", expand), "bad", "expanded")
        self.verdict(request("bfl", "/v1/flux-kontext", flux("a")), "bad", "path")

    def test_what_has_no_type_is_unjudged_and_can_still_be_bad(self) -> None:
        self.verdict(request("bfl", PRO, flux("a", width=512)), "unjudged", "no type")
        self.verdict(request("bfl", PRO, flux("a", aspect_ratio="1:1")), "bad", "aspect_ratio")
        self.verdict(request("bfl", PRO, flux("a", *[sample()] * 9)), "bad", "input_image_9")
        erase = {"image": "a", "mask": "a", "prompt": "a"}
        self.verdict(request("bfl", "/v1/flux-tools/erase-v1", erase), "bad", "prompt")

    def test_answers_with_unknown_keys_are_bad(self) -> None:
        for provider, target, body, judge in (
            ("gemini", GEMINI, gemini("[[unknown-fields]]"), google_judge.judge_response),
            ("ark", ARK, ark("[[unknown-fields]]"), ark_judge.judge_response),
            ("bfl", PRO, flux("[[unknown-fields]]"), blackforest.judge_submitted),
        ):
            simulator = Running(provider)
            self.addCleanup(simulator.stop)
            verdict = judge(simulator.post(target, body).json)
            self.assertEqual(verdict.word, "bad")
            self.assertIn("addedLater", "\n".join(verdict.why))

    def test_golden_answers(self) -> None:
        cases = list(verdicts())
        self.assertEqual([(name, one.why) for name, one in cases if one.word == "bad"], [])
        self.assertEqual([name for name, one in cases if one.word == "unjudged"], ["bfl: poll"])
        self.assertGreater(len(cases), 40)

    def test_files(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "requests.jsonl")

            def run(*lines: Any) -> tuple[int, list[Any]]:
                file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
                command = [sys.executable, str(HERE / "judge.py"), str(file)]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

            good, unjudged = request("ark", ARK, ark("a")), request("bfl", PRO, flux("a"))
            code, said = run(good, unjudged)
            self.assertEqual((code, said[-1]), (0, {"summary": {"ok": 1, "bad": 0, "unjudged": 1}}))
            code, said = run(good, request("ark", ARK, ark("a", n=1)))
            self.assertEqual(
                (code, [line.get("verdict") for line in said]), (1, ["ok", "bad", None])
            )
            self.assertEqual(run()[0], 1)


class VendorClientTest(unittest.TestCase):
    """The vendors' own clients against the simulators: both sides are right about each other."""

    def recorded(self, provider: str, *options: str) -> tuple[Running, Path]:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        record = Path(folder.name, "record.jsonl")
        simulator = Running(provider, "--record", str(record), *options)
        self.addCleanup(simulator.stop)
        return simulator, record

    def judge_all(self, record: Path) -> None:
        lines = [json.loads(line) for line in record.read_text().splitlines()]
        self.assertTrue(lines)
        for line in lines:
            verdict = judged(line)
            self.assertEqual(verdict.word, "ok", verdict.why)

    def test_google_genai(self) -> None:
        simulator, record = self.recorded("gemini")
        client = genai.Client(
            api_key=KEYS["gemini"],
            http_options=types.HttpOptions(base_url=f"http://127.0.0.1:{simulator.port}"),
        )
        answer = client.models.generate_content(
            model="gemini-3.1-flash-image",
            contents=[
                "paint",
                types.Part.from_bytes(data=data_of(sample()), mime_type="image/png"),
            ],
            config=types.GenerateContentConfig(
                response_modalities=["TEXT", "IMAGE"],
                seed=3,
                image_config=types.ImageConfig(aspect_ratio="1:1", image_size="512"),
            ),
        )
        parts = answer.candidates[0].content.parts
        pictures = [part for part in parts if part.inline_data and not part.thought]
        self.assertEqual(len(pictures), 1)
        self.assertEqual(answer.usage_metadata.candidates_token_count, 747)
        self.assertIn("models/gemini-3-pro-image", [model.name for model in client.models.list()])
        self.judge_all(record)

    def test_blackforest(self) -> None:
        simulator, record = self.recorded("bfl")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from blackforest import BFLClient
        client = BFLClient(KEYS["bfl"], f"http://127.0.0.1:{simulator.port}")
        image = base64_of(flat((1, 1, 1), 256, 256))
        fill = client.generate("flux-pro-1.0-fill", {"prompt": "a", "image": image, "mask": image})
        self.assertIn(fill.id, fill.polling_url)
        client.generate(
            "flux-kontext-pro", {"prompt": "a", "input_image": image, "aspect_ratio": "1:1"}
        )
        client.generate("flux-pro-1.0-expand", {"prompt": "a", "image": image, "top": 8})
        client.session.close()
        self.assertEqual(simulator.counts()["submits"], 3)
        self.judge_all(record)


if __name__ == "__main__":
    unittest.main()
