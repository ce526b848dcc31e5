"""The simulator of BFL: the life of a task, its endings, the delivery host, the limits."""

from __future__ import annotations

import unittest

from bfl_case import BflCase
from harness import PRO, Running, flux


class BflTaskTest(BflCase):
    def test_the_life_of_a_task(self) -> None:
        task = self.submitted(PRO, flux("life", seed=7, width=512, height=512))
        self.assertEqual((task["cost"], task["input_mp"], task["output_mp"]), (4.5, 1.0, 1.0))
        answers = self.run_of(task)
        words = [answer.json["status"] for answer in answers]
        running = ["Pending", "Reasoning", "Generating", "Warming The Easel"]
        self.assertEqual(words, ["Task not found"] * 2 + running + ["Ready"])
        self.assertEqual([answer.status for answer in answers], [404, 404, 200, 200, 200, 200, 200])
        self.assertEqual(answers[4].json["progress"], 0.5)
        result = answers[-1].json["result"]
        self.assertEqual((result["seed"], result["prompt"]), (7, "life"))
        self.assertIn(f":{self.simulator.file_port}/", result["sample"])

    def test_only_the_polling_url_knows_the_task(self) -> None:
        task = self.submitted(PRO, flux("[[ready:1]] where"))
        other = self.simulator.ask("GET", f"/v1/get_result?id={task['id']}")
        self.assertEqual((other.status, other.json["status"]), (404, "Task not found"))
        self.assertEqual(self.poll(task["polling_url"]).json["status"], "Ready")
        bare = self.submitted(PRO, flux("[[no_polling_url]] [[ready:1]]"))
        self.assertNotIn("polling_url", bare)
        found = self.simulator.ask("GET", f"/v1/get_result?id={bare['id']}")
        self.assertEqual(found.json["status"], "Ready")

    def test_endings(self) -> None:
        before = self.simulator.counts()
        cases = {
            "request_moderated": "Request Moderated",
            "content_moderated": "Content Moderated",
            "error": "Error",
        }
        for name, word in cases.items():
            ended = self.result(PRO, flux(f"[[{name}]]"))
            self.assertEqual((ended["status"], ended["result"]), (word, None))
        self.assertEqual(self.result(PRO, flux("[[never_ready]]"))["status"], "Generating")
        after = self.simulator.counts()
        self.assertEqual(after["billed"], before["billed"])
        self.assertEqual(after["submits"], before["submits"] + 4)
        empty = self.result(PRO, flux("[[ready_without_sample]]"))
        self.assertEqual((empty["status"], empty["result"]), ("Ready", {}))
        lost = self.run_of(self.submitted(PRO, flux("[[task_lost]]")))
        self.assertEqual({answer.status for answer in lost[6:]}, {404})

    def test_odd_polls(self) -> None:
        answers = self.run_of(self.submitted(PRO, flux("[[unknown-enum]]")))
        words = [answer.json["status"] for answer in answers]
        self.assertEqual(words[2:], ["Stage 3", "Stage 4", "Stage 5", "Stage 6", "Ready"])
        answers = self.run_of(self.submitted(PRO, flux("[[poll_202]]")))
        self.assertEqual([answer.status for answer in answers[2:]], [202, 202, 202, 202, 200])
        task = self.submitted(PRO, flux("[[unknown-fields]] [[ready:1]]"))
        self.assertIn("addedLater", task)
        self.assertIn("addedLater", self.run_of(task)[0].json["result"])

    def test_the_kth_of_several_tasks_fails(self) -> None:
        words = [
            self.result(PRO, flux("[[partial:2]] [[ready:1]]", seed=seed))["status"]
            for seed in range(3)
        ]
        self.assertEqual(words, ["Ready", "Content Moderated", "Ready"])

    def test_polls_and_files_have_scenarios_of_their_own(self) -> None:
        task = self.submitted(PRO, flux("[[ready:1]] [[poll.503:2]] [[file.503:1]]"))
        statuses = [self.poll(task["polling_url"]).status for _ in range(2)]
        self.assertEqual(statuses, [503, 503])
        url = self.poll(task["polling_url"]).json["result"]["sample"]
        self.assertEqual([self.simulator.fetch(url).status for _ in range(2)], [503, 200])

    def test_expired_urls(self) -> None:
        task = self.submitted(PRO, flux("[[expired]] [[ready:1]]"))
        urls = [self.poll(task["polling_url"]).json["result"]["sample"] for _ in range(2)]
        first, second = (self.simulator.fetch(url) for url in urls)
        self.assertEqual((first.status, second.status), (403, 200))
        self.assertTrue(first.body.startswith(b"<?xml"))
        task = self.submitted(PRO, flux("[[expired-always]] [[ready:1]]"))
        for _ in range(3):
            url = self.poll(task["polling_url"]).json["result"]["sample"]
            self.assertEqual(self.simulator.fetch(url).status, 403)

    def test_the_delivery_host_never_sees_a_key(self) -> None:
        url = self.result(PRO, flux("[[ready:1]] leak"))["result"]["sample"]
        before = self.simulator.counts()["key_leaked"]
        for headers in (
            {"x-key": "test-key-bfl"},
            {"Authorization": "x"},
            {"Accept": "test-key-bfl"},
        ):
            self.assertEqual(self.simulator.fetch(url, **headers).status, 400)
        self.assertEqual(self.simulator.fetch(url).status, 200)
        self.assertEqual(self.simulator.counts()["key_leaked"], before + 3)

    def test_forms_of_429(self) -> None:
        body = self.simulator.post(PRO, flux("[[429:retryinfo=0.5s]]")).json
        self.assertEqual(body["retry_after"], 0.5)
        header = self.simulator.post(PRO, flux("[[429:retry-after=2]]")).headers["Retry-After"]
        self.assertEqual(header, "2")
        self.assertIsNone(self.simulator.post(PRO, flux("[[429]]")).headers["Retry-After"])

    def test_refusals(self) -> None:
        for name, status in (
            ("402", 402),
            ("403", 403),
            ("500", 500),
            ("503", 503),
            ("504", 504),
            ("retired", 404),
        ):
            self.assertEqual(self.simulator.post(PRO, flux(f"[[{name}]]")).status, status)


