"""What all simulators share: scenarios by header and by control, the log, the counts, the load they
hold, and how they end."""

from __future__ import annotations

import json
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness import GEMINI, PRO, Running, flat, flux, gemini


class ScenarioTest(unittest.TestCase):
    simulator: Running

    @classmethod
    def setUpClass(cls) -> None:
        cls.simulator = Running("bfl", "--concurrent", "0", "--ready-after", "0")
        cls.addClassCleanup(cls.simulator.stop)

    def test_by_header(self) -> None:
        answer = self.simulator.post(PRO, flux("a"), X_Scenario="503")
        self.assertEqual(answer.status, 503)
        task = self.simulator.post(PRO, flux("a")).json
        headers = {**self.simulator.key(), "X-Scenario": "504"}
        self.assertEqual(self.simulator.fetch(task["polling_url"], **headers).status, 504)

    def test_by_control(self) -> None:
        self.assertEqual(self.simulator.control("503", 2).json, {"queued": [["503", 2]]})
        statuses = [self.simulator.post(PRO, flux("a")).status for _ in range(3)]
        self.assertEqual(statuses, [503, 503, 200])
        self.simulator.control("503", 5)
        self.assertEqual(self.simulator.control("503", 0).json, {"queued": []})
        self.assertEqual(self.simulator.post(PRO, flux("a")).status, 200)

    def test_control_waits_for_its_stage(self) -> None:
        self.simulator.control("poll.500")
        self.simulator.control("file.html502")
        task = self.simulator.post(PRO, flux("a")).json
        key = self.simulator.key()
        self.assertEqual(self.simulator.fetch(task["polling_url"], **key).status, 500)
        url = self.simulator.fetch(task["polling_url"], **key).json["result"]["sample"]
        self.assertEqual([self.simulator.fetch(url).status for _ in range(2)], [502, 200])

    def test_lists_have_a_stage(self) -> None:
        self.simulator.control("list.503")
        self.assertEqual(self.simulator.post(PRO, flux("a")).status, 200)
        statuses = [self.simulator.ask("GET", "/v1/credits").status for _ in range(2)]
        self.assertEqual(statuses, [503, 200])

    def test_a_misspelt_scenario_is_said(self) -> None:
        for answer in (
            self.simulator.post(PRO, flux("[[4299]]")),
            self.simulator.post(PRO, flux("[[blocked]]")),
            self.simulator.post(PRO, flux("a"), X_Scenario="nothing"),
            self.simulator.control("nothing"),
        ):
            self.assertEqual(answer.status, 400)
            self.assertIn("no scenario", answer.json["simulator"])

    def test_scenarios_are_in_the_log(self) -> None:
        self.simulator.post(PRO, flux("[[503]] [[file.gzip]] seen"))
        lines = [line for line in self.simulator.log() if line.get("prompt", "").endswith("seen")]
        self.assertEqual(lines[0]["scenario"], ["503"])

    def test_unknown_routes_of_the_tests(self) -> None:
        self.assertEqual(self.simulator.ask("GET", "/_nothing").status, 404)

    def test_counts_are_by_path(self) -> None:
        klein = "/v1/flux-2-klein-4b"
        for _ in range(3):
            self.simulator.post(klein, flux("a", width=64, height=64))
        self.simulator.post(klein, flux("a", n=1))
        counts = self.simulator.counts(klein)
        self.assertEqual((counts["posts"], counts["submits"], counts["billed"]), (4, 3, 3))
        self.assertEqual(self.simulator.counts("/v1/flux-2-max")["posts"], 0)


class LifeTest(unittest.TestCase):
    def test_logs_and_records(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            log, record = Path(folder, "log.jsonl"), Path(folder, "record.jsonl")
            simulator = Running("gemini", "--log", str(log), "--record", str(record))
            body = gemini("kept", flat((1, 2, 3)))
            simulator.post(GEMINI, body)
            simulator.ask("GET", "/v1/models")
            shown = simulator.log()
            simulator.stop()
            lines = [json.loads(line) for line in log.read_text().splitlines()]
            self.assertEqual(lines, shown)
            self.assertEqual([line["n"] for line in lines], [1, 1, 2, 2])
            self.assertEqual(lines[0]["port"], "api")
            self.assertIsNone(lines[0]["status"])
            (recorded,) = (json.loads(line) for line in record.read_text().splitlines())
            self.assertEqual(recorded["body"], body)
            self.assertEqual((recorded["provider"], recorded["path"]), ("gemini", GEMINI))

    def test_ends(self) -> None:
        self.assertEqual(Running("ark").stop(), 0)
        self.assertEqual(Running("bfl").terminate(), 0)

    def test_ends_while_a_request_is_held(self) -> None:
        simulator = Running("gemini")
        with ThreadPoolExecutor(1) as pool:
            held = pool.submit(simulator.post, GEMINI, gemini("[[stall]]"))
            while simulator.counts()["submits"] < 1:
                pass
            self.assertEqual(simulator.terminate(), 0)
            self.assertIsInstance(held.exception(), (ConnectionError, OSError))


class LoadTest(unittest.TestCase):
    def test_a_hundred_at_once(self) -> None:
        """All are held until all have come, so that they are really at once."""
        simulator = Running("bfl", "--concurrent", "0")
        self.addCleanup(simulator.stop)
        source = flat((9, 9, 9), 256, 256)

        def one(index: int) -> int:
            body = flux(f"[[hold]] {index}", source, width=256, height=256)
            return simulator.post(PRO, body).status

        with ThreadPoolExecutor(100) as pool:
            answers = pool.map(one, range(100))
            while simulator.counts()["submits"] < 100:
                time.sleep(0.05)
            simulator.release()
            self.assertEqual(set(answers), {200})
        counts = simulator.counts()
        self.assertEqual((counts["max_in_flight"], counts["billed"]), (100, 100))

    def test_five_hundred(self) -> None:
        simulator = Running("bfl", "--concurrent", "0")
        self.addCleanup(simulator.stop)
        source = flat((9, 9, 9), 64, 64)

        def one(index: int) -> int:
            return simulator.post(PRO, flux("many", source, seed=index, width=64, height=64)).status

        with ThreadPoolExecutor(50) as pool:
            self.assertEqual(set(pool.map(one, range(500))), {200})
        self.assertEqual(simulator.counts()["submits"], 500)


if __name__ == "__main__":
    unittest.main()
