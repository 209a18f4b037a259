"""Runs that schedules make: which, over which intervals, how many at once, waiting for the past.

The expectations were seen in Airflow 2.10.5.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from acceptance.live_server import LiveServer, live_server

SOURCE = Path(__file__).parent / "schedules" / "schedules.py"

INTERVALS = """
daily              01-01T00 01-02T00 | 01-02T00 01-03T00 | 01-03T00 01-04T00 | 01-04T00 01-05T00
one_day            01-01T00 01-02T00
no_day
first_tick         01-02T06 01-03T06
delta              01-01T03 01-02T15 | 01-02T15 01-04T03
months             01-31T00 02-29T00 | 02-29T00 03-29T00 | 03-29T00 04-29T00 | 04-29T00 05-29T00
once               01-03T00 01-03T00
once_no_catchup    01-03T00 01-03T00
weekly             01-07T00 01-14T00 | 01-14T00 01-21T00
last_of_month      01-31T00 02-29T00 | 02-29T00 03-31T00 | 03-31T00 04-30T00
first_monday       01-01T00 02-05T00 | 02-05T00 03-04T00 | 03-04T00 04-01T00
either_day         01-05T00 01-12T00 | 01-12T00 01-13T00 | 01-13T00 01-19T00 | 01-19T00 01-26T00
quarters           01-01T00 01-01T00:25 | 01-01T00:25 01-01T00:50 | 01-01T00:50 01-01T01 | 01-01T01 01-01T01:25
spring             03-29T01:30 03-30T01:30 | 03-30T01:30 03-31T01:30 | 03-31T01:30 04-01T00:30 | 04-01T00:30 04-02T00:30
autumn             10-26T00:30 10-27T01:30 | 10-27T01:30 10-28T01:30 | 10-28T01:30 10-29T01:30
short_day          03-29T23 03-30T23 | 03-30T23 03-31T22 | 03-31T22 04-01T22
delta_over_change  03-29T23 03-30T23 | 03-30T23 03-31T23 | 03-31T23 04-01T23
even_hours         03-31T01 03-31T02 | 03-31T02 03-31T04 | 03-31T04 03-31T06
trigger            01-01T06 01-01T06 | 01-02T06 01-02T06 | 01-03T06 01-03T06
zoned              03-30T05 03-30T05 | 03-31T04 03-31T04
events             01-02T00 01-02T00 | 01-04T00 01-04T00 | 01-05T00 01-05T00
ended_no_catchup
events_no_catchup
with_interval      01-01T00 01-02T00 | 01-02T00 01-03T00
paused
"""
DAGS = {line.split()[0]: line[19:].split(" | ") if line[19:].strip() else [] for line in INTERVALS.strip().splitlines()}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    home = tmp_path_factory.mktemp("home")
    (home / "dags").mkdir()
    (home / "dags" / SOURCE.name).write_text(SOURCE.read_text())
    with live_server(home, AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION="False") as server:
        server.wait_for_dag("many")
        yield server


def runs_of(server: LiveServer, dag_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.get(f"/dags/{dag_id}/dagRuns?order_by=execution_date&limit=100")["dag_runs"]
    return found


def short(date: str) -> str:
    """``2024-01-02T03:30:00+00:00`` → ``01-02T03:30``; full hours without minutes."""
    assert date.startswith("2024-") and date.endswith("+00:00"), date
    return date[5:16].removesuffix(":00")


def ended(server: LiveServer, dag_id: str, count: int) -> list[dict[str, Any]]:
    def all_there() -> list[dict[str, Any]] | None:
        runs = runs_of(server, dag_id)
        return runs if [run["state"] for run in runs if run["state"] in ("success", "failed")][count - 1 :] else None

    runs: list[dict[str, Any]] = server.wait_until(all_there, f"{count} runs of {dag_id} have ended") if count else []
    return runs or runs_of(server, dag_id)


@pytest.mark.parametrize("dag_id", DAGS)
def test_runs_and_their_intervals(server: LiveServer, dag_id: str) -> None:
    expected = DAGS[dag_id]
    runs = ended(server, dag_id, len(expected))
    assert [f"{short(run['data_interval_start'])} {short(run['data_interval_end'])}" for run in runs] == expected
    for run in runs:
        assert run["state"] == "success"
        assert run["run_type"] == "scheduled"
        assert run["external_trigger"] is False
        assert run["dag_run_id"] == f"scheduled__{run['logical_date']}"
        assert run["logical_date"] == run["data_interval_start"]


@pytest.mark.parametrize("dag_id", [dag_id for dag_id in DAGS if dag_id != "paused"])
def test_nothing_is_next_after_the_last_run(server: LiveServer, dag_id: str) -> None:
    ended(server, dag_id, len(DAGS[dag_id]))
    dag = server.get(f"/dags/{dag_id}")
    fields = ("next_dagrun", "next_dagrun_create_after", "next_dagrun_data_interval_start")
    assert [dag[field] for field in fields] == [None, None, None]


def test_without_catchup_only_the_newest_interval_runs(server: LiveServer) -> None:
    for dag_id in ("yearly_no_catchup", "delta_no_catchup"):
        (run,) = ended(server, dag_id, 1)
        assert run["state"] == "success"
        assert server.get(f"/dags/{dag_id}")["next_dagrun"] == run["data_interval_end"]


def test_a_run_before_the_start_date_of_its_tasks_has_none(server: LiveServer) -> None:
    runs = ended(server, "with_interval", 2)
    assert [server.task_states("with_interval", run["dag_run_id"].replace("+", "%2B")) for run in runs] == [
        {},
        {"a": "success"},
    ]


STATES = """
own_dates      success: a=success to_second=success | success: a=success from_second=success to_second=success | success: a=success from_second=success
not_latest     success: later=success next=skipped only=success
past           success: after=success free=success waits=success | failed: after=upstream_failed free=success waits=failed | running: after=None free=success waits=None | running: after=None free=success waits=None
past_skipped   success: waits=success | success: waits=skipped | success: waits=success | success: waits=success
past_first     success: waits=success | success: waits=success
downstream     success: first=success second=success | failed: first=success second=failed | running: first=None second=None
one_at_a_time  success: waits=success | failed: waits=failed | running: waits=None
past_branch    success: branch=success left=skipped right=success | success: branch=success left=success right=skipped | success: branch=success left=skipped right=success
failing        failed: fails=failed | failed: fails=failed
"""  # noqa: E501
EXPECTED = {line.split()[0]: line[15:].split(" | ") for line in STATES.strip().splitlines()}


@pytest.mark.parametrize("dag_id", EXPECTED)
def test_states_of_runs_that_look_at_the_past(server: LiveServer, dag_id: str) -> None:
    def seen() -> list[str]:
        lines = []
        for run in runs_of(server, dag_id):
            states = server.task_states(dag_id, run["dag_run_id"].replace("+", "%2B"))
            lines.append(f"{run['state']}: " + " ".join(f"{name}={states[name]}" for name in sorted(states)))
        return lines

    expected = EXPECTED[dag_id]
    server.wait_until(lambda: seen() == expected, f"{dag_id}: {expected}, is {seen()}", 20)


def test_after_two_failed_runs_in_a_row_the_dag_is_paused(server: LiveServer) -> None:
    server.wait_until(lambda: server.get("/dags/failing")["is_paused"], "the DAG is paused")
    assert len(runs_of(server, "failing")) == 2


def test_one_run_at_a_time_is_what_it_says(server: LiveServer) -> None:
    runs = ended(server, "one_run", 6)
    assert [run["state"] for run in runs] == ["success"] * 6
    assert (server.home / "order_one_run").read_text().split() == [f"2024-01-0{n}" for n in range(1, 7) for _ in "ab"]


def test_more_runs_are_caught_up_than_may_be_active(server: LiveServer) -> None:
    assert {run["state"] for run in ended(server, "many", 41)} == {"success"}


def test_one_instance_over_all_runs_goes_in_order_of_dates(server: LiveServer) -> None:
    runs = ended(server, "one_instance", 6)
    assert [run["state"] for run in runs] == ["success"] * 6
    assert (server.home / "order_one_instance").read_text().split() == [f"2024-01-0{n}" for n in range(1, 7)]


def test_continuous_runs_follow_one_another(server: LiveServer) -> None:
    server.unpause("continuous")
    runs = ended(server, "continuous", 3)
    server.request("PATCH", "/dags/continuous", {"is_paused": True})
    assert {run["run_type"] for run in runs} == {"scheduled"}
    assert runs[0]["data_interval_start"] == "2024-01-01T00:00:00+00:00"
    done = [run for run in runs if run["state"] == "success"]
    assert all(before["end_date"] <= after["start_date"] for before, after in pairwise(done))


MANUAL = {
    "daily": ("2024-03-04T00:00:00+00:00", "2024-03-05T00:00:00+00:00"),
    "first_tick": ("2024-03-04T06:00:00+00:00", "2024-03-05T06:00:00+00:00"),
    "delta": ("2024-03-03T18:07:08+00:00", "2024-03-05T06:07:08+00:00"),
    "once": ("2024-03-05T06:07:08+00:00", "2024-03-05T06:07:08+00:00"),
}


@pytest.mark.parametrize("dag_id", MANUAL)
def test_the_interval_of_a_manual_run_follows_the_schedule(server: LiveServer, dag_id: str) -> None:
    date = "2024-03-05T06:07:08+00:00"
    run = server.post(f"/dags/{dag_id}/dagRuns", {"logical_date": date})
    assert (run["data_interval_start"], run["data_interval_end"]) == MANUAL[dag_id]
    assert (run["dag_run_id"], run["logical_date"], run["run_type"]) == (f"manual__{date}", date, "manual")
    assert server.wait_for_run(dag_id, run["dag_run_id"].replace("+", "%2B")) in ("success", "failed")
