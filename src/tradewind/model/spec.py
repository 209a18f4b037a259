"""A parsed DAG as plain frozen data: what the engine decides on, storage keeps, and the API shows.

The serialised DAG *is* ``msgspec.json.encode(DagSpec)`` (serde.encode makes it from sdk objects in the parse child,
serde.decode reads it). Durations are seconds (float), dates aware UTC datetimes, anything of the author's that only
people or task processes read is JSON-able (``Any``). No code, no callables: user code stays in the DAG file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .states import TriggerRule, WeightRule

SPEC_FORMAT = 1
"""Version of the serialised form; a reader refuses what is newer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimetableSpec:
    """Which timetable, with its arguments: enough for ``timetables.registry.build`` to make it again.

    ``kind`` is one of: none, once, continuous, cron_interval, delta_interval, cron_trigger, multiple_cron_trigger,
    delta_trigger, events, dataset, dataset_or_time, cron_partition, partitioned_dataset, partitioned_at_runtime,
    custom. ``args`` is JSON-able: e.g. {"expression": "@daily",
    "timezone": "Europe/Amsterdam"}, {"seconds": 3600.0} or {"relativedelta": {"months": 1}} for delta_interval.
    """

    kind: str
    args: Mapping[str, Any] = field(default_factory=dict)
    summary: str = ""
    """What Airflow shows as the schedule: the cron text, a timedelta's text, "None", "Dataset"."""
    description: str = ""
    """A sentence ("At 00:00"), as Airflow's timetable_description."""
    can_be_scheduled: bool = True
    periodic: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthSpec:
    """How many items an expand argument has, as a small expression tree.

    kind: "literal" (``length`` known at parse), "xcom" (``task_id``/``key`` of the supplier), "zip" (of ``items``;
    ``longest`` with a fill value), "concat" (of ``items``). ``.map()`` keeps the length, so it leaves no trace here
    (filtering is not Airflow's).
    """

    kind: str
    length: int = 0
    task_id: str = ""
    key: str = "return_value"
    items: tuple[LengthSpec, ...] = ()
    longest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpandSpec:
    """A mapped task's or mapped group's expansion: ``dict`` (expand: the product, last argument fastest) or ``list``
    (expand_kwargs: ``arguments`` has the one entry "")."""

    kind: str
    arguments: Mapping[str, LengthSpec] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTrigger:
    """What a task that begins in the triggerer leaves there, and how it goes on. Arguments as JSON text."""

    classpath: str
    kwargs: str
    next_method: str
    next_kwargs: str
    timeout: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSpec:
    """One task. Names and meanings are BaseOperator's; durations in seconds."""

    task_id: str
    task_type: str
    """The operator class's name as the API shows it, e.g. "BashOperator", "_PythonDecoratedOperator"."""
    operator_name: str = ""
    """custom_operator_name or task_type; e.g. "@task"."""
    class_module: str = ""
    owner: str = "airflow"
    display_name: str = ""
    upstream_task_ids: tuple[str, ...] = ()
    downstream_task_ids: tuple[str, ...] = ()
    trigger_rule: TriggerRule = TriggerRule.ALL_SUCCESS
    retries: int = 0
    retry_delay: float = 300.0
    retry_exponential_backoff: bool = False
    max_retry_delay: float | None = None
    pool: str = "default_pool"
    pool_slots: int = 1
    priority_weight: int = 1
    weight_rule: str = WeightRule.DOWNSTREAM
    effective_weight: int = 1
    """priority_weight combined with the neighbours' by the rule; computed when serialising."""
    queue: str = "default"
    executor: str | None = None
    executor_config: Any = None
    depends_on_past: bool = False
    wait_for_downstream: bool = False
    ignore_first_depends_on_past: bool = True
    wait_for_past_depends_before_skipping: bool = False
    start_date: datetime | None = None
    end_date: datetime | None = None
    execution_timeout: float | None = None
    max_active_tis_per_dag: int | None = None
    max_active_tis_per_dagrun: int | None = None
    is_setup: bool = False
    is_teardown: bool = False
    on_failure_fail_dagrun: bool = False
    is_empty: bool = False
    """EmptyOperator without outlets or on_execute/on_success callbacks: the scheduler finishes it itself."""
    is_mapped: bool = False
    expand: ExpandSpec | None = None
    """Own expansion (``.expand``); None for a task mapped only through its groups."""
    mapped_groups: tuple[str, ...] = ()
    """Ids of the enclosing mapped task groups, outermost first."""
    group_id: str | None = None
    """The innermost task group that holds the task; None for the root."""
    has_on_execute_callback: bool = False
    has_on_success_callback: bool = False
    has_on_failure_callback: bool = False
    has_on_retry_callback: bool = False
    has_on_skipped_callback: bool = False
    is_deferrable_start: bool = False
    start_triggers: tuple[StartTrigger | None, ...] = ()
    """``start_from_trigger``: one for the task, or one for each map index; None, and beyond the last: on a worker."""
    reschedules: bool = False
    """A sensor in reschedule mode."""
    sla: float | None = None
    do_xcom_push: bool = True
    multiple_outputs: bool = False
    inlets: tuple[Any, ...] = ()
    outlets: tuple[Any, ...] = ()
    """JSON of datasets: {"uri": …, "extra": …}."""
    template_fields: tuple[str, ...] = ()
    template_fields_renderers: Mapping[str, str] = field(default_factory=dict)
    ui_color: str = "#fff"
    ui_fgcolor: str = "#000"
    extra_links: tuple[str, ...] = ()
    extra_link_classes: Mapping[str, str] = field(default_factory=dict)
    """Name of an extra link → its class, with the module by which Airflow's users know it."""
    doc_md: str | None = None
    doc: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    email: Any = None
    email_on_retry: bool = True
    email_on_failure: bool = True
    static_fields: Mapping[str, Any] = field(default_factory=dict)
    """The template fields as written (JSON-able, shortened), for people: details, tasks list."""
    trigger_dag_id: str | None = None
    """Target of a TriggerDagRunOperator, or external_dag_id of an ExternalTaskSensor: DAG dependencies."""
    subdag_id: str | None = None
    """The DAG that a SubDagOperator runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetSpec:
    """An asset that the DAG defines with more than a URI."""

    uri: str
    name: str
    group: str = "asset"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSpec:
    """A task group; the root group has ``group_id`` None and is the first of ``DagSpec.groups``."""

    group_id: str | None
    parent_id: str | None = None
    label: str = ""
    tooltip: str = ""
    ui_color: str = "CornflowerBlue"
    ui_fgcolor: str = "#000"
    expand: ExpandSpec | None = None
    children: tuple[tuple[str, str], ...] = ()
    """(id, "task" | "group") in the order of definition."""
    prefix_group_id: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DagSpec:
    """One DAG of one file, at one version."""

    dag_id: str
    fileloc: str
    relative_fileloc: str = ""
    format: int = SPEC_FORMAT
    display_name: str = ""
    description: str | None = None
    doc_md: str | None = None
    timetable: TimetableSpec = field(default_factory=lambda: TimetableSpec(kind="none", can_be_scheduled=False))
    schedule_interval: Any = None
    """As the API shows it: null, {"__type": "CronExpression", "value": "@daily"}, {"__type": "TimeDelta", "days": …,
    "seconds": …, "microseconds": …} or {"__type": "RelativeDelta", …}."""
    dataset_condition: Any = None
    """JSON of the dataset expression, e.g. {"any": ["uri1", {"all": […]}]}; None without datasets."""
    assets: tuple[AssetSpec, ...] = ()
    """Those with names of their own, of the schedule, inlets and outlets."""
    timezone: str = "UTC"
    start_date: datetime | None = None
    end_date: datetime | None = None
    catchup: bool = True
    max_active_runs: int = 16
    max_active_tasks: int = 16
    max_consecutive_failed_dag_runs: int = 0
    dagrun_timeout: float | None = None
    fail_stop: bool = False
    default_view: str = "grid"
    orientation: str = "LR"
    owners: tuple[str, ...] = ()
    owner_links: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    """name → {"value": …, "description": str | null, "schema": {…}}."""
    is_paused_upon_creation: bool | None = None
    render_template_as_native_obj: bool = False
    template_searchpath: tuple[str, ...] | None = None
    access_control: Mapping[str, Any] | None = None
    has_on_success_callback: bool = False
    has_on_failure_callback: bool = False
    has_sla_miss_callback: bool = False
    auto_register: bool = True
    compat_level: int = 2
    parent_dag_id: str | None = None
    """The DAG of whose SubDagOperator this is the SubDAG; such a DAG has no schedule of its own."""
    groups: tuple[GroupSpec, ...] = ()
    allowed_run_types: tuple[str, ...] | None = None
    """None: all."""
    unsupported: tuple[str, ...] = ()
    """What the file asks for and nobody here does, a sentence each: shown as the DAG's warning."""
    edge_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """upstream task id → downstream task id → label."""
    tasks: tuple[TaskSpec, ...] = ()
    """In topological order."""
