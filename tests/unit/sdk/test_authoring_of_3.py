"""What Airflow 3 added to authoring: assets with names, ``@asset``, schedules without a start date, more names."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import airflow.sdk as of_3
import pytest

from tradewind.sdk.assets import Asset, AssetAccessControl, AssetNameRef, AssetWatcher, Dataset
from tradewind.sdk.contexts import DagContext
from tradewind.sdk.dag import DAG
from tradewind.sdk.deadlines import AsyncCallback, DeadlineAlert, DeadlineReference, SyncCallback
from tradewind.sdk.decorators import result, task
from tradewind.serde.decode import decode
from tradewind.serde.encode import encode
from tradewind.standard.asset_definition import asset
from tradewind.standard.branch import EmptyOperator
from tradewind.timetables.cron import CronDataIntervalTimetable, CronTriggerTimetable
from tradewind.timetables.interval import DeltaDataIntervalTimetable, DeltaTriggerTimetable

START = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture
def level_3(runtime: Any) -> Any:
    runtime.config["tradewind", "compat_level"] = 3
    return runtime


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, DAG]]:
    """DAGs by id, as the import of a file would find them."""
    found: dict[str, DAG] = {}
    monkeypatch.setattr(DagContext, "current_autoregister_module_name", __name__)

    class Register(set[Any]):
        def add(self, pair: Any) -> None:
            found[pair[0].dag_id] = pair[0]

    monkeypatch.setattr(DagContext, "autoregistered_dags", Register())
    yield found


@pytest.mark.parametrize("level", [2, 3])
@pytest.mark.parametrize("place", [DAG, of_3.DAG], ids=["airflow.DAG", "airflow.sdk.DAG"])
def test_the_compat_level_decides_defaults_and_not_the_import_path(runtime: Any, level: int, place: type[DAG]) -> None:
    runtime.config["tradewind", "compat_level"] = level
    assert place is DAG
    unsaid = place("d", start_date=START)
    cron = place("d", start_date=START, schedule="0 6 * * *")
    delta = place("d", start_date=START, schedule=timedelta(hours=1))
    found = (unsaid.catchup, unsaid.schedule_interval, type(cron.timetable), type(delta.timetable))
    expected = {
        2: (True, timedelta(days=1), CronDataIntervalTimetable, DeltaDataIntervalTimetable),
        3: (False, None, CronTriggerTimetable, DeltaTriggerTimetable),
    }
    assert found == expected[level]
    assert decode(encode(cron)).compat_level == level


def test_a_scheduled_dag_needs_a_start_date_at_level_2_only(runtime: Any) -> None:
    with DAG("d", schedule="@daily"), pytest.raises(ValueError, match="missing the start_date"):
        EmptyOperator(task_id="a")
    runtime.config["tradewind", "compat_level"] = 3
    with DAG("d", schedule="@daily") as dag:
        EmptyOperator(task_id="a")
    assert decode(encode(dag)).start_date is None


def test_name_and_uri_stand_for_one_another() -> None:
    assert (Asset("orders").name, Asset("orders").uri) == ("orders", "orders")
    both = Asset("orders", "s3://b/orders", group="raw", extra={"a": 1})
    assert (both.name, both.uri, both.group, both.extra) == ("orders", "s3://b/orders", "raw", {"a": 1})
    old = Dataset("s3://b/orders", {"a": 1})
    assert (old.name, old.uri, old.extra) == ("s3://b/orders", "s3://b/orders", {"a": 1})
    assert old == both


@pytest.mark.parametrize(
    ("make", "kind", "text"),
    [
        (lambda: Asset(""), ValueError, "name cannot be empty|cannot be empty"),
        (Asset, TypeError, "requires either 'name' or 'uri'"),
        (lambda: Asset("x" * 1501), ValueError, "cannot exceed 1500"),
        (Asset.ref, TypeError, "expects keyword argument"),
        (lambda: Asset.ref(name="a", uri="b"), TypeError, "not both"),
    ],
)
def test_what_is_no_asset_is_refused(make: Any, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=text):
        make()


def test_names_and_references_are_in_the_serialised_dag(level_3: Any) -> None:
    orders = Asset("orders", "s3://b/orders", group="raw")
    with DAG("d", schedule=orders | Asset.ref(name="refunds")) as dag:
        EmptyOperator(task_id="a", outlets=[Asset("report", "s3://b/report"), Asset("s3://plain/x")])
    spec = decode(encode(dag))
    assert spec.dataset_condition == {"any": ["s3://b/orders", {"asset_ref": {"name": "refunds"}}]}
    assert [(one.name, one.uri, one.group) for one in spec.assets] == [
        ("orders", "s3://b/orders", "raw"),
        ("report", "s3://b/report", "asset"),
    ]


def test_asset_makes_a_dag_of_one_task_whose_parameters_are_inlets(level_3: Any, registered: dict[str, DAG]) -> None:
    orders = _decorated(asset(schedule="@daily", uri="s3://b/orders", tags=["x"]), "orders")
    dag = registered["orders"]
    assert (orders.name, orders.uri) == ("orders", "s3://b/orders")
    assert (dag.catchup, dag.tags, type(dag.timetable)) == (False, ["x"], CronTriggerTimetable)
    [made] = dag.tasks
    assert (made.task_id, made.task_type, made.outlets) == ("orders", "_AssetMainOperator", [orders])
    assert made.inlets == [AssetNameRef("refunds"), AssetNameRef("ti")]


def test_several_assets_of_one_function(level_3: Any, registered: dict[str, DAG]) -> None:
    made = _decorated(asset.multi(schedule=None, outlets=[Asset("a"), Asset("b")]), "both")
    assert [each.uri for each in registered["both"].tasks[0].outlets] == ["a", "b"]
    assert made.as_expression() == {"all": ["a", "b"]}


def _decorated(decorator: Any, name: str) -> Any:
    def function(self: Any, context: Any, refunds: Any, ti: Any, extra: int = 3) -> None: ...

    function.__name__ = function.__qualname__ = name
    return decorator(function)


def test_a_nested_function_makes_no_asset() -> None:
    def inner() -> None: ...

    with pytest.raises(ValueError, match="nested function not supported"):
        asset(schedule=None)(inner)


LATE = DeadlineAlert(DeadlineReference.DAGRUN_QUEUED_AT, timedelta(hours=1), SyncCallback("module.tell"), name="late")


def test_a_deadline_needs_a_callback_that_can_be_found_again() -> None:
    assert AsyncCallback(timedelta).path == "datetime.timedelta"
    with pytest.raises(ValueError, match="dotted path"):
        SyncCallback("tell")
    with pytest.raises(ValueError, match="not currently supported"):
        DeadlineAlert(DeadlineReference.FIXED_DATETIME(START), timedelta(1), print)


def test_what_is_accepted_and_not_done_is_said(level_3: Any) -> None:
    watched = Asset("w", watchers=[AssetWatcher("x", trigger=object())])
    guarded = Asset("g", access_control=AssetAccessControl(producer_teams=["a"]))
    with DAG("d", schedule=[watched, guarded], deadline=LATE, rerun_with_latest_version=True) as dag:

        @result
        @task
        def emit() -> int:
            return 1

        @task.stub(queue="java")
        def elsewhere() -> None: ...

        emit() >> elsewhere()
    said = decode(encode(dag)).unsupported
    for word in ("deadline", "@result", "bundle", "watchers", "access_control", "@task.stub"):
        assert sum(word in sentence for sentence in said) == 1, word
    assert decode(encode(DAG("plain", start_date=START))).unsupported == ()


def test_fail_fast_and_run_types_are_kept() -> None:
    dag = DAG("d", start_date=START, fail_fast=True, allowed_run_types=["manual", "asset_triggered"])
    spec = decode(encode(dag))
    assert (spec.fail_stop, dag.fail_fast, spec.allowed_run_types) == (True, True, ("manual", "dataset_triggered"))
    with pytest.raises(ValueError, match="sometimes"):
        DAG("d", allowed_run_types="sometimes")


@pytest.mark.parametrize("level", [2, 3])
def test_a_bash_task_gives_several_outputs_at_level_3_only(runtime: Any, level: int) -> None:
    runtime.config["tradewind", "compat_level"] = level
    with DAG("d", start_date=START) as dag, warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")

        @task.bash(multiple_outputs=True)
        def tell() -> str:
            return "echo"

        tell()
    assert dag.task_dict["tell"].multiple_outputs is (level == 3)
    assert any("not supported" in str(warning.message) for warning in said) is (level == 2)


def test_the_function_of_an_asset_gets_itself_the_context_and_the_assets_that_it_names(
    level_3: Any, registered: dict[str, DAG], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {"name": "refunds", "uri": "s3://b/refunds", "group": "asset", "extra": {}}
    answers = {"refunds": known, "ti": None}
    monkeypatch.setattr(level_3, "ask_about_assets", lambda request: answers[request.asset.name], raising=False)
    orders = _decorated(asset(schedule=None), "orders")
    [operator] = registered["orders"].tasks
    context = {"outlet_events": {}}
    given = operator.determine_kwargs(context)
    assert given == {
        "self": orders,
        "context": context,
        "refunds": Dataset("s3://b/refunds"),
        "ti": Dataset("ti"),
        "extra": 3,
    }
    assert given["refunds"].name == "refunds"


def test_airflow_sdk_offers_what_a_dag_file_may_import_from_it() -> None:
    """All of 3.3.2's ``airflow.sdk.__all__`` but the names listed here."""
    missing = {"ResumableJobMixin", "lineage", "__version__"}
    names = (Path(__file__).parents[2] / "golden" / "airflow_sdk_names.txt").read_text(encoding="utf-8").split()
    assert {name for name in names if not hasattr(of_3, name)} <= missing
