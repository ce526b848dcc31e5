#!/usr/bin/env python3
"""The vendors' own SDKs judge our requests: `judge.py FILE.jsonl` reads requests as lines of JSON
`{provider, method, path, headers, body}`; `judge.py --responses` judges the simulators' own
answers. A line of JSON for each, a summary at the end; exit 1 when any is bad or there was nothing
to judge."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from vendors import ark, blackforest, google
from vendors.verdict import Verdict

JUDGES: dict[str, Callable[[Mapping[str, Any]], Verdict]] = {
    "gemini": google.judge,
    "ark": ark.judge,
    "bfl": blackforest.judge,
}


def judged(request: Any) -> Verdict:
    """The verdict on one line of a file."""
    if not isinstance(request, dict):
        return Verdict.of(["the line is no object"])
    missing = [name for name in ("provider", "method", "path", "headers") if name not in request]
    if missing:
        return Verdict.of([f"the line lacks `{name}`" for name in missing])
    judge = JUDGES.get(request["provider"])
    if judge is None:
        return Verdict.of([f"nobody judges `{request['provider']}`"])
    return judge(request)


def requests(paths: list[Path]) -> Iterator[tuple[str, Verdict]]:
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                request = json.loads(line)
            except ValueError as error:
                yield str(path), Verdict.of([f"not JSON: {error}"])
                continue
            place = request.get("path", "?") if isinstance(request, dict) else "?"
            yield place, judged(request)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE.jsonl")
    parser.add_argument("--responses", action="store_true", help="judge the simulators' answers")
    options = parser.parse_args()
    if options.responses == bool(options.files):
        parser.error("give files of requests, or --responses")
    if options.responses:
        from vendors.golden import verdicts

        cases = verdicts()
    else:
        cases = requests(options.files)
    counts: Counter[str] = Counter()
    for number, (name, verdict) in enumerate(cases, 1):
        counts[verdict.word] += 1
        line = {"n": number, "what": name, "verdict": verdict.word, "why": list(verdict.why)}
        print(json.dumps(line), flush=True)
    words = ("ok", "bad", "unjudged")
    print(json.dumps({"summary": {word: counts[word] for word in words}}))
    return 1 if counts["bad"] or not counts else 0


if __name__ == "__main__":
    sys.exit(main())
