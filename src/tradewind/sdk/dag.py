"""DAG: the tasks, when they run, and the settings of their runs; and the ``@dag`` decorator."""
# ruff: noqa: PLR0917, PLR0915
# Signatures are Airflow's: what authors may pass by position or name stays as it is.

from __future__ import annotations

import copy
import functools
import inspect
import os
import sys
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta, tzinfo
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self

from tradewind.model.states import RunType

from . import prepared_templates
from .contexts import DagContext
from .dag_checks import check_owner_links, check_types, validate_dag, validate_setup_teardown
from .dag_schedule import DagSchedule
from .dag_tasks import DagTasks
from .dates import as_utc, as_zoned, default_timezone
from .exceptions import AirflowException, RemovedInAirflow3Warning
from .logging_mixin import LoggingMixin
from .params import DagParam, ParamsDict
from .schedules import ScheduleChoice, choose_schedule
from .settings import compat_level, config_int, config_value
from .task_group import TaskGroup
from .types import NOTSET, ArgNotSet, Callbacks, validate_key

if TYPE_CHECKING:
    import jinja2


DEFAULT_VIEW_PRESETS = ["grid", "graph", "duration", "gantt", "landing_times"]
ORIENTATION_PRESETS = ["LR", "TB", "RL", "BT"]
TAG_MAX_LEN = 100
_OWN_FOLDER = os.path.dirname(os.path.abspath(__file__))


