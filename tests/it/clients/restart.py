"""Follows a slow job while the test ends the daemon and starts it again on another port."""

from __future__ import annotations

from checks import fails, inverted, pattern, say
from easel import Client
from easel.daemon import read_endpoint
from easel.protocol import Ask


def main() -> None:
    with Client() as client:
        rows = pattern(20, 10)
        source = client.put_pixels(rows, "rgba8", 20, 10)["id"]
        ask: Ask = {
            "intent": "restyle",
            "source": source,
            "models": ["slow"],
            "params": {"milliseconds": 1500},
        }
        transform = client.submit(ask, key="restart")
        before = read_endpoint(client.data_dir)
        events = []
        for event in client.follow(transform["id"]):
            events.append(event)
            if event["event"] == "started" and len(say_once) == 0:
                say_once.append(True)
                say("started")
        after = read_endpoint(client.data_dir)
        assert before.pid != after.pid and before.token == after.token
        names = [event["event"] for event in events]
        assert "requeued" in names and names[-1] == "done", names
        numbers = [event["seq"] for event in events]
        assert numbers == sorted(set(numbers)), "an event came twice"
        assert events == client.events(0, transform["id"])["events"], "an event is missing"
        [job] = client.transform_get(id=transform["id"])["jobs"]
        assert job["attempts"] == 2
        [artifact] = job["artifacts"]
        assert client.pixels(artifact["blob"]).rows == inverted(rows)
        # Said again to the new daemon, on a connection to the old one: still the same transform.
        assert client.submit(ask, key="restart")["id"] == transform["id"]
        # What the old daemon was given, the new one has.
        assert client.put_pixels(rows, "rgba8", 20, 10)["id"] == source
        say("done")
        # Nobody comes back from now on.
        input()
        fails("busy", lambda: client.submit(ask, key="late", patience=0.3))
        fails("busy", client.server_info)
        say("ended")


say_once: list[bool] = []

if __name__ == "__main__":
    main()
