"""Made data for the user interface: a house with a bit of everything, and one with very much.

``house`` is what tests and pictures stand on: a dozen DAGs of a company with failures, mapped tasks, groups, notes,
datasets, connections. ``crowd`` and ``wide`` make the sizes that the budgets name. Times count back from ``now``."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import insert

from tradewind.model.decisions import NextRun
from tradewind.model.records import Pool, RunKey, TaskKey
from tradewind.model.spec import DagSpec, ExpandSpec, GroupSpec, LengthSpec, TaskSpec, TimetableSpec
from tradewind.observability.task_logs import log_path
from tradewind.storage import stars
from tradewind.storage import tables_access as access
from tradewind.storage import tables_dags as dags
from tradewind.storage import tables_runs as runs
from tradewind.storage.database import Database, Transaction
from tradewind.storage.notes import set_task_note
from tradewind.storage.rows import ConnectionRow


@dataclass(frozen=True)
class Shape:
    """A DAG to make: ``tasks`` maps a task to those before it; ``group/task`` lies in a group."""

    dag_id: str
    tasks: Mapping[str, tuple[str, ...]]
    schedule: str | None = "0 * * * *"
    every: timedelta = timedelta(hours=1)
    tags: tuple[str, ...] = ()
    owner: str = "data-platform"
    description: str = ""
    doc_md: str | None = None
    operators: Mapping[str, str] = ()  # type: ignore[assignment]  # none
    mapped: Mapping[str, int] = ()  # type: ignore[assignment]  # none
    consumes: tuple[str, ...] = ()
    produces: Mapping[str, str] = ()  # type: ignore[assignment]  # none
    params: Mapping[str, Any] = ()  # type: ignore[assignment]  # none
    paused: bool = False
    seconds: float = 40
    fails: str = ""
    """The task that fails now and then."""


ERRORS = (
    "sqlalchemy.exc.OperationalError: server closed the connection unexpectedly",
    "AirflowException: Bash command failed. The command returned a non-zero exit code 1.",
    "KeyError: 'order_total'",
    "requests.exceptions.ReadTimeout: HTTPSConnectionPool(host='api.example.com', port=443): Read timed out.",
    "ValueError: 3 of 128,204 rows have no customer_id",
    "botocore.exceptions.ClientError: An error occurred (403) when calling HeadObject: Forbidden",
)
DOC = """\
### Orders, hourly

Reads the shop's orders of the **last hour** and writes them to the warehouse. If it fails:

1. look whether the shop's API answers,
2. clear `extract` with downstream.

