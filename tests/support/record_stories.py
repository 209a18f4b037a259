"""Tells stories to a real Airflow and writes down what was seen.

``python -m support.record_stories URL HOME STORY … [--only TEXT]`` with ``HOME`` the AIRFLOW_HOME of that server, whose
DAG files note their events there. The DAG files must be in its folder already, its ``admin`` has password ``admin``.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import select
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from acceptance.story_script import FOLDER, Block, Told, read_story, written

CALM = {"show": 6.0, "run": 6.0, "now": 25.0, "runs": 25.0, "shape": 30.0, "await": 0.0}
"""Seconds for which what is seen must not have changed before it is believed; 6 for the rest."""
OTHERWISE = 6.0
PATIENCE = 400.0
AT_ONCE = 7


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    status: int
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass(frozen=True)
class RecordedServer:
    """The server whose answers are written down."""

    url: str
    home: Path

    def request(self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None) -> Answer:
        """One request below /api/v1."""
        data = None if body is None else json.dumps(body).encode()
        signed = {"Authorization": "Basic " + base64.b64encode(b"admin:admin").decode()}
        signed |= {"Content-Type": "application/json", **(headers or {})}
        asked = urllib.request.Request(f"{self.url}/api/v1{path}", data=data, method=method, headers=signed)
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                return Answer(answer.status, answer.read().decode())
        except urllib.error.HTTPError as refusal:
            return Answer(refusal.code, refusal.read().decode())


def settled(told: Told, command: str) -> list[str]:
    """What a command shows when it has not changed for a while."""
    calm = CALM.get(command.split(maxsplit=1)[0], 6.0)
    began = since = time.monotonic()
    seen = told.do(command)
    while time.monotonic() - began < PATIENCE:
        if is_calm(seen, time.monotonic() - since, calm):
            return seen
        select.select([], [], [], 1.0)
        newer = told.do(command)
        if newer != seen:
            seen, since = newer, time.monotonic()
    print(f"!! {command}: {seen}")
    return seen


def is_calm(seen: list[str], waited: float, calm: float) -> bool:
    """Whether what is seen will stay: an instance without a state may be one that the scheduler has yet to look at."""
    pending = any(line.startswith("  null ") for line in seen)
    return not (seen and seen[0].startswith("(")) and waited >= (max(calm, 40.0) if pending else calm)


def forget(server: RecordedServer, block: Block) -> None:
    """Take away what an earlier telling left."""
    for words in (step.command.split() for step in block.steps):
        if words[0] in ("run", "trigger"):
            run_id = next((word[4:] for word in words if word.startswith("run=")), "r")
            server.request("DELETE", f"/dags/{words[1]}/dagRuns/{words[2] if words[0] == 'trigger' else run_id}")
        elif words[0] in ("events", "sorted"):
            (server.home / f"events_{words[1]}").unlink(missing_ok=True)
        elif words[0] in ("touch", "await"):
            (server.home / words[1]).unlink(missing_ok=True)


def record(server: RecordedServer, stories: list[str], only: str) -> None:
    """Tell stories, all blocks at once, and write their files anew."""
    files = {FOLDER / f"{story}.txt": read_story(FOLDER / f"{story}.txt") for story in stories}
    writing = Lock()

    def tell(path: Path, block: Block) -> None:
        told = Told(server)
        forget(server, block)
        for step in block.steps:
            step.expected = settled(told, step.command) if step.is_awaited else told.do(step.command)
        with writing:
            path.write_text(written(files[path]))
            print(written([block]), flush=True)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        chosen = [(path, block) for path, blocks in files.items() for block in blocks if re.search(only, str(block))]
        for done in as_completed([pool.submit(tell, *one) for one in chosen]):
            if (error := done.exception()) is not None:
                print(f"!! {error}", flush=True)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("home", type=Path)
    parser.add_argument("stories", nargs="+")
    parser.add_argument("--only", default="")
    chosen = parser.parse_args()
    record(RecordedServer(chosen.url, chosen.home), chosen.stories, chosen.only)


if __name__ == "__main__":
    main()
