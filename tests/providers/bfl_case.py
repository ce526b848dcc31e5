"""What the tests of BFL share: submitting, polling to the end, fetching the picture."""

from __future__ import annotations

import unittest
from typing import Any

from PIL import Image

from harness import Answer, Running


class BflCase(unittest.TestCase):
    """A simulator for all tests of a class, and what is done with it again and again."""

    simulator: Running

    @classmethod
    def setUpClass(cls) -> None:
        cls.simulator = Running("bfl", "--concurrent", "0")
        cls.addClassCleanup(cls.simulator.stop)

    def refused(self, target: str, body: Any, place: str, kind: str = "value_error") -> None:
        before = self.simulator.counts()["submits"]
        answer = self.simulator.post(target, body)
        self.assertEqual(answer.status, 422, answer.body[:300])
        found = [(item["loc"][-1], item["type"]) for item in answer.json["detail"]]
        self.assertIn((place, kind), found)
        self.assertEqual(self.simulator.counts()["submits"], before)

    def submitted(self, target: str, body: Any) -> Any:
        answer = self.simulator.post(target, body)
        self.assertEqual(answer.status, 200, answer.body[:300])
        return answer.json

    def poll(self, url: str) -> Answer:
        return self.simulator.fetch(url, **self.simulator.key())

    def run_of(self, task: Any, most: int = 12) -> list[Answer]:
        """Polls until the task ends."""
        answers = []
        for _ in range(most):
            answers.append(self.poll(task["polling_url"]))
            word = answers[-1].json["status"]
            if word in ("Ready", "Error") or "Moderated" in word:
                break
        return answers

    def result(self, target: str, body: Any) -> Any:
        return self.run_of(self.submitted(target, body))[-1].json

    def picture(self, target: str, body: Any) -> Image.Image:
        return self.simulator.fetch(self.result(target, body)["result"]["sample"]).picture
