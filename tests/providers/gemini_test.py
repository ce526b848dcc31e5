"""The simulator of Gemini: every rule and every answer of its own."""

from __future__ import annotations

import hashlib
import unittest
from typing import Any

from harness import GEMINI, Running, base64_of, data_of, final, flat, gemini, inline, sample


def tint_of(prompt: str, seed: str = "") -> list[int]:
    """The formula of the README, written a second time."""
    hashed = hashlib.sha256(f"{prompt}|{seed}".encode()).digest()
    return [hashed[channel] % 64 - 32 for channel in range(3)]


class GeminiTest(unittest.TestCase):
    simulator: Running

    @classmethod
    def setUpClass(cls) -> None:
        cls.simulator = Running("gemini")
        cls.addClassCleanup(cls.simulator.stop)

    def refused(self, body: Any, text: str, target: str = GEMINI) -> None:
        before = self.simulator.counts()["submits"]
        answer = self.simulator.post(target, body)
        self.assertEqual(answer.status, 400, answer.body[:300])
        self.assertEqual(answer.json["error"]["status"], "INVALID_ARGUMENT")
        self.assertIn(text, answer.json["error"]["message"])
        self.assertEqual(self.simulator.counts()["submits"], before)

    def test_keys(self) -> None:
        bad = self.simulator.ask("POST", GEMINI, gemini("a"), {"x-goog-api-key": "other"})
        self.assertEqual(bad.status, 400)
        self.assertEqual(bad.json["error"]["details"][0]["reason"], "API_KEY_INVALID")
        self.assertEqual(self.simulator.ask("POST", GEMINI, gemini("a"), {}).status, 403)
        self.assertEqual(self.simulator.ask("GET", "/v1beta/models", None, {}).status, 403)
        target = f"{GEMINI}?key=test-key-gemini"
        self.assertEqual(self.simulator.ask("POST", target, gemini("a"), {}).status, 400)
        self.assertTrue(any(line.get("key_in_url") for line in self.simulator.log()))

    def test_models(self) -> None:
        for version in ("v1", "v1beta"):
            models = self.simulator.ask("GET", f"/{version}/models").json["models"]
            self.assertIn("models/gemini-3-pro-image", [model["name"] for model in models])
        one = self.simulator.ask("GET", "/v1beta/models/gemini-3-pro-image")
        self.assertEqual(one.json["displayName"], "Nano Banana Pro")
        for name in ("gemini-2.5-flash-image", "gemini-9"):
            gone = self.simulator.post(f"/v1beta/models/{name}:generateContent", gemini("a"))
            self.assertEqual((gone.status, gone.json["error"]["status"]), (404, "NOT_FOUND"))
        self.assertEqual(self.simulator.post("/v1beta/nowhere", {}).status, 404)

    def test_the_answer_is_drawn_from_the_request(self) -> None:
        references = [flat((250, 10, 20)), flat((10, 240, 30))]
        source = flat((100, 110, 120), 400, 400)
        picture = None
        for seed in range(12):
            body = gemini("make it so", source, *references, seed=seed)
            body["generationConfig"]["imageConfig"] = {"aspectRatio": "1:1", "imageSize": "512"}
            picture, mime = final(self.simulator.post(GEMINI, body))
            if mime == "image/png":
                break
        assert picture is not None
        self.assertEqual(picture.size, (512, 512))
        side = 512 // 16
        self.assertEqual(picture.getpixel((side // 2, side // 2)), (250, 10, 20))
        self.assertEqual(picture.getpixel((side + side // 2, side // 2)), (10, 240, 30))
        expected = [
            value + offset
            for value, offset in zip((100, 110, 120), tint_of("make it so", str(seed)), strict=True)
        ]
        self.assertEqual(list(picture.getpixel((2 * side + 4, 4))), expected)
        self.assertEqual(list(picture.getpixel((256, 300))), expected)

    def test_sizes_are_a_table(self) -> None:
        cases = (
            ("16:9", "1K", (1344, 768)),
            ("9:16", "512", (384, 672)),
            ("8:1", "512", (1464, 176)),
            ("1:1", "2K", (2048, 2048)),
        )
        for ratio, size, expected in cases:
            config = {"imageConfig": {"aspectRatio": ratio, "imageSize": size}}
            picture, _ = final(self.simulator.post(GEMINI, gemini("sizes", **config)))
            self.assertEqual(picture.size, expected)

    def test_without_a_ratio_the_last_picture_decides(self) -> None:
        body = gemini("which", flat((1, 2, 3), 90, 160), flat((1, 2, 3), 160, 90))
        picture, _ = final(self.simulator.post(GEMINI, body))
        self.assertEqual(picture.size, (1344, 768))

    def test_the_parts_of_an_answer(self) -> None:
        answer = self.simulator.post(GEMINI, gemini("parts")).json
        parts = answer["candidates"][0]["content"]["parts"]
        kinds = [("inlineData" in part, part.get("thought", False)) for part in parts]
        self.assertEqual(kinds, [(False, False), (False, True), (True, True), (True, False)])
        usage = answer["usageMetadata"]
        self.assertEqual(usage["candidatesTokenCount"], 1120)
        self.assertEqual(usage["promptTokensDetails"][1], {"modality": "IMAGE", "tokenCount": 560})
        parted = ("promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount")
        self.assertEqual(usage["totalTokenCount"], sum(usage[name] for name in parted))
        self.assertEqual(answer["modelVersion"], "gemini-3.1-flash-image")
        self.assertTrue(answer["responseId"])

    def test_both_formats_come(self) -> None:
        mimes = {
            final(self.simulator.post(GEMINI, gemini(f"kind {n}", flat((9, 9, 9)))))[1]
            for n in range(12)
        }
        self.assertEqual(mimes, {"image/png", "image/jpeg"})

    def test_unknown_fields(self) -> None:
        body = gemini("a")
        self.refused({**body, "n": 2}, 'Unknown name "n": Cannot find field.')
        self.refused(
            gemini("a", imageConfig={"imageSise": "1K"}),
            "Unknown name \"imageSise\" at 'generation_config.image_config': Cannot find field.",
        )
        options = {"imageConfig": {"imageOutputOptions": {"mimeType": "image/png"}}}
        self.refused(gemini("a", **options), "imageOutputOptions")
        self.refused(gemini("a", strength=0.5), '"strength"')
        body["contents"][0]["parts"][1]["inlineData"]["name"] = "x"
        self.refused(body, "at 'contents[0].parts[1].inline_data'")

    def test_snake_case_is_read_too(self) -> None:
        body = gemini("a", flat((1, 1, 1)))
        body["generation_config"] = {"image_config": {"aspect_ratio": "1:1", "image_size": "512"}}
        del body["generationConfig"]
        picture, _ = final(self.simulator.post(GEMINI, body))
        self.assertEqual(picture.size, (512, 512))

    def test_wrong_types_and_values(self) -> None:
        self.refused(
            gemini("a", seed="7"), "Invalid value at 'generation_config.seed' (TYPE_INT32)"
        )
        self.refused(gemini("a", seed=2**31), "seed")
        self.refused(gemini("a", temperature=3), "temperature")
        self.refused(gemini("a", candidateCount=2), "Multiple candidates")
        self.refused(gemini("a", responseModalities=["TEXT"]), "IMAGE")
        self.refused({"contents": "a"}, "contents")
        self.refused({"contents": []}, "text part")
        self.refused([1], "message")
        settings = [{"category": "HARM_CATEGORY_NONSENSE", "threshold": "OFF"}]
        self.refused({**gemini("a"), "safetySettings": settings}, "TYPE_ENUM")

    def test_sizes_and_ratios_of_the_model(self) -> None:
        lite = "/v1beta/models/gemini-3.1-flash-lite-image:generateContent"
        pro = "/v1beta/models/gemini-3-pro-image:generateContent"
        self.refused(gemini("a", imageConfig={"imageSize": "2K"}), "image_size", lite)
        self.refused(gemini("a", imageConfig={"imageSize": "512"}), "image_size", pro)
        self.refused(gemini("a", imageConfig={"imageSize": "1k"}), "image_size")
        self.refused(gemini("a", imageConfig={"aspectRatio": "1:8"}), "aspect_ratio", pro)
        self.refused(gemini("a", imageConfig={"aspectRatio": "7:5"}), "aspect_ratio")

    def test_pictures(self) -> None:
        self.refused(gemini("a", *[flat((1, 1, 1), 16, 16)] * 15), "at most 14")
        many = gemini("many", *[flat((1, 1, 1), 16, 16)] * 14)
        self.assertEqual(self.simulator.post(GEMINI, many).status, 200)
        wrong = gemini("a")
        wrong["contents"][0]["parts"][1]["inlineData"]["mimeType"] = "image/jpeg"
        self.refused(wrong, "the bytes are image/png")
        gif = gemini("a")
        gif["contents"][0]["parts"][1] = inline(flat((1, 1, 1)), "GIF")
        self.refused(gif, "unsupported MIME type")
        broken = gemini("a")
        data = broken["contents"][0]["parts"][1]["inlineData"]
        data["data"] = data["data"][:-3]
        self.refused(broken, "base64")
        whole = base64_of(sample())
        data["data"] = whole[: len(whole) // 8 * 4]
        self.refused(broken, "decoded")
        data["data"] = "data:image/png;base64," + base64_of(sample())
        self.refused(broken, "base64")
        both = gemini("a")
        both["contents"][0]["parts"][1]["text"] = "and"
        self.refused(both, "one initialized field")
        linked = gemini("a")
        linked["contents"][0]["parts"][1] = {"fileData": {"fileUri": "https://example.com/a.png"}}
        self.refused(linked, "fileUri")

    def test_request_size(self) -> None:
        body = gemini("a")
        body["contents"][0]["parts"].append({"text": "x" * (20 * 1024 * 1024)})
        self.refused(body, "payload size exceeds")

    def test_no_picture_comes(self) -> None:
        reasons = {
            "image_safety": "IMAGE_SAFETY",
            "prohibited": "PROHIBITED_CONTENT",
            "recitation": "IMAGE_RECITATION",
            "no_image": "NO_IMAGE",
            "max_tokens": "MAX_TOKENS",
            "text_only": "STOP",
            "empty_content": "STOP",
        }
        for name, reason in reasons.items():
            with self.subTest(name):
                before = self.simulator.counts()
                candidate = self.simulator.post(GEMINI, gemini(f"[[{name}]]")).json["candidates"][0]
                self.assertEqual(candidate["finishReason"], reason)
                parts = candidate["content"].get("parts", [])
                self.assertFalse(any("inlineData" in part for part in parts))
                after = self.simulator.counts()
                self.assertEqual(after["billed"], before["billed"] + 1)

    def test_a_blocked_prompt_is_not_billed(self) -> None:
        before = self.simulator.counts()
        answer = self.simulator.post(GEMINI, gemini("[[blocked]]")).json
        self.assertEqual(answer["promptFeedback"]["blockReason"], "PROHIBITED_CONTENT")
        self.assertNotIn("candidates", answer)
        after = self.simulator.counts()
        self.assertEqual(after["billed"], before["billed"])
        self.assertEqual(after["submits"], before["submits"] + 1)

    def test_odd_answers(self) -> None:
        none = self.simulator.post(GEMINI, gemini("[[no_candidates]]")).json
        self.assertNotIn("candidates", none)
        new = self.simulator.post(GEMINI, gemini("[[unknown-enum]]"))
        self.assertEqual(new.json["candidates"][0]["finishReason"], "FINISHED_LATER")
        final(new)
        more = self.simulator.post(GEMINI, gemini("[[unknown-fields]]"))
        self.assertIn("addedLater", more.json["candidates"][0]["content"]["parts"][3]["inlineData"])

    def test_the_kth_of_several_requests_fails(self) -> None:
        answers = [
            self.simulator.post(GEMINI, gemini("[[partial:2]] x", seed=seed)).json
            for seed in range(3)
        ]
        reasons = [answer["candidates"][0]["finishReason"] for answer in answers]
        self.assertEqual(reasons, ["STOP", "IMAGE_SAFETY", "STOP"])

    def test_forms_of_429(self) -> None:
        def details(form: str) -> dict[str, Any]:
            answer = self.simulator.post(GEMINI, gemini(f"[[429:{form}]]"))
            self.assertEqual(answer.status, 429)
            error = answer.json["error"]
            self.assertEqual(error["status"], "RESOURCE_EXHAUSTED")
            found = {one["@type"].rpartition(".")[2]: one for one in error.get("details", [])}
            return {**found, "header": answer.headers.get("Retry-After")}

        self.assertEqual(details("retryinfo=0.5s")["RetryInfo"]["retryDelay"], "0.5s")
        self.assertEqual(details("1")["RetryInfo"]["retryDelay"], "1s")
        self.assertEqual(details("retry-after=3"), {"header": "3"})
        self.assertRegex(details("http-date=2")["header"], r"^\w{3}, \d\d \w{3} \d{4} .* GMT$")
        self.assertEqual(details("none"), {"header": None})
        day = details("per-day")["QuotaFailure"]["violations"][0]["quotaId"]
        self.assertIn("PerDay", day)
        zero = details("limit-0")["QuotaFailure"]["violations"][0]["quotaValue"]
        self.assertEqual(zero, "0")

    def test_refusals(self) -> None:
        expected = {
            "400": (400, "INVALID_ARGUMENT"),
            "402": (400, "FAILED_PRECONDITION"),
            "403": (403, "PERMISSION_DENIED"),
            "500": (500, "INTERNAL"),
            "503": (503, "UNAVAILABLE"),
            "504": (504, "DEADLINE_EXCEEDED"),
            "retired": (404, "NOT_FOUND"),
        }
        before = self.simulator.counts()["submits"]
        for name, (status, word) in expected.items():
            answer = self.simulator.post(GEMINI, gemini(f"[[{name}]]"))
            self.assertEqual((answer.status, answer.json["error"]["status"]), (status, word))
        self.assertEqual(self.simulator.counts()["submits"], before)

    def test_the_log_shows_pictures_as_summaries(self) -> None:
        source = flat((10, 20, 30), 40, 30)
        self.simulator.post(GEMINI, gemini("for the log", source, seed=5))
        line = next(line for line in self.simulator.log() if line.get("prompt") == "for the log")
        data = line["body"]["contents"][0]["parts"][1]["inlineData"]["data"]
        self.assertEqual(data["sha256"], hashlib.sha256(data_of(source)).hexdigest())
        self.assertEqual((data["width"], data["height"], data["mime"]), (40, 30, "image/png"))
        self.assertEqual(data["mean"], [10, 20, 30])
        self.assertEqual(line["seed"], "5")
        self.assertEqual(line["headers"]["x-goog-api-key"], "test-key-gemini")
        end = [other for other in self.simulator.log() if other["n"] == line["n"]][1]
        self.assertEqual(
            (end["done"], end["status"], end["tint"]), (True, 200, tint_of("for the log", "5"))
        )


class GeminiLimitTest(unittest.TestCase):
    def test_images_per_minute(self) -> None:
        simulator = Running("gemini", "--images-per-minute", "2", "--minute", "600")
        self.addCleanup(simulator.stop)
        answers = [simulator.post(GEMINI, gemini("a", seed=seed)) for seed in range(3)]
        self.assertEqual([answer.status for answer in answers], [200, 200, 429])
        details = answers[2].json["error"]["details"]
        self.assertTrue(
            details[0]["violations"][0]["quotaId"].startswith("GenerateImagesPerMinute")
        )
        seconds = float(details[1]["retryDelay"].removesuffix("s"))
        self.assertTrue(0 < seconds <= 600)
        self.assertEqual(simulator.counts()["billed"], 2)


if __name__ == "__main__":
    unittest.main()
