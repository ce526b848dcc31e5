"""The simulator of ModelArk: every rule, every answer and the stream."""

from __future__ import annotations

import base64
import json
import unittest
from typing import Any

from gemini_test import tint_of
from harness import ARK, Running, ark, ark_set, data_of, flat, picture_of, sample, uri_of

LITE = "seedream-5-0-260128"


class ArkTest(unittest.TestCase):
    simulator: Running

    @classmethod
    def setUpClass(cls) -> None:
        cls.simulator = Running("ark")
        cls.addClassCleanup(cls.simulator.stop)

    def refused(self, body: Any, code: str, status: int = 400) -> Any:
        before = self.simulator.counts()["submits"]
        answer = self.simulator.post(ARK, body)
        self.assertEqual(answer.status, status, answer.body[:300])
        self.assertEqual(answer.json["error"]["code"], code)
        self.assertEqual(self.simulator.counts()["submits"], before)
        return answer.json["error"]

    def made(self, body: Any) -> Any:
        answer = self.simulator.post(ARK, body)
        self.assertEqual(answer.status, 200, answer.body[:300])
        self.assertTrue(answer.headers["X-Request-Id"])
        return answer.json

    def test_an_empty_post_tests_the_key(self) -> None:
        self.assertEqual(self.refused({}, "MissingParameter")["param"], "model")
        bad = self.simulator.ask("POST", ARK, {}, {"Authorization": "Bearer other"})
        self.assertEqual((bad.status, bad.json["error"]["code"]), (401, "AuthenticationError"))
        self.assertEqual(self.simulator.ask("POST", ARK, ark("a"), {}).status, 401)

    def test_the_answer_is_drawn_from_the_request(self) -> None:
        body = ark("paint", flat((100, 110, 120)), flat((250, 0, 9)), flat((3, 240, 5)))
        answer = self.made(body)
        item = answer["data"][0]
        self.assertEqual((item["size"], item["output_format"]), ("1024x1024", "png"))
        picture = picture_of(item["b64_json"])
        self.assertEqual(picture.size, (1024, 1024))
        self.assertEqual(picture.getpixel((32, 32)), (250, 0, 9))
        self.assertEqual(picture.getpixel((96, 32)), (3, 240, 5))
        expected = [
            value + offset for value, offset in zip((100, 110, 120), tint_of("paint"), strict=True)
        ]
        self.assertEqual(list(picture.getpixel((500, 500))), expected)
        self.assertEqual(list(picture.getpixel((1020, 1020))), expected)
        tokens = 1024 * 1024 // 256
        usage = {"generated_images": 1, "output_tokens": tokens, "total_tokens": tokens}
        self.assertEqual(answer["usage"], {**usage, "input_images": 3})

    def test_the_watermark_is_on_by_default(self) -> None:
        body = ark("mark", flat((10, 10, 10)))
        del body["watermark"]
        picture = picture_of(self.made(body)["data"][0]["b64_json"])
        self.assertEqual(picture.getpixel((1000, 1000)), (255, 255, 255))

    def test_urls_are_on_another_port_and_never_see_a_key(self) -> None:
        body = ark("link", flat((50, 60, 70)))
        del body["response_format"]
        url = self.made(body)["data"][0]["url"]
        self.assertIn(f":{self.simulator.file_port}/", url)
        self.assertEqual(self.simulator.fetch(url).picture.size, (1024, 1024))
        leak = self.simulator.fetch(url, Authorization="Bearer test-key-ark")
        self.assertEqual(leak.status, 400)
        self.assertEqual(self.simulator.counts()["key_leaked"], 1)
        self.assertTrue(any(line.get("key_leaked") for line in self.simulator.log()))
        path = url.split(str(self.simulator.file_port))[1]
        head = self.simulator.ask("HEAD", path, None, {}, self.simulator.file_port)
        self.assertEqual(head.status, 403)
        forged = self.simulator.fetch(url.replace("sig=", "sig=0"))
        self.assertEqual((forged.status, forged.headers["Content-Type"]), (403, "application/xml"))
        self.assertIn(b"<Code>AuthenticationFailed</Code>", forged.body)

    def test_models(self) -> None:
        for name in ("seedream-3-0-t2i-250415", "seedream-4-5", "seedream-9"):
            self.refused(ark("a", model=name), "InvalidEndpointOrModel.NotFound", 404)
        for name in ("dola-seedream-5-0-pro-260628", "doubao-seedream-5-0-pro-260628"):
            self.assertEqual(self.made(ark("a", model=name))["model"], name)

    def test_fields(self) -> None:
        self.assertEqual(self.refused({"model": LITE}, "MissingParameter")["param"], "prompt")
        self.refused(ark("a", n=2), "InvalidParameter.UnknownParameter")
        self.refused(ark("a", negative_prompt="b"), "InvalidParameter.UnknownParameter")
        options = {"max_images": 2, "min_images": 1}
        error = self.refused(
            ark("a", sequential_image_generation_options=options),
            "InvalidParameter.UnknownParameter",
        )
        self.assertEqual(error["param"], "sequential_image_generation_options.min_images")
        for wrong in (
            {"size": 1024},
            {"watermark": "no"},
            {"stream": 1},
            {"output_format": "webp"},
        ):
            self.refused(ark("a", **wrong), "InvalidParameter")
        self.refused(ark("a", image=[]), "MissingParameter")

    def test_what_a_model_lacks(self) -> None:
        code = "InvalidParameter.UnsupportedParameter"
        self.refused(ark("a", seed=1), code)
        self.refused(ark("a", guidance_scale=3), code)
        self.refused(ark("a", stream=True), code)
        self.refused(ark("a", sequential_image_generation="auto"), code)
        self.refused(ark("a", tools=[{"type": "web_search"}]), code)
        self.refused(ark("a", layer_decomposition=True), code)
        self.refused(ark("a", optimize_prompt_options={"mode": "fast"}), code)
        self.refused(ark("a", model="seedream-4-5-251128", size="2K"), code)

    def test_sizes(self) -> None:
        error = self.refused(ark("a", size="1023x1024"), "InvalidParameter")
        self.assertIn("at least 1048576", error["message"])
        self.refused(ark("a", size="2049x2048"), "InvalidParameter")
        self.refused(ark("a", size="8192x256"), "InvalidParameter")
        self.refused(ark("a", size="4K"), "InvalidParameter")
        self.refused(ark("a", size="1k"), "InvalidParameter")
        self.refused(ark("a", size="0x5"), "InvalidParameter")
        self.refused(ark("a", model=LITE, size="1919x1920"), "InvalidParameter")
        self.refused(ark("a", model=LITE, size="4096x4096"), "InvalidParameter")
        self.assertEqual(self.made(ark("a", size="1024x1088"))["data"][0]["size"], "1024x1088")
        keyword = self.made(ark("a", flat((1, 1, 1), 160, 90), size="1K"))
        self.assertEqual(keyword["data"][0]["size"], "1360x768")

    def test_pictures(self) -> None:
        small = flat((1, 1, 1), 16, 16)
        self.refused(ark("a", *[small] * 11), "InvalidParameter")
        self.made(ark("a", *[small] * 10))
        code = "InvalidImageURL.InvalidFormat"
        self.refused(ark("a", image="https://example.com/a.png"), code)
        self.refused(ark("a", image=base64.b64encode(data_of(small)).decode()), code)
        self.refused(ark("a", image=uri_of(small).replace("png", "jpeg")), code)
        self.refused(ark("a", image=uri_of(small).replace("png", "PNG")), code)
        self.refused(ark("a", image="data:image/png;base64,abc"), code)
        self.refused(ark("a", image=""), "InvalidImageURL.EmptyURL")
        self.refused(ark("a", image=uri_of(flat((1, 1, 1), 14, 100))), "InvalidParameter")
        self.refused(ark("a", image=uri_of(flat((1, 1, 1), 400, 20))), "InvalidParameter")
        self.refused(ark("a", image=uri_of(flat((1, 1, 1), 6001, 6001))), "InvalidParameter")
        heavy = (
            "data:image/png;base64," + base64.b64encode(data_of(small) + bytes(10 << 20)).decode()
        )
        body = ark_set("a", 1, image=heavy)
        self.assertIn("bytes", self.refused(body, "InvalidParameter")["message"])

    def test_transparent(self) -> None:
        clear = flat((1, 1, 1)).convert("RGBA")
        made = self.made(ark("a", clear, background="transparent"))
        self.assertEqual(picture_of(made["data"][0]["b64_json"]).mode, "RGBA")
        self.refused(ark("a", background="transparent"), "InvalidParameter")

    def test_a_set_has_as_many_as_the_prompt_asks_for(self) -> None:
        for prompt, most, expected in (
            ("make three different pictures", 5, 3),
            ("make 4 images", 2, 2),
            ("make it 4K", 5, 1),
        ):
            answer = self.made(ark_set(prompt, most))
            self.assertEqual(len(answer["data"]), expected)
            self.assertEqual(answer["usage"]["generated_images"], expected)
        error = self.refused(ark_set("a", 14, sample(), sample()), "InvalidParameter")
        self.assertIn("15", error["message"])
        self.refused(ark_set("a", 16), "InvalidParameter")

    def test_the_pictures_of_a_set_differ(self) -> None:
        answer = self.made(ark_set("two images", 2, flat((100, 100, 100))))
        for index, item in enumerate(answer["data"]):
            offsets = tint_of("two images", f"#{index}" if index else "")
            pixel = picture_of(item["b64_json"]).getpixel((500, 500))
            for value, offset in zip(pixel, offsets, strict=True):
                self.assertAlmostEqual(value, 100 + offset, delta=2)

    def test_one_of_a_set_fails(self) -> None:
        before = self.simulator.counts()["billed"]
        data = self.made(ark_set("[[partial:2]] three images", 3))["data"]
        self.assertEqual([("error" in item) for item in data], [False, True, False])
        self.assertEqual(data[1]["error"]["code"], "OutputImageSensitiveContentDetected")
        self.assertEqual(self.simulator.counts()["billed"], before + 2)
        rest = self.made(ark_set("[[partial_internal:2]] three images", 3))["data"]
        self.assertEqual([("error" in item) for item in rest], [False, True])
        none = self.made(ark("[[output_sensitive_partial:1]]"))
        self.assertEqual(none["usage"]["generated_images"], 0)
        self.assertIn("error", none)

    def events(self, prompt: str, most: int = 2) -> tuple[list[Any], bytes]:
        answer = self.simulator.post(ARK, ark_set(prompt, most, stream=True))
        self.assertEqual(answer.headers["Content-Type"], "text/event-stream")
        lines = answer.body.replace(b"\r\n", b"\n").split(b"\n")
        data = [line[6:] for line in lines if line.startswith(b"data: ")]
        return [json.loads(one) for one in data if one != b"[DONE]"], answer.body

    def test_stream(self) -> None:
        events, body = self.events("two images")
        kinds = [event["type"] for event in events]
        succeeded = "image_generation.partial_succeeded"
        self.assertEqual(kinds, [succeeded, succeeded, "image_generation.completed"])
        self.assertEqual([event.get("image_index") for event in events], [0, 1, None])
        self.assertEqual(events[2]["usage"]["generated_images"], 2)
        self.assertTrue(body.endswith(b"data: [DONE]\n\n"))
        failed, _ = self.events("[[partial:1]] two images")
        self.assertEqual(failed[0]["type"], "image_generation.partial_failed")
        self.assertEqual(failed[1]["type"], succeeded)

    def test_faults_of_a_stream(self) -> None:
        events, body = self.events("[[sse-crlf]] two images")
        self.assertEqual(len(events), 3)
        self.assertNotIn(b"\n", body.replace(b"\r\n", b""))
        self.assertIn(b": keep-alive\n", self.events("[[sse-comments]] two images")[1])
        self.assertNotIn(b"[DONE]", self.events("[[sse-no-done]] two images")[1])
        kinds = [event["type"] for event in self.events("[[sse-no-completed]]", 1)[0]]
        self.assertEqual(kinds, ["image_generation.partial_succeeded"])
        self.assertEqual(len(self.events("[[sse-cut:100]] two images")[0]), 3)
        strange = [event["type"] for event in self.events("[[unknown-enum]]", 1)[0]]
        self.assertIn("image_generation.pondering", strange)

    def test_moderation_and_accounts(self) -> None:
        cases = {
            "input_sensitive": (400, "InputImageSensitiveContentDetected.PrivacyInformation"),
            "output_sensitive": (400, "OutputImageSensitiveContentDetected"),
            "overdue": (403, "AccountOverdueError"),
            "quota": (429, "QuotaExceeded"),
            "not_open": (404, "ModelNotOpen"),
            "closed": (400, "InvalidEndpoint.ClosedEndpoint"),
            "402": (403, "AccountOverdueError"),
            "403": (403, "AccessDenied"),
            "429": (429, "ServerOverloaded"),
            "429:per-day": (429, "QuotaExceeded"),
            "429:limit-0": (429, "SetLimitExceeded"),
            "500": (500, "InternalServiceError"),
            "503": (503, "InternalServiceError"),
            "504": (504, "InternalServiceError"),
            "retired": (404, "InvalidEndpointOrModel.NotFound"),
        }
        before = self.simulator.counts()["billed"]
        for name, (status, code) in cases.items():
            with self.subTest(name):
                self.refused(ark(f"[[{name}]]"), code, status)
        self.assertEqual(self.simulator.counts()["billed"], before)

    def test_a_failed_check_passes_the_second_time(self) -> None:
        body = ark("[[security_error:1]]")
        self.refused(body, "ContentSecurityDetectionError")
        self.made(body)

    def test_odd_answers(self) -> None:
        self.assertEqual(self.made(ark("[[empty_data]]"))["data"], [])
        new = self.made(ark("[[unknown-enum]]"))["data"][0]
        self.assertEqual(new["output_format"], "picture2030")
        self.assertIn("addedLater", self.made(ark("[[unknown-fields]]"))["data"][0])

    def test_expired(self) -> None:
        body = ark("[[expired]]", response_format="url")
        self.assertEqual(self.simulator.fetch(self.made(body)["data"][0]["url"]).status, 403)


