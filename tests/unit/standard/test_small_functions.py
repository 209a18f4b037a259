"""The small functions of airflow.utils; expected values are what Airflow 2.10.5 gives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pendulum
import pytest
from support.standard_fakes import FakeRuntime, as_runtime

from tradewind.sdk import containers, days, identifiers, loading, mail, timezone
from tradewind.sdk.callables import context_to_airflow_vars, determine_kwargs
from tradewind.sdk.exceptions import AirflowConfigException, RemovedInAirflow3Warning
from tradewind.sdk.settings_reader import conf
from tradewind.sdk.states import State
from tradewind.sdk.weekday import WeekDay

NEW_YEAR = datetime(2024, 1, 1, tzinfo=UTC)


def test_days_ago_is_midnight_and_warns() -> None:
    with pytest.warns(RemovedInAirflow3Warning):
        date = days.days_ago(2, hour=3)
    assert (date.hour, date.minute, date.tzinfo) == (3, 0, pendulum.UTC)
    assert 2 <= (timezone.utcnow() - date.replace(hour=0)).total_seconds() / 86400 < 3


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"num": 3, "delta": timedelta(days=1)}, [1, 2, 3]),
        ({"num": 3, "delta": "@daily"}, [1, 2, 3]),
        ({"num": 2, "delta": "0 5 * * *"}, [1, 1]),
        ({"end_date": datetime(2024, 1, 4, tzinfo=UTC), "delta": "0 0 * * *"}, [1, 2, 3, 4]),
        ({"num": -2, "delta": timedelta(days=1)}, [31, 1]),
        ({"num": 3}, []),
    ],
)
def test_date_range(arguments: dict[str, Any], expected: list[int]) -> None:
    with pytest.warns(RemovedInAirflow3Warning):
        assert [date.day for date in days.date_range(NEW_YEAR, **arguments)] == expected


@pytest.mark.parametrize(
    ("moment", "delta", "expected"),
    [
        (datetime(2015, 1, 1, 6, tzinfo=UTC), timedelta(days=1), datetime(2015, 1, 1, tzinfo=UTC)),
        (datetime(2015, 1, 2, tzinfo=UTC), timedelta(days=30), datetime(2015, 1, 1, tzinfo=UTC)),
        (datetime(2015, 9, 16, tzinfo=UTC), timedelta(hours=1), datetime(2015, 9, 16, tzinfo=UTC)),
    ],
)
def test_round_time(moment: datetime, delta: timedelta, expected: datetime) -> None:
    start = datetime(2015, 1, 1, tzinfo=UTC)
    assert days.round_time(moment, delta, start) == expected


@pytest.mark.parametrize(
    ("seconds", "unit"),
    [([10, 100], "seconds"), ([200], "minutes"), ([20000], "hours"), ([200000], "days"), ([], "hours")],
)
def test_infer_time_unit(seconds: list[float], unit: str) -> None:
    assert days.infer_time_unit(seconds) == unit
    assert list(days.scale_time_units([7200.0], "hours")) == [2.0]


def test_zones() -> None:
    naive = datetime(2024, 7, 1, 12)  # noqa: DTZ001
    aware = timezone.make_aware(naive, pendulum.timezone("Europe/Amsterdam"))
    assert timezone.convert_to_utc(aware) == datetime(2024, 7, 1, 10, tzinfo=UTC)
    assert timezone.make_naive(aware, pendulum.UTC) == datetime(2024, 7, 1, 10)  # noqa: DTZ001
    assert timezone.parse("2024-07-01T12:00:00").tzinfo == pendulum.UTC
    assert timezone.coerce_datetime(None) is None
    assert timezone.datetime(2024, 1, 1) == NEW_YEAR
    with pytest.raises(ValueError, match="naive"):
        timezone.make_aware(aware)


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, None), (0.5, "<1s"), (93784, "1d:2h:3M:4s"), (86400 * 400, "1y:1m:10d"), (59, "59s")]
)
def test_durations_in_words(seconds: float | None, text: str | None) -> None:
    assert timezone.td_format(seconds) == text


def test_prune_dict() -> None:
    value = {"a": None, "b": 0, "c": {"d": None, "e": []}, "f": [None, {"g": None}, 1]}
    assert containers.prune_dict(value) == {"b": 0, "c": {"e": []}, "f": [{}, 1]}
    assert containers.prune_dict(value, mode="truthy") == {"f": [1]}


def test_lists_and_dicts() -> None:
    assert list(containers.chunks([1, 2, 3], 2)) == [[1, 2], [3]]
    assert containers.merge_dicts({"a": 1, "r": {"b": 2, "c": 3}}, {"a": 0, "r": {"c": 4}}) == {
        "a": 0,
        "r": {"b": 2, "c": 4},
    }
    assert containers.as_flattened_list([[1], [2, 3]]) == [1, 2, 3]
    assert [list(part) for part in containers.partition(lambda x: x % 2 == 1, [1, 2, 3])] == [[2], [1, 3]]
    assert containers.exactly_one(1, None, 0)
    assert not containers.exactly_one(1, 2)
    assert containers.at_most_one()
    assert identifiers.convert_camel_to_snake("LocalTaskJob") == "local_task_job"
    assert identifiers.to_boolean("Yes")
    assert not identifiers.to_boolean(None)


def test_dotted_names() -> None:
    assert loading.import_string("tradewind.sdk.states.State") is State
    assert loading.qualname(State) == "tradewind.sdk.states.State"
    for wrong in ("State", "tradewind.sdk.states.Nothing", "no.such.Thing"):
        with pytest.raises(ImportError):
            loading.import_string(wrong)


def test_weekdays() -> None:
    assert WeekDay.validate_week_day("monday") == {WeekDay.MONDAY}
    assert WeekDay.validate_week_day(["Sunday", WeekDay.MONDAY]) == {WeekDay.SUNDAY, WeekDay.MONDAY}
    with pytest.raises(AttributeError, match='Invalid Week Day passed: "Thurday"'):
        WeekDay.validate_week_day("Thurday")
    with pytest.raises(TypeError, match="Unsupported Type for week_day parameter"):
        WeekDay.validate_week_day(5)  # type: ignore[arg-type]


def test_settings_come_from_the_environment_first_then_from_the_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__MINE__SIZE", "3")
    with as_runtime(FakeRuntime(config={("mine", "size"): "4", ("mine", "list"): "a, b", ("mine", "on"): "yes"})):
        assert conf.getint("mine", "size") == 3
        assert conf.getlist("mine", "list") == ["a", "b"]
        assert conf.getboolean("mine", "on") is True
    assert conf.get("mine", "nothing", fallback="f") == "f"
    assert conf.getsection("mine") == {"size": "3"}
    with pytest.raises(AirflowConfigException, match=r"section/key \[mine/nothing\] not found in config"):
        conf.get("mine", "nothing")
    with pytest.raises(AirflowConfigException, match="Failed to convert value to bool"):
        conf.getboolean("mine", "size")


def test_addresses_in_one_text() -> None:
    assert mail.get_email_address_list("a@x.org, b@x.org;c@x.org") == ["a@x.org", "b@x.org", "c@x.org"]
    assert mail.get_email_address_list(("a@x.org",)) == ["a@x.org"]
    with pytest.raises(TypeError):
        mail.get_email_address_list([1])  # type: ignore[list-item]


def test_a_message_hides_its_bcc() -> None:
    message, recipients = mail.build_mime_message(
        "me@x.org", "a@x.org", "Hello", "<b>hi</b>", cc="b@x.org", bcc="c@x.org"
    )
    assert recipients == ["a@x.org", "b@x.org", "c@x.org"]
    assert (message["To"], message["CC"], message["Bcc"], message["Subject"]) == ("a@x.org", "b@x.org", None, "Hello")


def test_functions_get_what_they_take() -> None:
    context = {"ds": 1, "ts": 2}
    assert determine_kwargs(lambda ds: ds, (), context) == {"ds": 1}
    assert determine_kwargs(lambda **given: given, (), context) == context
    assert determine_kwargs(lambda first, ts: (first, ts), ("x",), context) == {"ts": 2}


def test_the_context_as_environment_variables() -> None:
    class Thing:
        dag_id, task_id, try_number, run_id, owner, email = "d", "t", 2, "r", "me", ["a@x.org", "b@x.org"]
        logical_date = NEW_YEAR

    thing = Thing()
    context = {"task": thing, "task_instance": thing, "dag_run": thing}
    assert context_to_airflow_vars(context, in_env_var_format=True) == {
        "AIRFLOW_CTX_DAG_ID": "d",
        "AIRFLOW_CTX_TASK_ID": "t",
        "AIRFLOW_CTX_EXECUTION_DATE": "2024-01-01T00:00:00+00:00",
        "AIRFLOW_CTX_TRY_NUMBER": "2",
        "AIRFLOW_CTX_DAG_RUN_ID": "r",
        "AIRFLOW_CTX_DAG_OWNER": "me",
        "AIRFLOW_CTX_DAG_EMAIL": "a@x.org,b@x.org",
    }