| step | takes |
|---|---|
| extract | ~1 min |
| load | ~2 min |
"""
SOURCE = '''\
"""Orders of the shop, hourly."""
from datetime import datetime

from airflow.decorators import dag, task, task_group


@dag(schedule="0 * * * *", start_date=datetime(2026, 1, 1), catchup=False, tags=["sales"])
def {name}():
    @task(retries=2)
    def extract() -> list[dict]:
        """All orders of the interval."""
        return fetch_orders("{{{{ data_interval_start }}}}", "{{{{ data_interval_end }}}}")

    @task_group
    def transform(orders):
        clean(orders) >> join_customers()

    transform(extract())


{name}()
'''
ORDERS = Shape(
    "orders_hourly",
    {
        "extract": (),
        "transform/clean": ("extract",),
        "transform/join_customers": ("transform/clean",),
        "transform/currency": ("transform/clean",),
        "load": ("transform/join_customers", "transform/currency"),
        "quality_checks": ("load",),
        "publish": ("quality_checks",),
    },
    tags=("sales", "critical"),
    owner="sales-data",
    description="The shop's orders of the last hour, into the warehouse",
    doc_md=DOC,
    produces={"publish": "s3://warehouse/orders"},
    fails="transform/join_customers",
    params={
        "full_reload": {
            "value": False,
            "description": "Read all orders, not only new ones",
            "schema": {"type": "boolean"},
        },
        "region": {
            "value": "eu",
            "description": "Which shop",
            "schema": {"type": "string", "enum": ["eu", "us", "apac"]},
        },
        "batch_size": {
            "value": 500,
            "description": "Rows a request",
            "schema": {"type": "integer", "minimum": 1, "maximum": 5000},
        },
    },
)
SHAPES = (
    ORDERS,
    Shape(
        "customer_segments",
        {"wait_for_orders": (), "features": ("wait_for_orders",), "train": ("features",), "score": ("train",)},
        schedule="Dataset",
        tags=("ml",),
        owner="ml-team",
        description="Segments, whenever orders and customers are new",
        consumes=("s3://warehouse/orders", "s3://warehouse/customers"),
        produces={"score": "s3://warehouse/segments"},
        seconds=240,
        operators={"wait_for_orders": "S3KeySensor"},
    ),
    Shape(
        "customers_sync",
        {"list_shards": (), "pull": ("list_shards",), "merge": ("pull",)},
        schedule="*/30 * * * *",
        every=timedelta(minutes=30),
        tags=("crm", "critical"),
        owner="crm",
        mapped={"pull": 24},
        produces={"merge": "s3://warehouse/customers"},
        fails="pull",
    ),
    Shape(
        "finance_daily_close",
        {
            "ledger": (),
            "fx_rates": (),
            "reconcile": ("ledger", "fx_rates"),
            "report_pdf": ("reconcile",),
            "mail_to_board": ("report_pdf",),
        },
        schedule="30 5 * * 1-5",
        every=timedelta(days=1),
        tags=("finance", "critical"),
        owner="finance",
        seconds=900,
        fails="reconcile",
    ),
    Shape(
        "inventory_snapshot",
        {"snapshot": (), "compare": ("snapshot",), "alert_if_low": ("compare",)},
        schedule="*/15 * * * *",
        every=timedelta(minutes=15),
        tags=("logistics",),
        owner="logistics",
        consumes=(),
    ),
    Shape(
        "ml_churn_training",
        {
            "prepare/split": (),
            "prepare/encode": ("prepare/split",),
            "train/gradient_boosting": ("prepare/encode",),
            "train/neural_net": ("prepare/encode",),
            "train/baseline": ("prepare/encode",),
            "choose_best": ("train/gradient_boosting", "train/neural_net", "train/baseline"),
            "register_model": ("choose_best",),
        },
        schedule="0 3 * * *",
        every=timedelta(days=1),
        tags=("ml",),
        owner="ml-team",
        seconds=1500,
    ),
    Shape(
        "web_clickstream",
        {"land": (), "sessionize": ("land",), "bot_filter": ("land",), "aggregate": ("sessionize", "bot_filter")},
        schedule="*/20 * * * *",
        every=timedelta(minutes=20),
        tags=("web",),
        owner="web-analytics",
        fails="sessionize",
        produces={"aggregate": "s3://warehouse/sessions"},
    ),
    Shape(
        "marketing_attribution",
        {"collect_spend": (), "model": ("collect_spend",), "export": ("model",)},
        schedule="Dataset",
        tags=("marketing",),
        owner="marketing",
        consumes=("s3://warehouse/sessions", "s3://warehouse/orders"),
    ),
    Shape(
        "warehouse_vacuum",
        {"vacuum": (), "analyze": ("vacuum",)},
        schedule="0 2 * * 0",
        every=timedelta(days=7),
        tags=("maintenance",),
        seconds=2400,
    ),
    Shape(
        "gdpr_erasure",
        {"find_requests": (), "erase": ("find_requests",), "certify": ("erase",)},
        schedule="0 1 * * *",
        every=timedelta(days=1),
        tags=("legal",),
        owner="legal",
    ),
    Shape(
        "partner_feed_import",
        {"download": (), "validate": ("download",), "import": ("validate",)},
        schedule="10 */2 * * *",
        every=timedelta(hours=2),
        tags=("partners",),
        owner="partners",
        fails="validate",
    ),
    Shape("legacy_reports", {"run_all": ()}, schedule=None, tags=("maintenance",), paused=True),
)


def spec_of(shape: Shape) -> DagSpec:
    """The DAG as parsed."""
    names = {name: name.replace("/", ".") for name in shape.tasks}
    after: dict[str, list[str]] = {name: [] for name in shape.tasks}
    for name, before in shape.tasks.items():
        for one in before:
            after[one].append(names[name])
    mapped, produces, operators = dict(shape.mapped), dict(shape.produces), dict(shape.operators)
    tasks = tuple(
        TaskSpec(
            task_id=names[name],
            task_type=operators.get(name, "PythonOperator"),
            operator_name=operators.get(name, "@task"),
            owner=shape.owner,
            upstream_task_ids=tuple(names[one] for one in before),
            downstream_task_ids=tuple(after[name]),
            retries=2,
            group_id=name.rpartition("/")[0] or None,
            is_mapped=name in mapped,
            expand=ExpandSpec(kind="dict", arguments={"x": LengthSpec(kind="literal", length=mapped[name])})
            if name in mapped
            else None,
            outlets=({"uri": produces[name]},) if name in produces else (),
            template_fields=("op_kwargs",),
            doc_md="Reads **once**; safe to run again." if not before else None,
        )
        for name, before in shape.tasks.items()
    )
    is_dataset = shape.schedule == "Dataset"
    kind = "none" if shape.schedule is None else "dataset" if is_dataset else "cron_interval"
    return DagSpec(
        dag_id=shape.dag_id,
        fileloc=f"/dags/{shape.dag_id}.py",
        relative_fileloc=f"{shape.dag_id}.py",
        description=shape.description or None,
        doc_md=shape.doc_md,
        timetable=TimetableSpec(
            kind=kind,
            args={"expression": shape.schedule, "timezone": "UTC"} if kind == "cron_interval" else {},
            summary=shape.schedule or "None",
            description="",
            can_be_scheduled=shape.schedule is not None,
        ),
        schedule_interval={"__type": "CronExpression", "value": shape.schedule} if kind == "cron_interval" else None,
        dataset_condition={"all": list(shape.consumes)} if is_dataset else None,
        start_date=datetime.fromisoformat("2026-01-01T00:00:00+00:00"),
        catchup=False,
        tags=shape.tags,
        owners=(shape.owner,),
        params=dict(shape.params),
        groups=groups_of(shape, names),
        tasks=tasks,
    )


def groups_of(shape: Shape, names: Mapping[str, str]) -> tuple[GroupSpec, ...]:
    """The root group, and those that ids with a slash name."""
    inside: dict[str, list[tuple[str, str]]] = {}
    root: list[tuple[str, str]] = []
    for name in shape.tasks:
        group = name.rpartition("/")[0]
        if not group:
            root.append((names[name], "task"))
            continue
        if group not in inside:
            root.append((group, "group"))
        inside.setdefault(group, []).append((names[name], "task"))
    made = (GroupSpec(group_id=name, label=name, children=tuple(each)) for name, each in inside.items())
    return (GroupSpec(group_id=None, children=tuple(root)), *made)


def register(tx: Transaction, spec: DagSpec, next: NextRun, *, paused: bool = False) -> None:
    """Makes a DAG known."""
    data = msgspec.json.encode(spec)
    tx.dags.register(
        spec, data, hashlib.sha256(data).hexdigest(), fileloc=spec.fileloc, next=next, paused_default=paused
    )


class Rows:
    """Runs and task instances to write at once, and the log files of some."""

    def __init__(self, database: Database, first_run: int = 1) -> None:
        self._database = database
        self._next = first_run
        self._made: dict[Any, list[dict[str, Any]]] = {}
        self._blank = {table: required(table) for table in (runs.DAG_RUN, runs.TASK_INSTANCE)}

    def add(self, table: Any, **values: Any) -> None:
        """A row for later."""
        self._made.setdefault(table, []).append(values)

    def run(self, dag_id: str, at: datetime, every: timedelta, state: str, **more: Any) -> dict[str, Any]:
        """A run for the interval that begins ``at``."""
        begun = at + every
        row = {
            **self._blank[runs.DAG_RUN],
            "id": self._next,
            "dag_id": dag_id,
            "run_id": f"scheduled__{at.isoformat()}",
            "execution_date": at,
            "data_interval_start": at,
            "data_interval_end": begun,
            "queued_at": begun,
            "start_date": begun + timedelta(seconds=1),
            "end_date": None,
            "state": state,
            "run_type": "scheduled",
            "external_trigger": False,
            "conf": {},
            "version_id": None,
            **more,
        }
        self._next += 1
        self._made.setdefault(runs.DAG_RUN, []).append(row)
        return row

    def task(self, run: Mapping[str, Any], task_id: str, state: str | None, **more: Any) -> dict[str, Any]:
        """A task instance of a run."""
        row = {
            **self._blank[runs.TASK_INSTANCE],
            "dag_id": run["dag_id"],
            "run_id": run["run_id"],
            "task_id": task_id,
            "map_index": -1,
            "state": state,
            "try_number": 1 if state not in (None, "scheduled", "upstream_failed") else 0,
            "max_tries": 2,
            "pool": "default_pool",
            "pool_slots": 1,
            "queue": "default",
            "priority_weight": 1,
            "operator": "PythonOperator",
            "hostname": "worker-1.example.com" if state else "",
            "logical_date": run["execution_date"],
            "start_date": None,
            "end_date": None,
            "duration": None,
            "queued_dttm": None,
            "rendered_map_index": None,
            **more,
        }
        self._made.setdefault(runs.TASK_INSTANCE, []).append(row)
        return row

    def write(self) -> None:
        """All of it, in one transaction."""
        with self._database.begin() as tx:
            for table, rows in self._made.items():
                tx.connection.execute(insert(table), rows)
            tx.counters.recount()
        self._made.clear()


def required(table: Any) -> dict[str, Any]:
    """Something for columns that must have a value; what a row leaves out otherwise."""
    known: dict[str, Any] = {"String": "", "Text": "", "Integer": 0, "Boolean": False, "Float": 0.0}
    needed = (each for each in table.columns if not each.nullable and each.server_default is None)
    return {each.name: known.get(type(each.type).__name__) for each in needed if each.name != "id"}


@dataclass(frozen=True)
class House:
    """Where tests find things in the made data."""

    now: datetime
    failed_dag: str
    failed_run: str
    before_run: str
    """The run before the failed one, of the same DAG."""
    failed_task: str
    open_dag: str
    open_run: str
    waiting_task: str


def house(
    database: Database,
    logs: Path,
    now: datetime,
    *,
    runs_each: int = 24,
    history: timedelta = timedelta(0),
    first_run: int = 1,
) -> House:
    """A dozen DAGs as a company has them; ``logs`` is the folder of task logs. Runs go back over ``history``, though no
    more than 180 a DAG; of each there are ``runs_each`` at least."""
    chance = random.Random(7)
    rows = Rows(database, first_run)
    with database.begin() as tx:
        for shape in SHAPES:
            at = last_start(shape, now) + shape.every
            planned = NextRun(
                logical_date=at,
                data_interval_start=at,
                data_interval_end=at + shape.every,
                create_after=at + shape.every,
            )
            timed = shape.schedule not in (None, "Dataset")
            register(tx, spec_of(shape), planned if timed else NextRun(), paused=shape.paused)
            tx.dags.put_source(f"/dags/{shape.dag_id}.py", SOURCE.format(name=shape.dag_id))
        versions = {shape.dag_id: tx.dags.version_id(shape.dag_id) for shape in SHAPES}
    for shape in SHAPES:
        if not shape.paused:
            count = max(runs_each, min(180, history // shape.every))
            fill_runs(rows, shape, versions[shape.dag_id], now=now, count=count, chance=chance, logs=logs)
    rows.write()
    furnish(database, now)
    last = {shape.dag_id: last_start(shape, now) for shape in SHAPES}
    failed, waiting = SHAPES[0], SHAPES[5]
    return House(
        now=now,
        failed_dag=failed.dag_id,
        failed_run=f"scheduled__{(last[failed.dag_id] - failed.every).isoformat()}",
        before_run=f"scheduled__{(last[failed.dag_id] - 2 * failed.every).isoformat()}",
        failed_task="transform.join_customers",
        open_dag=waiting.dag_id,
        open_run=f"scheduled__{last[waiting.dag_id].isoformat()}",
        waiting_task="choose_best",
    )


def last_start(shape: Shape, now: datetime) -> datetime:
    """When the newest interval of a DAG began."""
    step = int(shape.every.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // step * step - step, tz=now.tzinfo)


def fill_runs(
    rows: Rows, shape: Shape, version: int | None, *, now: datetime, count: int, chance: random.Random, logs: Path
) -> None:
    """The last ``count`` runs of a DAG: the newest is on its way, the one before has failed where it can."""
    newest = last_start(shape, now)
    for back in range(count - 1, -1, -1):
        at = newest - back * shape.every
        is_open = back == 0 and shape.schedule is not None
        does_fail = bool(shape.fails) and (back == 1 or chance.random() < 0.12) and not is_open
        state = "running" if is_open else "failed" if does_fail else "success"
        run = rows.run(shape.dag_id, at, shape.every, state, version_id=version)
        if back == 5:
            user = {"run_id": f"manual__{at.isoformat()}", "run_type": "manual", "external_trigger": True}
            run.update(user, conf={"full_reload": True, "region": "us"})
        if is_open:
            begun = now - timedelta(seconds=shape.seconds * 1.6)
            run["queued_at"], run["start_date"] = begun - timedelta(seconds=1), begun
        fill_tasks(rows, shape, run, now=now, does_fail=does_fail, chance=chance, logs=logs)
        if back == 2:
            rows.add(
                runs.DAG_RUN_NOTE,
                dag_run_id=run["id"],
                content="Checked with the shop: late orders are in the next run.",
                created_at=now,
                updated_at=now,
            )


def fill_tasks(
    rows: Rows,
    shape: Shape,
    run: dict[str, Any],
    *,
    now: datetime,
    does_fail: bool,
    chance: random.Random,
    logs: Path,
) -> None:
    """Task instances of a run, one after another as their order allows."""
    ends: dict[str, datetime | None] = {}
    stopped: set[str] = set()
    mapped = dict(shape.mapped)
    for name, before in shape.tasks.items():
        task_id = name.replace("/", ".")
        if any(one in stopped for one in before):
            stopped.add(name)
            rows.task(run, task_id, "upstream_failed")
            continue
        waits = [ends[one] for one in before]
        if any(end is None for end in waits):
            ends[name] = None
            rows.task(run, task_id, None)
            continue
        begun = max([end for end in waits if end] or [run["start_date"]]) + timedelta(seconds=chance.uniform(0.2, 4))
        took = shape.seconds * chance.uniform(0.4, 1.5)
        end = begun + timedelta(seconds=took)
        fails = does_fail and name == shape.fails
        for index in range(mapped[name]) if name in mapped else [-1]:
            bad = fails and (index < 0 or index in (3, 11))
            one = begun + timedelta(seconds=max(0, index) * 0.4)
            error = chance.choice(ERRORS) if bad else ""
            task(rows, run, task_id, index=index, begun=one, end=end, now=now, error=error, logs=logs)
        ends[name] = end if end <= now or run["state"] != "running" else None
        if fails:
            stopped.add(name)
    over = [end for end in ends.values() if end is not None]
    if run["state"] != "running":
        run["end_date"] = max(over)


def task(
    rows: Rows,
    run: dict[str, Any],
    task_id: str,
    *,
    index: int,
    begun: datetime,
    end: datetime,
    now: datetime,
    error: str,
    logs: Path,
) -> None:
    """One task instance that ran or runs, with its log when it is among the latest."""
    is_open = end > now and run["state"] == "running"
    state = "running" if is_open else "failed" if error else "success"
    tries = 3 if error else 1
    row = rows.task(
        run,
        task_id,
        state,
        map_index=index,
        try_number=tries,
        queued_dttm=begun - timedelta(seconds=1),
        start_date=begun,
        end_date=None if is_open else end,
        duration=None if is_open else (end - begun).total_seconds(),
        rendered_map_index=f"shard-{index:02}" if index >= 0 else None,
    )
    key = {name: row[name] for name in ("dag_id", "run_id", "task_id", "map_index")}
    if error:
        rows.add(runs.TASK_FAILURE, **key, try_number=tries, ended_at=end, error=error)
    is_recent = (now - begun) < timedelta(days=2) and index < 4
    if is_recent:
        for number in range(1, tries + 1):
            write_log(logs, row, number, error)
    if state == "success" and index < 0:
        xcoms = {"return_value": {"rows": 128_204, "path": f"s3://warehouse/{task_id}"}, "watermark": begun.isoformat()}
        for name, value in xcoms.items():
            rows.add(runs.XCOM, dag_run_id=run["id"], **key, key=name, value=json.dumps(value), timestamp=end)
        fields = json.dumps({"op_kwargs": {"since": run["execution_date"].isoformat(), "table": f"raw.{task_id}"}})
        rows.add(runs.RENDERED, **key, rendered_fields=fields)


def write_log(logs: Path, row: Mapping[str, Any], number: int, error: str, extra: Iterable[str] = ()) -> None:
    """A log as a worker leaves it."""
    path = logs / log_path(row["dag_id"], row["run_id"], row["task_id"], row["map_index"], number)
    path.parent.mkdir(parents=True, exist_ok=True)
    at = row["start_date"]
    lines = [
        ("INFO", "taskinstance.py:2612", "Dependencies all met for this attempt"),
        ("INFO", "taskinstance.py:2865", f"Starting attempt {number} of 3"),
        ("INFO", "orders.py:41", "Reading the interval from the shop's API"),
        *(("INFO", "orders.py:57", f"page {page}: 2,000 rows in {page * 7 % 90 + 12} ms") for page in range(1, 26)),
        ("WARNING", "orders.py:63", "3 rows have no customer_id; they are kept aside"),
        *((("INFO", "orders.py:70", line)) for line in extra),
    ]
    text = "".join(
        f"[{at + timedelta(seconds=place):%Y-%m-%dT%H:%M:%S.%f%z}] {{{where}}} {level} - {words}\n"
        for place, (level, where, words) in enumerate(lines)
    )
    if error:
        text += (
            f"[{at + timedelta(seconds=40):%Y-%m-%dT%H:%M:%S.%f%z}] {{taskinstance.py:3310}} ERROR - Task failed with "
            'exception\nTraceback (most recent call last):\n  File "/dags/orders.py", line 88, in join_customers\n'
            f"    return frame.merge(customers, on=key)\n           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n{error}\n"
        )
    else:
        text += f"[{at + timedelta(seconds=41):%Y-%m-%dT%H:%M:%S.%f%z}] {{taskinstance.py:352}} INFO - Marked success\n"
    path.write_text(text)


def furnish(database: Database, now: datetime) -> None:
    """Everything that is no run: connections, variables, pools, users, events, broken files, stars."""
    with database.begin() as tx:
        for conn_id, kind, host in (
            ("shop_api", "http", "https://shop.example.com"),
            ("warehouse", "postgres", "warehouse.example.com"),
            ("lake", "aws", ""),
            ("crm", "mysql", "crm.example.com"),
            ("mail", "smtp", "smtp.example.com"),
        ):
            row = ConnectionRow(
                conn_id=conn_id,
                conn_type=kind,
                description=f"{conn_id} of production",
                host=host or None,
                login="etl",
                password="geheim",
                extra=None,
            )
            tx.vault.put_connection(row)
        for key, value, description in (
            ("batch_size", "500", "Rows a request"),
            ("feature_flags", '{"new_model": true, "shadow": false}', "Read by the ML DAGs"),
            ("report_recipients", "board@example.com", None),
            ("shop_region", "eu", "Default region"),
            ("warehouse_password", "geheim", "Rotated monthly"),
        ):
            tx.vault.put_variable(key, value, description)
        for name, slots, words in (("api_calls", 8, "The shop allows eight at once"), ("gpu", 2, "Training")):
            tx.pools.create(Pool(name=name, slots=slots, description=words))
        admin = tx.users.get("admin")
        assert admin is not None
        for dag_id in ("orders_hourly", "finance_daily_close"):
            stars.put(tx, admin.id, dag_id)
        tx.dags.set_import_error(
            "/dags/broken_report.py",
            'Traceback (most recent call last):\n  File "/dags/broken_report.py", line 4, in <module>\n'
            "    import pandaz\nModuleNotFoundError: No module named 'pandaz'\n",
        )
        events = (
            ("trigger", "orders_hourly"),
            ("paused", "legacy_reports"),
            ("post_clear_task_instances", "partner_feed_import"),
            ("variable.edit", None),
            ("post_dag_run", "customers_sync"),
        )
        tx.connection.execute(
            insert(access.LOG),
            [
                {
                    "dttm": now - timedelta(minutes=7 * place),
                    "event": event,
                    "dag_id": dag_id,
                    "owner": "admin",
                    "owner_display_name": "Ada Admin",
                    "extra": json.dumps({"dag_id": dag_id}) if dag_id else None,
                }
                for place, (event, dag_id) in enumerate(events * 6)
            ],
        )
        add_dataset_events(tx, now)
        set_task_note(
            tx,
            RunKey("orders_hourly", f"scheduled__{(last_start(ORDERS, now) - ORDERS.every).isoformat()}"),
            TaskKey("transform.join_customers"),
            "Customers were late. Ask the CRM team before clearing.",
            user_id=admin.id,
        )
        for kind in ("SchedulerJob", "TriggererJob", "DagProcessorJob"):
            tx.jobs.create(kind, hostname="tradewind-1.example.com", unixname="tradewind")


def add_dataset_events(tx: Transaction, now: datetime) -> None:
    """Events of the datasets, by the DAGs that produce them."""
    for shape in SHAPES:
        for name, uri in dict(shape.produces).items():
            dataset = tx.datasets.get(uri)
            assert dataset is not None, uri
            tx.connection.execute(
                insert(dags.DATASET_EVENT),
                [
                    {
                        "dataset_id": dataset.id,
                        "extra": {"rows": 1000 + back},
                        "source_dag_id": shape.dag_id,
                        "source_task_id": name.replace("/", "."),
                        "source_run_id": f"scheduled__{(last_start(shape, now) - back * shape.every).isoformat()}",
                        "source_map_index": -1,
                        "timestamp": now - back * shape.every,
                    }
                    for back in range(8)
                ],
            )


def crowd(
    database: Database, now: datetime, *, count: int = 1000, runs_each: int = 5, first_run: int = 100_000
) -> None:
    """Many small DAGs of one hour's rhythm, a few of them failing."""
    rows = Rows(database, first_run)
    every = timedelta(hours=1)
    names = [f"{TEAMS[number % len(TEAMS)]}_pipeline_{number:04}" for number in range(count)]
    with database.begin() as tx:
        for number, name in enumerate(names):
            shape = replace(
                SHAPES[4],
                dag_id=name,
                tags=(TEAMS[number % len(TEAMS)],),
                owner=TEAMS[number % len(TEAMS)],
                every=every,
            )
            at = last_start(shape, now) + every
            planned = NextRun(
                logical_date=at, data_interval_start=at, data_interval_end=at + every, create_after=at + every
            )
            register(tx, spec_of(shape), planned, paused=number % 9 == 0)
        versions = {name: tx.dags.version_id(name) for name in names}
    for number, name in enumerate(names):
        for back in range(runs_each):
            at = last_start(replace(SHAPES[4], every=every), now) - back * every
            bad = (number + back) % 23 == 0
            run = rows.run(name, at, every, "failed" if bad else "success", version_id=versions[name])
            run["end_date"] = run["start_date"] + timedelta(seconds=30 + number % 60)
            for task_id in ("snapshot", "compare", "alert_if_low"):
                state = (
                    "success"
                    if not bad or task_id == "snapshot"
                    else "failed"
                    if task_id == "compare"
                    else "upstream_failed"
                )
                began = run["start_date"]
                row = rows.task(run, task_id, state, start_date=began, end_date=run["end_date"], duration=10.0)
                if state == "failed":
                    key = {name: row[name] for name in ("dag_id", "run_id", "task_id", "map_index")}
                    rows.add(runs.TASK_FAILURE, **key, try_number=1, ended_at=run["end_date"], error=ERRORS[number % 6])
    rows.write()