class BflLimitTest(unittest.TestCase):
    def test_tasks_at_once(self) -> None:
        simulator = Running("bfl", "--concurrent", "2", "--ready-after", "0")
        self.addCleanup(simulator.stop)
        first = simulator.post(PRO, flux("a")).json
        self.assertEqual(simulator.post(PRO, flux("a")).status, 200)
        self.assertEqual(simulator.post(PRO, flux("a")).status, 429)
        ready = simulator.fetch(first["polling_url"], **simulator.key())
        self.assertEqual(ready.json["status"], "Ready")
        self.assertEqual(simulator.post(PRO, flux("a")).status, 200)

    def test_documented_limits(self) -> None:
        simulator = Running("bfl")
        self.addCleanup(simulator.stop)
        statuses = [simulator.post("/v1/flux-kontext-max", flux("a")).status for _ in range(7)]
        self.assertEqual(statuses, [200] * 6 + [429])
        body = flux("a", width=64, height=64)
        statuses = [simulator.post(PRO, body).status for _ in range(19)]
        self.assertEqual(statuses, [200] * 18 + [429])

    def test_a_short_lived_url(self) -> None:
        simulator = Running("bfl", "--ready-after", "0", "--url-seconds", "0")
        self.addCleanup(simulator.stop)
        task = simulator.post(PRO, flux("a")).json
        ready = simulator.fetch(task["polling_url"], **simulator.key()).json
        self.assertEqual(simulator.fetch(ready["result"]["sample"]).status, 403)


if __name__ == "__main__":
    unittest.main()
