"""Stories: commands to a server over its API, and what was seen after each of them.

A story file stands beside the DAG file of the same name in ``stories/``. Its blocks, separated by empty lines, are
independent of one another; in a block a line that begins with ``> `` is a command, the lines below it are what is
expected. The same commands run in a real Airflow 2.10.5, which is where the expectations come from
(``support.record_stories``).

- ``run DAG [date=DATE] [conf=JSON] [run=ID]``: trigger a run and show how it ends (see *show*);
- ``trigger DAG RUN [date=DATE] [conf=JSON]``: only that; shows nothing unless it is refused;
- ``show DAG RUN``: the run's state, then ``STATE TRY/MAX: task task[0-2] …``, when it has ended; ``now DAG RUN``: the
  same, whether it has ended or not;
- ``runs DAG``: its runs in order of their dates: type, date, interval, state; ``shape DAG``: type, state, XComs;
- ``xcoms DAG RUN [TASK …]``: ``KEY of TASK = JSON``; ``rendered DAG RUN TASK``; ``weights DAG RUN``;
- ``events WHO``: what its code noted in a file, in order; ``sorted WHO``: without order;
- ``log DAG RUN TASK TEXT``: whether the log of the last try has it; ``tries DAG RUN TASK``: states of all tries;
- ``clear DAG RUN [KEY=JSON …]``, ``mark DAG RUN TASK STATE [KEY=JSON …]``, ``state DAG RUN STATE``, ``delete DAG RUN``;
- ``pause DAG``, ``unpause DAG``, ``touch FILE``, ``remove FILE``, ``await FILE``, ``pool NAME SLOTS [KEY=JSON …]``;
- ``get PATH FIELD …``: fields of an answer; ``send METHOD PATH BODY``: the status of an answer, and its detail.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

FOLDER = Path(__file__).parent / "stories"
DATE = "2024-03-05T06:07:08+00:00"


class Reply(Protocol):
    """One HTTP answer."""

    status: int
    text: str

    @property
    def json(self) -> Any: ...


class Server(Protocol):
    """What a story needs of the server it is told to."""

    home: Path

    def request(self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None) -> Reply: ...


@dataclass
class Step:
    """One command and what is expected after it."""

    command: str
    expected: list[str] = field(default_factory=list)

    @property
    def is_awaited(self) -> bool:
        """Whether it looks at something that may still be on its way, rather than does something."""
        return self.command.split()[0] in AWAITED


@dataclass
class Block:
    """Steps that belong together, and the remarks above them."""

    story: str
    steps: list[Step] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.story}: {self.remarks[0].strip('# ') if self.remarks else self.steps[0].command}"


def read_story(path: Path) -> list[Block]:
    """The blocks of a story file."""
    blocks: list[Block] = []
    current: Block | None = None
    for line in path.read_text().splitlines():
        if not line.strip():
            current = None
            continue
        if current is None:
            current = Block(path.stem)
            blocks.append(current)
        if line.startswith("#"):
            current.remarks.append(line)
        elif line.startswith("> "):
            current.steps.append(Step(line[2:]))
        else:
            current.steps[-1].expected.append(line)
    return blocks


def read_stories() -> list[Block]:
    """All blocks of all stories."""
    return [block for path in sorted(FOLDER.glob("*.txt")) for block in read_story(path)]


def written(blocks: list[Block]) -> str:
    """The text of a story file."""
    parts = []
    for block in blocks:
        lines = list(block.remarks)
        for step in block.steps:
            lines += [f"> {step.command}", *step.expected]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


@dataclass
class Told:
    """Carries out commands on a server; each gives the lines that were seen."""

    server: Server
    started: set[str] = field(default_factory=set)

    def do(self, command: str) -> list[str]:
        """One command. A run that was started ahead is not started again."""
        name, *words = command.split()
        done: list[str] | None = getattr(self, f"do_{name}")(*words)
        return done or []

    def start_ahead(self, blocks: list[Block]) -> None:
        """Trigger what the blocks' ``run`` commands ask for: the server need not wait for us between them."""
        for block in blocks:
            first = block.steps[0].command if block.steps else ""
            if first.startswith("run "):
                self._start(*_words(first.split()[1:]))
                self.started.add(first)

    # What a command may be ------------------------------------------------------------------------------------

    def do_run(self, *words: str) -> list[str]:
        dag_id, rest = _words(list(words))[0][0], _words(list(words))[1]
        command = " ".join(("run", *words))
        if command not in self.started:
            self.started.add(command)
            refused = self._start([dag_id], rest)
            if refused:
                return refused
        return self.do_show(dag_id, rest.get("run", "r"))

    def do_trigger(self, dag_id: str, run_id: str, *words: str) -> list[str]:
        return self._start([dag_id], {**_words(list(words))[1], "run": run_id})

    def do_show(self, dag_id: str, run_id: str) -> list[str]:
        lines = self.do_now(dag_id, run_id)
        return lines if lines[0] in ("success", "failed") else ["(open)", *lines]

    def do_now(self, dag_id: str, run_id: str) -> list[str]:
        by_state: dict[str, list[str]] = {}
        for name, row in sorted(self._instances(dag_id, run_id).items(), key=lambda item: _order(item[1])):
            state = f"{row['state'] or 'null'} {row['try_number']}/{row['max_tries']}"
            by_state.setdefault(state, []).append(name)
        return [
            str(self._get(f"/dags/{dag_id}/dagRuns/{quote(run_id)}")["state"]),
            *(f"  {state}: {' '.join(joined(names))}" for state, names in sorted(by_state.items())),
        ]

    def do_runs(self, dag_id: str) -> list[str]:
        rows = self._get(f"/dags/{dag_id}/dagRuns?order_by=execution_date&limit=100")["dag_runs"]
        return [
            f"  {row['run_type']} {row['logical_date']} [{row['data_interval_start']} {row['data_interval_end']}] "
            f"{row['state']}".replace("+00:00", "Z").replace(":00Z", "Z")
            for row in rows
        ]

    def do_shape(self, dag_id: str) -> list[str]:
        """Runs without their dates, each with what its tasks returned: runs that datasets make have dates of now."""
        lines = []
        for row in self._get(f"/dags/{dag_id}/dagRuns?order_by=execution_date&limit=100")["dag_runs"]:
            lines.append(f"  {row['run_type']} {row['state']}")
            lines += [f"  {line}" for line in self.do_xcoms(dag_id, row["dag_run_id"])]
        return lines

    def do_xcoms(self, dag_id: str, run_id: str, *tasks: str) -> list[str]:
        lines = []
        for name, row in sorted(self._instances(dag_id, run_id).items(), key=lambda item: _order(item[1])):
            if tasks and row["task_id"] not in tasks:
                continue
            base = f"/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances/{row['task_id']}/xcomEntries"
            index = row["map_index"]
            entries = self._get(f"{base}?map_index={index}&limit=100")["xcom_entries"]
            for key in sorted({entry["key"] for entry in entries if entry.get("map_index", index) == index}):
                value = self._get(f"{base}/{quote(key)}?stringify=false&map_index={index}")["value"]
                if key == "skipmixin_key":
                    value = {name: sorted(ids) for name, ids in value.items()}  # Airflow's comes from a set
                lines.append(f"  {key} of {name} = {json.dumps(value, sort_keys=True)}")
        return lines

    def do_rendered(self, dag_id: str, run_id: str, task: str) -> list[str]:
        return [f"  {json.dumps(self._instances(dag_id, run_id)[task]['rendered_fields'], sort_keys=True)}"]

    def do_weights(self, dag_id: str, run_id: str) -> list[str]:
        rows = sorted(self._instances(dag_id, run_id).items(), key=lambda item: _order(item[1]))
        return ["  " + " ".join(f"{name}={row['priority_weight']}" for name, row in rows)]

    def do_events(self, who: str) -> list[str]:
        path = self.server.home / f"events_{who}"
        return [f"  {line.rstrip()}" for line in path.read_text().splitlines()] if path.exists() else []

    def do_sorted(self, who: str) -> list[str]:
        return sorted(self.do_events(who))

    def do_log(self, dag_id: str, run_id: str, task: str, *text: str) -> list[str]:
        row = self._instances(dag_id, run_id)[task]
        path = f"/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances/{row['task_id']}/logs/{row['try_number']}"
        log = self.server.request("GET", f"{path}?map_index={row['map_index']}", headers={"Accept": "text/plain"}).text
        return ["  yes" if " ".join(text) in log else "  no"]

    def do_tries(self, dag_id: str, run_id: str, task: str) -> list[str]:
        row = self._instances(dag_id, run_id)[task]
        index = f"/{row['map_index']}" if row["map_index"] >= 0 else ""
        path = f"/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances/{row['task_id']}{index}/tries"
        rows = sorted(self._get(path)["task_instances"], key=lambda row: row["try_number"])
        return ["  " + " ".join(f"{row['try_number']}={row['state']}" for row in rows)]

    def do_clear(self, dag_id: str, run_id: str, *words: str) -> list[str]:
        body = {
            "dag_run_id": run_id,
            "dry_run": False,
            "only_failed": False,
            "reset_dag_runs": True,
            **_values(words),
        }
        answer = self.server.request("POST", f"/dags/{dag_id}/clearTaskInstances", body)
        if answer.status != 200:
            return _refusal(answer)
        rows = answer.json["task_instances"]
        return ["  " + " ".join(sorted(f"{row['dag_run_id']}/{row['task_id']}" for row in rows))]

    def do_mark(self, dag_id: str, run_id: str, task_id: str, state: str, *words: str) -> list[str]:
        body = {"dry_run": False, "task_id": task_id, "dag_run_id": run_id, "new_state": state, **_values(words)}
        defaults = dict.fromkeys(("include_upstream", "include_downstream", "include_future", "include_past"), False)
        answer = self.server.request("POST", f"/dags/{dag_id}/updateTaskInstancesState", {**defaults, **body})
        if answer.status != 200:
            return _refusal(answer)
        rows = answer.json["task_instances"]
        return ["  " + " ".join(sorted(f"{row['dag_run_id']}/{row['task_id']}" for row in rows))]

    def do_state(self, dag_id: str, run_id: str, state: str) -> list[str]:
        return self._sent("PATCH", f"/dags/{dag_id}/dagRuns/{quote(run_id)}", {"state": state})

    def do_delete(self, dag_id: str, run_id: str) -> list[str]:
        return self._sent("DELETE", f"/dags/{dag_id}/dagRuns/{quote(run_id)}", None)

    def do_pause(self, dag_id: str) -> list[str]:
        return self._sent("PATCH", f"/dags/{dag_id}?update_mask=is_paused", {"is_paused": True})

    def do_unpause(self, dag_id: str) -> list[str]:
        return self._sent("PATCH", f"/dags/{dag_id}?update_mask=is_paused", {"is_paused": False})

    def do_pool(self, name: str, slots: str, *words: str) -> list[str]:
        return self._sent("POST", "/pools", {"name": name, "slots": int(slots), **_values(words)})

    def do_touch(self, name: str) -> None:
        (self.server.home / name).touch()

    def do_remove(self, name: str) -> None:
        (self.server.home / name).unlink(missing_ok=True)

    def do_await(self, name: str) -> list[str]:
        return [] if (self.server.home / name).exists() else ["(not there)"]

    def do_get(self, path: str, *fields: str) -> list[str]:
        answer = self.server.request("GET", path)
        if answer.status != 200:
            return _refusal(answer)
        return [f"  {name} = {json.dumps(found, sort_keys=True)}" for name, found in _picked(answer.json, fields)]

    def do_send(self, method: str, path: str, *body: str) -> list[str]:
        answer = self.server.request(method, path, json.loads(" ".join(body)) if body else None)
        return [f"  {answer.status}"] if answer.status < 400 else _refusal(answer)

    # Asking ---------------------------------------------------------------------------------------------------

    def _start(self, names: list[str], rest: dict[str, str]) -> list[str]:
        body: dict[str, Any] = {"dag_run_id": rest.get("run", "r"), "logical_date": rest.get("date", DATE)}
        if "conf" in rest:
            body["conf"] = json.loads(rest["conf"])
        answer = self.server.request("POST", f"/dags/{names[0]}/dagRuns", body)
        return [] if answer.status == 200 else _refusal(answer)

    def _sent(self, method: str, path: str, body: Any) -> list[str]:
        answer = self.server.request(method, path, body)
        return [] if answer.status < 400 else _refusal(answer)

    def _get(self, path: str) -> Any:
        answer = self.server.request("GET", path)
        assert answer.status == 200, f"GET {path}: {answer.status} {answer.text}"
        return answer.json

    def _instances(self, dag_id: str, run_id: str) -> dict[str, dict[str, Any]]:
        rows = self._get(f"/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances?limit=100")["task_instances"]
        return {row["task_id"] + ("" if row["map_index"] < 0 else f"[{row['map_index']}]"): row for row in rows}


