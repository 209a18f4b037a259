"""Stories told to a server: runs, clears, marks and callbacks go as they went in Airflow 2.10.5."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from acceptance.live_server import LiveServer, live_server
from acceptance.story_script import FOLDER, Block, Step, Told, read_stories

BLOCKS = read_stories()
SETTINGS = {
    "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
    "AIRFLOW__CORE__PARALLELISM": "16",
    "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "60",
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A server with the DAGs of all stories."""
    home = tmp_path_factory.mktemp("home")
    (home / "dags").mkdir()
    for path in FOLDER.rglob("*.py"):
        copy = home / (path.parent.name if path.parent != FOLDER else "dags") / path.name
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(path.read_text())
    with live_server(home, **SETTINGS) as server:
        for path in FOLDER.glob("*.txt"):
            server.wait_for_dag(f"{path.stem}_is_there")
        told = Told(server)
        told.start_ahead(BLOCKS)
        yield told


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_story(told: Told, block: Block) -> None:
    """Each step shows what is expected, at once or when what is on its way has arrived."""
    for step in block.steps:
        seen = told.do(step.command)
        if step.is_awaited and seen != step.expected:
            seen = awaited(told, step)
        assert seen == step.expected, f"> {step.command}\n" + "\n".join(seen)


def awaited(told: Told, step: Step) -> list[str]:
    """What is seen in the end, as soon as it is what is expected."""
    seen: list[list[str]] = [[]]

    def has_arrived() -> bool:
        seen[0] = told.do(step.command)
        return seen[0] == step.expected

    assert isinstance(told.server, LiveServer)
    with contextlib.suppress(AssertionError):
        told.server.wait_until(has_arrived, step.command, 20)
    return seen[0]