class DAG(DagTasks, DagSchedule, LoggingMixin):
    """A directed graph of tasks with a schedule. Use it in a ``with`` block, or give it to tasks as ``dag=``."""

    parent_dag: DAG | None = None
    is_dag = True
    is_subdag = False

    def __init__(
        self,
        dag_id: str,
        description: str | None = None,
        schedule: Any = NOTSET,
        schedule_interval: Any = NOTSET,
        timetable: Any = None,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        full_filepath: str | None = None,
        template_searchpath: str | Iterable[str] | None = None,
        template_undefined: type[jinja2.StrictUndefined] | None = None,
        user_defined_macros: dict[str, Any] | None = None,
        user_defined_filters: dict[str, Any] | None = None,
        default_args: dict[str, Any] | None = None,
        concurrency: int | None = None,
        max_active_tasks: int | None = None,
        max_active_runs: int | None = None,
        max_consecutive_failed_dag_runs: int | None = None,
        dagrun_timeout: timedelta | None = None,
        sla_miss_callback: Any = None,
        default_view: str | None = None,
        orientation: str | None = None,
        catchup: bool | None = None,
        on_success_callback: Callbacks = None,
        on_failure_callback: Callbacks = None,
        doc_md: str | None = None,
        params: Any = None,
        access_control: Mapping[str, Any] | None = None,
        is_paused_upon_creation: bool | None = None,
        jinja_environment_kwargs: dict[str, Any] | None = None,
        render_template_as_native_obj: bool = False,
        tags: Collection[str] | None = None,
        owner_links: dict[str, str] | None = None,
        auto_register: bool = True,
        fail_stop: bool = False,
        dag_display_name: str | None = None,
        fail_fast: bool | None = None,
        deadline: Any = None,
        allowed_run_types: Any = None,
        rerun_with_latest_version: bool | None = None,
        disable_bundle_versioning: bool | None = None,
        task_group: TaskGroup | None = None,
    ) -> None:
        self.compat_level = compat_level()
        self.user_defined_macros = user_defined_macros
        self.user_defined_filters = user_defined_filters
        if default_args is not None and not isinstance(default_args, dict):
            raise TypeError("default_args must be a dict")
        self.default_args = copy.copy(default_args or {})
        self.params = ParamsDict(params) if not isinstance(params, ParamsDict) else copy.copy(params)
        # Params in default_args are the DAG's own, as if they had been given to it.
        self.params.update(ParamsDict(self.default_args.pop("params", None) or {}))
        validate_key(dag_id)
        self.dag_id = dag_id
        self.description = description
        self._dag_display_name = dag_display_name
        self.fileloc = _calling_file() if full_filepath is None else full_filepath
        self._set_dates(start_date, end_date)
        choice = choose_schedule(schedule, schedule_interval, timetable, zone=self.timezone, level=self.compat_level)
        self._apply_schedule(choice)
        self.task_dict = {}
        self.task_count = 0
        self.template_searchpath = (
            [template_searchpath] if isinstance(template_searchpath, str) else template_searchpath
        )
        self.template_undefined = template_undefined
        self.last_loaded: datetime | None = None
        self.safe_dag_id = dag_id.replace(".", "__dot__")
        if concurrency is not None:
            self._warn("The 'concurrency' parameter is deprecated. Please use 'max_active_tasks'.")
            max_active_tasks = concurrency
        self.max_active_tasks = _given(max_active_tasks, "max_active_tasks_per_dag", 16)
        self.max_active_runs = _given(max_active_runs, "max_active_runs_per_dag", 16)
        self.max_consecutive_failed_dag_runs = _given(
            max_consecutive_failed_dag_runs, "max_consecutive_failed_dag_runs_per_dag", 0
        )
        self.dagrun_timeout = dagrun_timeout
        self.sla_miss_callback = sla_miss_callback
        self.default_view = _one_of("default_view", (default_view or "grid").lower(), DEFAULT_VIEW_PRESETS)
        self.orientation = _one_of("orientation", orientation or "LR", ORIENTATION_PRESETS)
        self.catchup = self.compat_level < 3 if catchup is None else catchup
        self.on_success_callback = on_success_callback
        self.on_failure_callback = on_failure_callback
        self.has_on_success_callback = on_success_callback is not None
        self.has_on_failure_callback = on_failure_callback is not None
        self.edge_info: dict[str, dict[str, Any]] = {}
        self.doc_md = self.get_doc_md(doc_md)
        self.access_control = None if access_control is None else dict(access_control)
        self.is_paused_upon_creation = is_paused_upon_creation
        self.auto_register = auto_register
        self.fail_stop = fail_stop if fail_fast is None else fail_fast
        self.deadline = deadline if deadline is None or isinstance(deadline, list) else [deadline]
        self.allowed_run_types = _run_types(allowed_run_types)
        self.rerun_with_latest_version = rerun_with_latest_version
        self.disable_bundle_versioning = disable_bundle_versioning
        self.dag_result: Any = None
        self.jinja_environment_kwargs = jinja_environment_kwargs
        self.render_template_as_native_obj = render_template_as_native_obj
        if isinstance(tags, str):
            raise TypeError(f"'tags' has an invalid type {str} with value {tags}, expected type is {list}")
        if any(len(tag) > TAG_MAX_LEN for tag in tags or ()):
            raise AirflowException(f"tag cannot be longer than {TAG_MAX_LEN} characters")
        self.tags: set[str] | list[str] = list(tags or ())
        self.owner_links = owner_links or {}
        self._task_group = TaskGroup.create_root(self)
        if task_group is not None:
            raise AirflowException("a DAG makes its own root task group; task_group cannot be given")
        self.partial = False
        check_types(self)
        check_owner_links(self)

    def _set_dates(self, start_date: Any, end_date: Any) -> None:
        """Dates of the DAG, or of default_args; the zone is that of the start (or end) date."""
        for date in (start_date, self.default_args.get("start_date"), end_date, self.default_args.get("end_date")):
            if date is not None:
                first = as_zoned(date)
                assert first is not None
                self.timezone: tzinfo = first.tzinfo or default_timezone()
                break
        else:
            self.timezone = default_timezone()
        self.start_date = as_utc(start_date)
        self.end_date = as_utc(end_date)
        for name in ("start_date", "end_date"):
            if name in self.default_args:
                self.default_args[name] = as_utc(self.default_args[name])
        if start_date is None and self.default_args.get("start_date") is None:
            self.default_args.pop("start_date", None)

    def _apply_schedule(self, choice: ScheduleChoice) -> None:
        self.timetable = choice.timetable
        self.schedule_interval = choice.schedule_interval
        self.dataset_triggers = choice.dataset_condition

    # Identity ---------------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"<DAG: {self.dag_id}>"

    __str__ = __repr__

    @property
    def dag_display_name(self) -> str:
        """The name shown in the UI."""
        return self._dag_display_name or self.dag_id

    @property
    def owner(self) -> str:
        """The tasks' owners, each once."""
        return ", ".join({task.owner for task in self.tasks})

    @property
    def folder(self) -> str:
        """The DAG file's folder."""
        return os.path.dirname(self.fileloc)

    @property
    def filepath(self) -> str:
        """The DAG file's path."""
        return self.fileloc

    full_filepath = filepath

    @property
    def relative_fileloc(self) -> str:
        """The DAG file's path below the DAG folder, else the path."""
        root = str(config_value("core", "dags_folder", ""))
        return os.path.relpath(self.fileloc, root) if root and self.fileloc.startswith(root + os.sep) else self.fileloc

    @property
    def concurrency(self) -> int:
        """Old name of max_active_tasks."""
        return self.max_active_tasks

    @property
    def dataset_condition(self) -> Any:
        """The dataset expression that triggers runs, if any."""
        return self.dataset_triggers

    @property
    def fail_fast(self) -> bool:
        """Airflow 3's name of fail_stop."""
        return self.fail_stop

    def add_result(self, task: Any) -> None:
        """Mark the task whose return value is the result of a run."""
        self.dag_result = getattr(task, "operator", task)

    @property
    def allow_future_exec_dates(self) -> bool:
        """Whether runs may have dates to come."""
        return not self.timetable.can_be_scheduled

    def get_default_view(self) -> str:
        """The view that the UI opens."""
        return self.default_view

    def get_doc_md(self, doc_md: str | None) -> str | None:
        """The documentation: the text, or that of the ``.md`` file of this name."""
        if doc_md is None or not doc_md.endswith(".md"):
            return doc_md
        try:
            with open(doc_md, encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return doc_md

    # Checks -----------------------------------------------------------------------------------------------------

    def validate(self) -> None:
        """Raise what Airflow raises for a DAG that cannot be used; called when its file has been imported."""
        validate_dag(self)

    def validate_setup_teardown(self) -> None:
        """Raise ValueError for a setup that is followed by a task with another rule than all_success."""
        validate_setup_teardown(self)

    def check_cycle(self) -> None:
        """Raise AirflowDagCycleException when tasks wait for one another in a circle."""
        from .dag_checks import check_cycle  # the same name, as a function

        check_cycle(self)

    # Templates and params ---------------------------------------------------------------------------------------

    def param(self, name: str, default: Any = NOTSET) -> DagParam:
        """A promise of a param's value."""
        return DagParam(current_dag=self, name=name, default=default)

    def get_template_env(self, *, force_sandboxed: bool = False) -> jinja2.Environment:
        """The Jinja environment of the DAG's templates."""
        from .jinja import make_environment  # jinja2 only where something is rendered

        prepared = None if force_sandboxed else prepared_templates.taken(self)
        return prepared or make_environment(
            native=self.render_template_as_native_obj and not force_sandboxed,
            searchpath=[self.folder, *(self.template_searchpath or ())],
            undefined=self.template_undefined,
            options=self.jinja_environment_kwargs,
            macros=self.user_defined_macros,
            filters=self.user_defined_filters,
        )

    def resolve_template_files(self) -> None:
        """Read the template files of all tasks."""
        for task in self.tasks:
            task.resolve_template_files()

    # Running: the one way up, by contract, and so by name ------------------------------------------------------

    def test(
        self,
        execution_date: datetime | None = None,
        run_conf: dict[str, Any] | None = None,
        conn_file_path: str | None = None,
        variable_file_path: str | None = None,
        use_executor: bool = False,
        mark_success_pattern: Any = None,
        session: Any = None,
    ) -> Any:
        """Run the whole DAG in this process; gives the DAG run. Connections and variables may come from files; tasks
        whose whole id matches ``mark_success_pattern`` are set to success without running."""
        return import_module("tradewind.local_runs").test_dag(
            self, execution_date, run_conf, conn_file_path, variable_file_path, use_executor, mark_success_pattern
        )

    def cli(self) -> None:
        """The command line for this DAG alone: ``python dag_file.py tasks test …``."""
        import_module("tradewind.local_runs").dag_cli(self)

    def get_active_runs(self) -> list[Any]:
        """Dates of the runs that are running."""
        from .dag_run import active_run_dates  # needs a Runtime

        return active_run_dates(self.dag_id)

    def __deepcopy__(self, memo: dict[int, Any]) -> DAG:
        twin = object.__new__(type(self))
        memo[id(self)] = twin
        shared = {"_log", "timetable", "user_defined_macros", "user_defined_filters", "template_undefined"}
        for name, value in vars(self).items():
            setattr(twin, name, value if name in shared else copy.deepcopy(value, memo))
        for group in twin._task_group.get_task_group_dict().values():
            for child in group.children.values():
                child.task_group = group
        return twin

    # with -------------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        DagContext.push_context_managed_dag(self)
        return self

    def __exit__(self, *exc_info: object) -> None:
        DagContext.pop_context_managed_dag()

    @staticmethod
    def _warn(message: str) -> None:
        warnings.warn(message, RemovedInAirflow3Warning, stacklevel=4)


def _given(value: int | None, option: str, fallback: int) -> int:
    return config_int("core", option, fallback) if value is None else value


def _run_types(value: Any) -> tuple[str, ...] | None:
    """Names of run types, Airflow 3's too. Raises ValueError for one that is none."""
    if value is None:
        return None
    given = [value] if isinstance(value, str) else list(value)
    names = [str(getattr(each, "value", each)) for each in given]
    return tuple(_RUN_TYPES_OF_3.get(name) or RunType(name).value for name in names)


_RUN_TYPES_OF_3 = {
    "asset_triggered": RunType.DATASET_TRIGGERED.value,
    "asset_materialization": RunType.MANUAL.value,
    "operator_triggered": RunType.MANUAL.value,
}


def _one_of(name: str, value: str, allowed: list[str]) -> str:
    if value not in allowed:
        raise AirflowException(f"Invalid values of dag.{name}: only support {allowed}, but get {value}")
    return value


def _calling_file() -> str:
    """The file whose code makes the DAG: the first one up the stack that is not of this package."""
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_OWN_FOLDER):
        frame = frame.f_back
    return frame.f_code.co_filename


def dag(dag_id: str | Callable[..., Any] = "", **dag_kwargs: Any) -> Any:
    """Make a function that defines tasks into a maker of DAGs; its parameters become the DAG's params."""
    if callable(dag_id):
        return _dag_maker(dag_id, dag_id.__name__, dag_kwargs)

    def decorate(function: Callable[..., Any]) -> Callable[..., DAG]:
        return _dag_maker(function, str(dag_id) or function.__name__, dag_kwargs)

    return decorate


def _dag_maker(function: Callable[..., Any], dag_id: str, dag_kwargs: dict[str, Any]) -> Callable[..., DAG]:
    signature = inspect.signature(function)

    @functools.wraps(function)
    def make(*args: Any, **kwargs: Any) -> DAG:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        arguments = dict(dag_kwargs)
        if function.__doc__ and not arguments.get("doc_md"):
            arguments["doc_md"] = function.__doc__
        with DAG(dag_id, **arguments) as made:
            made.fileloc = function.__code__.co_filename
            promises = {name: made.param(name, value) for name, value in bound.arguments.items()}
            function(**promises)
        return made

    return make


__all__ = ["DAG", "ArgNotSet", "DagContext", "DagParam", "TaskGroup", "dag"]
