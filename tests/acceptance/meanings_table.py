"""Reads what is expected of the DAGs in ``meanings/``: text files that stand beside them.

A line without indent names a DAG and the state its run ends in (``running``: it hangs on, rightly). Below it:

- ``STATE TRY/MAX: task task[0-2] …``: these task instances, state and numbers as the API shows them;
- ``KEY of TASK = JSON`` (or ``= nothing``): an XCom, not stringified; ``rendered of`` and ``name of`` are fields
  of the task instance;
- ``log of TASK has|lacks TEXT``: the log of its last try;
- ``events of WHO: a | b``: what its code noted in a file, in order (or ``nothing``);
- ``weights: …``: the priority weights, by task id.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent / "meanings"


@dataclass(frozen=True)
class Fact:
    """One line of a table."""

    dag_id: str
    line: str

    def __str__(self) -> str:
        return f"{self.dag_id}: {self.line}"


@dataclass
class Expected:
    """What becomes of one DAG's run."""

    dag_id: str
    run_state: str
    instances: dict[str, str] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)


def spread(words: str) -> list[str]:
    """``a b[0-2]`` → ``a``, ``b[0]``, ``b[1]``, ``b[2]``."""
    found: list[str] = []
    for word in words.split():
        ranged = re.fullmatch(r"(.+)\[(\d+)-(\d+)\]", word)
        if ranged is None:
            found.append(word)
        else:
            name, first, last = ranged.groups()
            found += [f"{name}[{index}]" for index in range(int(first), int(last) + 1)]
    return found


def read_tables() -> dict[str, Expected]:
    """All tables: DAG id → what is expected."""
    found: dict[str, Expected] = {}
    for path in sorted(FOLDER.glob("*.txt")):
        for line in path.read_text().splitlines():
            if not line.strip():
                continue
            if not line.startswith(" "):
                dag_id, state = line.split()
                found[dag_id] = current = Expected(dag_id, state)
                continue
            states = re.fullmatch(r"  (\w+ \d+/\d+):(.*)", line)
            if states is None:
                current.facts.append(Fact(current.dag_id, line.strip()))
            else:
                current.instances |= dict.fromkeys(spread(states.group(2)), states.group(1))
    return found
