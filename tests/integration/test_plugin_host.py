"""The plugin host as a process: what it answers, and that no plugin, however bad, takes another's answer away."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.plugin_files import BROKEN, EVERYTHING, MACROS, NAMELESS, TIMETABLES
from support.plugin_host import HostedPlugins

from tradewind.model.times import SystemClock
from tradewind.plugins.client import LastingClient
from tradewind.wire.messages import ConnectionReply, GetVariable, Message, Value
from tradewind.wire.plugin_messages import (
    CallListeners,
    DescribePlugins,
    Found,
    HostQuestion,
    IntervalFound,
    ManualInterval,
    NewRunId,
    NextRunInfo,
    Nothing,
    PluginFailed,
    TestConnection,
    TimetableRef,
)

COUNTING = """
import os
from pathlib import Path

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin


class Counts:
    count = 0

    @hookimpl
    def on_dataset_changed(self, dataset):
        if "dies" in dataset.uri:
            os._exit(3)
        self.count += 1
        Path(__file__).with_suffix(".txt").write_text(str(self.count))


class CountsPlugin(AirflowPlugin):
    name = "counts"
    listeners = [Counts()]
"""
DAY = datetime(2024, 1, 1, tzinfo=UTC)
THIRD, FIFTH = datetime(2024, 1, 3, tzinfo=UTC), datetime(2024, 1, 5, tzinfo=UTC)
EVERY_OTHER = TimetableRef(classpath="timetables.EveryOther", args={"days": 2})


def looked_up(question: Any) -> Message:
    return Value(value="the value") if isinstance(question, GetVariable) else ConnectionReply(conn_id="c")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[HostedPlugins]:
    house = HostedPlugins(tmp_path, looked_up)
    house.put("timetables.py", TIMETABLES)
    yield house
    house.stop()


def asked(house: HostedPlugins, question: HostQuestion) -> Any:
    answer = house.client.ask(question, 30.0)
    return answer.value if isinstance(answer, Found) else answer


def manual(name: str) -> ManualInterval:
    return ManualInterval(timetable=TimetableRef(classpath=f"timetables.{name}", args={}), run_after=THIRD)


def test_a_timetable_of_a_plugin_answers_as_its_code_says(house: HostedPlugins) -> None:
    first = asked(house, NextRunInfo(timetable=EVERY_OTHER, earliest=DAY))
    assert first == IntervalFound(start=DAY, end=THIRD, run_after=THIRD)
    second = asked(house, NextRunInfo(timetable=EVERY_OTHER, last=(DAY, THIRD), earliest=DAY))
    assert second == IntervalFound(start=THIRD, end=FIFTH, run_after=FIFTH)
    assert asked(house, NextRunInfo(timetable=EVERY_OTHER, last=(DAY, THIRD), latest=DAY)) == Nothing()
    interval = asked(house, ManualInterval(timetable=EVERY_OTHER, run_after=THIRD))
    assert interval == IntervalFound(start=DAY, end=THIRD)
    run_id = asked(
        house, NewRunId(timetable=EVERY_OTHER, run_type="scheduled", logical_date=DAY, interval=(DAY, THIRD))
    )
    assert run_id == "scheduled_own_20240101"
    assert len(house.started) == 1


def test_a_class_that_no_plugin_lists_is_not_made(house: HostedPlugins) -> None:
    with pytest.raises(PluginFailed, match=r"Timetable class 'os\.PathLike' is not registered"):
        asked(house, ManualInterval(timetable=TimetableRef(classpath="os.PathLike"), run_after=DAY))


def test_what_a_plugin_raises_or_how_it_dies_is_said_of_that_question(house: HostedPlugins) -> None:
    with pytest.raises(PluginFailed, match="RuntimeError: no interval today"):
        asked(house, manual("Raises"))
    with pytest.raises(PluginFailed, match="without an answer"):
        asked(house, manual("Dies"))
    assert asked(house, manual("EveryOther")) == IntervalFound(start=DAY, end=THIRD)


def test_one_that_hangs_is_killed_and_holds_nobody_up(house: HostedPlugins) -> None:
    errors: list[str] = []

    def ask_what_hangs() -> None:
        with pytest.raises(PluginFailed) as caught:
            house.client.ask(manual("Hangs"), 2.0)
        errors.append(str(caught.value))

    assert asked(house, manual("EveryOther"))  # the host runs
    thread = threading.Thread(target=ask_what_hangs)
    thread.start()
    assert asked(house, manual("EveryOther")) == IntervalFound(start=DAY, end=THIRD)
    thread.join()
    assert errors in (
        ["timetable timetables.Hangs took longer than 2 s to answer ManualInterval"],
        ["the plugin host did not answer ManualInterval: its process ended without an answer"],
    )


def test_a_host_that_is_killed_is_replaced(house: HostedPlugins) -> None:
    assert asked(house, manual("EveryOther"))
    os.kill(house.started[0], signal.SIGKILL)
    os.waitpid(house.started[0], 0)
    assert asked(house, manual("EveryOther")) == IntervalFound(start=DAY, end=THIRD)
    assert len(house.started) == 2
    house.started.pop(0)


def test_the_listeners_process_keeps_its_state_until_it_is_replaced(house: HostedPlugins) -> None:
    house.put("counts.py", COUNTING)
    told = LastingClient(house.connect, SystemClock())
    call = CallListeners(event_id=1, hook="on_dataset_changed", payload={"uri": "s3://x/y"})
    counts = house.plugins / "counts.txt"
    for expected in ("1", "2"):
        told.ask(call, 30.0)
        assert counts.read_text() == expected
    with pytest.raises(PluginFailed):
        told.ask(CallListeners(event_id=2, hook="on_dataset_changed", payload={"uri": "s3://dies/y"}), 30.0)
    told.ask(call, 30.0)
    assert counts.read_text() == "1"
    told.close()


def test_a_changed_plugin_is_asked_in_its_new_form(house: HostedPlugins) -> None:
    assert asked(house, manual("EveryOther")) == IntervalFound(start=DAY, end=THIRD)
    house.put("timetables.py", TIMETABLES.replace("run_after.subtract(days=self.days)", "run_after"))
    answers = {asked(house, manual("EveryOther")).start}
    while THIRD not in answers:  # the folder is looked at once a second
        answers.add(asked(house, manual("EveryOther")).start)
    assert len(house.started) == 2


def test_plugins_are_listed_with_those_that_cannot_be_loaded(house: HostedPlugins) -> None:
    house.put("a_broken.py", BROKEN)
    house.put("nameless.py", NAMELESS)
    house.put("endless.py", "while True: pass\n")
    house.put("my_macros.py", MACROS)
    found = asked(house, DescribePlugins())
    assert [row["name"] for row in found["plugins"]] == ["my_macros", "timetables"]
    macros, timetables = found["plugins"]
    assert macros["source"] == "$PLUGINS_FOLDER/my_macros.py"
    assert macros["macros"] == ["my_macros.shout"]
    assert macros["priority_weight_strategies"] == ["my_macros.Twice"]
    assert macros["appbuilder_menu_items"] == [
        {"name": "Docs", "category": "Links", "href": "https://example.org/docs"}
    ]
    assert timetables["timetables"][0] == "timetables.EveryOther"
    errors = {Path(path).name: text.splitlines()[-1] for path, text in found["errors"].items()}
    assert errors["a_broken.py"] == "RuntimeError: broken here"
    assert errors["nameless.py"].endswith("AirflowPluginException: Your plugin needs a name.")
    assert "Plugin import timeout" in errors["endless.py"]


def test_what_a_plugin_brings_is_listed_in_airflows_words(house: HostedPlugins) -> None:
    """As Airflow 2.10.5 shows a plugin with the same things."""
    house.put("everything.py", EVERYTHING)
    row = asked(house, DescribePlugins())["plugins"][0]
    shown = {name: value for name, value in row.items() if value}
    assert shown == {
        "name": "everything",
        "source": "$PLUGINS_FOLDER/everything.py",
        "macros": ["everything.shout"],
        "flask_blueprints": ["<everything.Blueprint: name='own_blueprint' import_name='everything'>"],
        "appbuilder_views": [{"category": "Own", "name": "Own View", "view": "everything.View"}],
        "appbuilder_menu_items": [{"category": "Own", "href": "https://example.org/docs", "name": "Docs"}],
        "global_operator_extra_links": ["<everything.Link object>"],
        "operator_extra_links": ["<everything.Link object>"],
        "ti_deps": ["<TIDep(own)>"],
        "timetables": ["everything.Rarely"],
    }


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"conn_type": "nope"}, [False, 'Unknown hook type "nope"']),
        ({"conn_type": "fs", "extra": '{"path": "/"}'}, [True, "Path / is existing."]),
        ({"conn_type": "fs", "extra": '{"path": "/nonono"}'}, [False, "Path /nonono does not exist."]),
        ({"conn_type": "fs"}, [False, "File Path is undefined."]),
    ],
)
def test_a_connection_is_tested_by_its_hook_in_the_words_of_airflow(
    house: HostedPlugins, fields: dict[str, Any], expected: list[Any]
) -> None:
    """Expectations recorded from Airflow 2.10.5."""
    assert asked(house, TestConnection(fields=fields)) == expected


def test_secrets_of_a_tested_connection_are_not_in_the_answer(house: HostedPlugins) -> None:
    fields = {"conn_type": "fs", "password": "hunter22", "extra": '{"path": "/hunter22/x"}'}
    assert asked(house, TestConnection(fields=fields)) == [False, "Path /***/x does not exist."]


def test_a_plugin_may_read_variables_while_it_answers(house: HostedPlugins) -> None:
    house.put(
        "asks.py",
        TIMETABLES.replace("class EveryOther", "from airflow.models import Variable\nclass EveryOther")
        .replace("_own_", "_{Variable.get('v')}_")
        .replace('name = "timetables"', 'name = "asks"'),
    )
    asks = TimetableRef(classpath="asks.EveryOther", args={"days": 2})
    run_id = asked(house, NewRunId(timetable=asks, run_type="manual", logical_date=DAY))
    assert run_id == "manual_the value_20240101"