TEAMS = ("sales", "crm", "finance", "web", "logistics", "risk", "hr", "support")


def wide(
    database: Database, now: datetime, dag_id: str, *, tasks: int, runs_each: int = 50, first_run: int = 500_000
) -> str:
    """A DAG of many tasks in groups of fifty, with runs; the id of its newest run."""
    names = [f"stage_{number // 50:02}/step_{number:04}" for number in range(tasks)]
    order = {name: tuple(names[number - 50 : number - 49]) if number >= 50 else () for number, name in enumerate(names)}
    shape = Shape(dag_id, order, tags=("large",), seconds=5)
    rows = Rows(database, first_run)
    with database.begin() as tx:
        register(tx, spec_of(shape), NextRun())
        version = tx.dags.version_id(dag_id)
    newest = last_start(shape, now)
    run: dict[str, Any] = {}
    for back in range(runs_each - 1, -1, -1):
        at = newest - back * shape.every
        run = rows.run(dag_id, at, shape.every, "failed" if back % 7 == 3 else "success", version_id=version)
        for number, name in enumerate(names):
            bad = back % 7 == 3 and number % 97 == 5
            begun = run["start_date"] + timedelta(seconds=number % 50)
            end = begun + timedelta(seconds=2 + number % 9)
            rows.task(
                run,
                name.replace("/", "."),
                "failed" if bad else "skipped" if number % 41 == 0 else "success",
                try_number=1 + (number % 53 == 0),
                start_date=begun,
                end_date=end,
                duration=(end - begun).total_seconds(),
            )
        run["end_date"] = run["start_date"] + timedelta(minutes=2)
    rows.write()
    return str(run["run_id"])


def big_log(logs: Path, row: Sequence[str], megabytes: int = 100) -> Path:
    """A log file of so many megabytes for (dag_id, run_id, task_id), with an error in its middle."""
    dag_id, run_id, task_id = row
    path = logs / log_path(dag_id, run_id, task_id, -1, 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    block = "".join(
        f"[2026-11-01T10:00:{n % 60:02}.000+0000] {{etl.py:{n % 400}}} INFO - row {n:06} of the batch was written\n"
        for n in range(13_000)
    )
    with path.open("w") as file:
        for number in range(megabytes):
            file.write(block)
            if number == megabytes // 2:
                file.write("[2026-11-01T10:30:00.000+0000] {etl.py:9} ERROR - the middle of the log\n")
    return path