class ArkLimitTest(unittest.TestCase):
    def test_images_per_minute(self) -> None:
        """The window is so long that nothing leaves it while the test runs."""
        simulator = Running("ark", "--images-per-minute", "4", "--minute", "600")
        self.addCleanup(simulator.stop)
        answers = [simulator.post(ARK, ark_set("a", 3)), simulator.post(ARK, ark_set("a", 3))]
        self.assertEqual([answer.status for answer in answers], [200, 429])
        self.assertEqual(answers[1].json["error"]["code"], "ModelAccountIpmRateLimitExceeded")
        self.assertEqual(simulator.post(ARK, ark_set("a", 1)).status, 200)
        self.assertEqual(simulator.post(ARK, ark_set("a", 1)).status, 429)
        self.assertEqual(simulator.post(ARK, ark("another model")).status, 200)
        counts = simulator.counts()
        self.assertEqual(
            (counts["posts"], counts["submits"], counts["max_per_minute_images"]), (5, 3, 5)
        )

    def test_a_short_minute_ends(self) -> None:
        simulator = Running("ark", "--images-per-minute", "1", "--minute", "0.001")
        self.addCleanup(simulator.stop)
        statuses = [simulator.post(ARK, ark("a")).status for _ in range(3)]
        self.assertEqual(statuses, [200, 200, 200])


if __name__ == "__main__":
    unittest.main()
