"""The guide to plugins is true: its example works as written, and it names what is there."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.plugin_files import MACROS
from support.plugin_host import HostedPlugins

from tradewind.cli.tree_plugins import PROVIDERS
from tradewind.plugins import airflow_plugin, listeners
from tradewind.scheduler.listeners import HOOKS
from tradewind.wire.plugin_messages import IntervalFound, ManualInterval, NextRunInfo, TimetableRef

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/guides/plugins.md").read_text(encoding="utf-8")
DAY = datetime(2024, 1, 1, tzinfo=UTC)
THIRD = datetime(2024, 1, 3, tzinfo=UTC)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[HostedPlugins]:
    house = HostedPlugins(tmp_path)
    yield house
    house.stop()


def test_the_example_answers_in_the_plugin_host(house: HostedPlugins) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    house.put("schedules.py", example)
    timetable = TimetableRef(classpath="schedules.EveryOtherDay")
    interval = IntervalFound(start=DAY, end=THIRD)
    assert house.client.ask(ManualInterval(timetable=timetable, run_after=THIRD), 30.0) == interval
    first = house.client.ask(NextRunInfo(timetable=timetable, earliest=DAY), 30.0)
    assert first == IntervalFound(start=DAY, end=THIRD, run_after=THIRD)


def test_the_lists_and_hooks_that_it_names_are_there() -> None:
    table = GUIDE.partition("| list |")[2].partition("\n\n")[0]
    named = {name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert named <= set(vars(airflow_plugin.AirflowPlugin))
    never = {"on_dataset_created", "on_dataset_alias_created", "on_existing_dag_import_error"}
    known = {name for name in vars(listeners.Specs) if name.startswith(("on_", "before_"))}
    assert never <= known
    assert known - never >= HOOKS


def test_its_commands_are_there() -> None:
    named = set(re.findall(r"^tradewind providers (\w+)", GUIDE, re.MULTILINE))
    assert named <= {command.name for command in PROVIDERS.commands}


@pytest.mark.parametrize(
    "code",
    [
        "from airflow.macros.my_macros import shout",
        "from airflow.macros import my_macros; shout = my_macros.shout",
        "import airflow.macros.my_macros as m; shout = m.shout",
    ],
)
def test_macros_of_a_plugin_can_be_imported(tmp_path: Path, code: str) -> None:
    (tmp_path / "my_macros_plugin.py").write_text(MACROS)
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; print(shout('heard'))"],
        env={"AIRFLOW__CORE__PLUGINS_FOLDER": str(tmp_path), "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "HEARD", done.stderr