AWAITED: frozenset[str] = frozenset(
    {
        "run",
        "show",
        "now",
        "runs",
        "shape",
        "xcoms",
        "rendered",
        "weights",
        "events",
        "sorted",
        "log",
        "tries",
        "await",
        "get",
    }
)


def joined(names: list[str]) -> Iterator[str]:
    """``a[0]``, ``a[1]``, ``b`` → ``a[0-1]``, ``b``."""
    ranges: list[tuple[str, int, int]] = []
    for name in names:
        found = re.fullmatch(r"(.+)\[(\d+)\]", name)
        base, index = (found.group(1), int(found.group(2))) if found else (name, -1)
        if ranges and index > 0 and ranges[-1][0] == base and ranges[-1][2] == index - 1:
            ranges[-1] = (base, ranges[-1][1], index)
        else:
            ranges.append((base, index, index))
    for base, first, last in ranges:
        yield base if first < 0 else f"{base}[{first}]" if first == last else f"{base}[{first}-{last}]"


def _order(row: dict[str, Any]) -> tuple[str, int]:
    return row["task_id"], row["map_index"]


def _words(words: list[str]) -> tuple[list[str], dict[str, str]]:
    plain = [word for word in words if "=" not in word]
    return plain, dict(word.split("=", 1) for word in words if "=" in word)


def _values(words: tuple[str, ...]) -> dict[str, Any]:
    return {name: json.loads(value) for name, value in (word.split("=", 1) for word in words)}


def _refusal(answer: Reply) -> list[str]:
    return [f"  {answer.status} {str(answer.json.get('detail')).splitlines()[0]}"]


def _picked(found: Any, fields: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for name in fields:
        value = found
        for part in name.split("."):
            value = sorted(one[part] for one in value) if isinstance(value, list) else value[part]
        yield name, value
