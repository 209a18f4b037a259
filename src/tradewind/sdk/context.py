"""The context of a running task: Airflow's names, worked out when they are looked at."""

from __future__ import annotations

import contextlib
import copy
import warnings
from collections.abc import Callable, Collection, ItemsView, Iterator, KeysView, Mapping, MutableMapping, ValuesView
from datetime import datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from .callables import context_merge
from .context_keys import CONTEXT_KEYS, DEPRECATED_KEYS, KNOWN_CONTEXT_KEYS
from .dataset_events import InletEventsAccessors, OutletEventAccessors, TriggeringAssetEvents, triggering_events
from .exceptions import AirflowException, RemovedInAirflow3Warning
from .kept_states import AssetStateStores, TaskStateStore
from .lookups import ConnectionAccessor, VariableAccessor
from .params import process_params
from .proxy import Proxy
from .runtime import shared
from .task_instance import TaskInstance

if TYPE_CHECKING:
    from tradewind.wire.messages import Attempt

_STACK: list[Any] = []
"""Contexts of the tasks that run in this process, the innermost last. A list, not a ContextVar: threads and executors
that a task starts ask for it too."""


class AirflowContextDeprecationWarning(RemovedInAirflow3Warning):
    """A template or task uses an old name of the context."""


class _Facts(NamedTuple):
    """What the costly names of a context are worked out from."""

    ti: TaskInstance
    task: Any
    dag: Any
    run: Any
    date: Any


class _Later:
    """A value that is worked out when it is first looked at. Made once for all contexts: an attempt that makes thirty
    functions of its own, of which it calls one or two, pays for the memory of all."""

    __slots__ = ("make",)

    def __init__(self, make: Callable[[_Facts], Any]) -> None:
        self.make = make


class Context(MutableMapping[str, Any]):
    """A mapping of names to values; old names warn, costly ones wait until they are asked for."""

    _facts: _Facts | None = None
    """Of a running task: what values that wait are made from."""

    def __init__(self, values: MutableMapping[str, Any] | None = None, **more: Any) -> None:
        self._values: dict[str, Any] = {**(values or {}), **more}
        self._deprecation_replacements = dict(DEPRECATED_KEYS)

    def __repr__(self) -> str:
        key = "task_instance_key_str"
        return f"<Context of {self._value(key) if key in self._values else '?'}>"

    def _value(self, key: str) -> Any:
        value = self._values[key]
        if type(value) is _Later:
            assert self._facts is not None
            value = self._values[key] = value.make(self._facts)
        return value

    def __getitem__(self, key: str) -> Any:
        if key in self._deprecation_replacements and key in self._values:
            warnings.warn(_deprecation(key, self._deprecation_replacements[key]), stacklevel=2)
        return self._value(key)

    def __setitem__(self, key: str, value: Any) -> None:
        self._deprecation_replacements.pop(key, None)
        self._values[key] = value

    def __delitem__(self, key: str) -> None:
        self._deprecation_replacements.pop(key, None)
        del self._values[key]

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    __hash__ = object.__hash__

    def __copy__(self) -> Context:
        twin = Context(dict(self._values))
        twin._facts = self._facts
        twin._deprecation_replacements = dict(self._deprecation_replacements)
        return twin

    copy = __copy__

    def __reduce_ex__(self, protocol: Any) -> Any:
        return Context, ({key: self._value(key) for key in self._values if key not in self._deprecation_replacements},)

    def keys(self) -> KeysView[str]:
        """All names, old ones too."""
        return KeysView(self._values)

    def items(self) -> ItemsView[str, Any]:
        """Names and values; no warnings."""
        return ItemsView(self.lazy_dict())

    def values(self) -> ValuesView[Any]:
        """The values; no warnings."""
        return ValuesView(self.lazy_dict())

    def lazy_dict(self, read: Collection[str] = ()) -> dict[str, Any]:
        """All of it for ``f(**context)``: values of old names stand behind proxies, which warn when they are used, and
        so do costly ones that are not in ``read``."""
        plain: dict[str, Any] = {}
        for key, value in self._values.items():
            if key in self._deprecation_replacements:
                plain[key] = Proxy(self._getter(key))
            elif type(value) is _Later:
                plain[key] = self._value(key) if key in _CHEAP or key in read else Proxy(self._getter(key))
            else:
                plain[key] = value
        return plain

    def _getter(self, key: str) -> Callable[[], Any]:
        return lambda: self[key]

    def _merge(self, *args: Any, **kwargs: Any) -> None:
        for source in (*args, kwargs):
            self.update(source or {})


_DATE_TEXTS = frozenset({"ds", "ds_nodash", "ts", "ts_nodash", "ts_nodash_with_tz", "task_instance_key_str"})
_CHEAP = _DATE_TEXTS | {"expanded_ti_count", "outlet_events", "inlet_events"}
"""What may be worked out for everybody who takes the whole context as arguments."""


def _deprecation(key: str, replacements: tuple[str, ...]) -> AirflowContextDeprecationWarning:
    text = f"Accessing {key!r} from the template is deprecated and will be removed in a future version."
    if replacements:
        text += f" Please use {' or '.join(map(repr, replacements))} instead."
    return AirflowContextDeprecationWarning(text)


def build_context(
    attempt: Attempt, *, task: Any, dag: Any, started_at: datetime | None = None, test_mode: bool = False
) -> Context:
    """The context of an attempt of ``task``; its ``ti`` carries what the attempt says."""
    ti = TaskInstance.of_attempt(attempt, task, dag, started_at)
    ti.test_mode = test_mode
    context = context_of(ti, task, dag)
    ti._context = context
    return context


def context_of(ti: TaskInstance, task: Any, dag: Any) -> Context:
    """All names for a task instance. Raises ParamValidationError when the run's conf does not fit the params."""
    run = ti.dag_run
    date = ti.logical_date
    values: dict[str, Any] = {
        **_LATER,
        "conn": ConnectionAccessor(),
        "dag": dag,
        "dag_run": run,
        "data_interval_end": run.data_interval_end if run is not None else None,
        "data_interval_start": run.data_interval_start if run is not None else None,
        "inlets": task.get_inlet_defs() if hasattr(task, "get_inlet_defs") else task.inlets,
        "logical_date": date,
        "map_index_template": task.map_index_template,
        "outlets": task.get_outlet_defs() if hasattr(task, "get_outlet_defs") else task.outlets,
        "params": process_params(dag, task, getattr(run, "conf", None), suppress_exception=False),
        "run_id": ti.run_id,
        "task": task,
        "task_instance": ti,
        "test_mode": ti.test_mode,
        "ti": ti,
        "var": {"json": VariableAccessor(deserialize_json=True), "value": VariableAccessor(deserialize_json=False)},
    }
    if date is not None:
        values |= _OF_DATE
        values["execution_date"] = date
    if getattr(dag, "compat_level", 2) >= 3:
        values |= _of_airflow_3(ti, run, task)
    context = Context(values)
    context._facts = _Facts(ti, task, dag, run, date)
    return context


def _of_airflow_3(ti: TaskInstance, run: Any, task: Any) -> dict[str, Any]:
    """Names that Airflow 2 has not."""
    return {
        "asset_state_store": AssetStateStores([*task.inlets, *task.outlets]),
        "partition_key": getattr(run, "partition_key", None),
        "start_date": ti.start_date,
        "task_reschedule_count": 0,
        "task_state_store": TaskStateStore(),
        "triggering_asset_events": _TRIGGERING_ASSET_EVENTS,
    }


def _of_success(name: str) -> _Later:
    """A fact about the last successful run before this, which is asked for at most once."""
    return _Later(lambda facts: getattr(_remembered(facts, "_last_success", _last_success), name, None))


def _last_success(facts: _Facts) -> Any:
    return facts.ti.get_previous_dagrun("success")


def _next(facts: _Facts) -> Any:
    return _remembered(facts, "_next_date", lambda facts: _neighbour(facts.run, facts.dag, facts.date, forward=True))


def _previous(facts: _Facts) -> Any:
    return _remembered(
        facts, "_previous_date", lambda facts: _neighbour(facts.run, facts.dag, facts.date, forward=False)
    )


def _remembered(facts: _Facts, name: str, make: Callable[[_Facts], Any]) -> Any:
    """What is made at most once for a task instance; kept there, since facts do not change."""
    kept = vars(facts.ti)
    if name not in kept:
        kept[name] = make(facts)
    return kept[name]


def _text(get: Callable[[_Facts], Any], form: str) -> _Later:
    def text(facts: _Facts) -> str | None:
        found = get(facts)
        return None if found is None else str(found.strftime(form))

    return _Later(text)


def _shifted(days: int) -> Callable[[_Facts], Any]:
    return lambda facts: facts.date + timedelta(days=days)


_LATER: Mapping[str, _Later] = {
    "conf": _Later(lambda _: _conf()),
    "expanded_ti_count": _Later(lambda facts: _expanded_count(facts.ti, facts.task)),
    "inlet_events": _Later(lambda facts: InletEventsAccessors(facts.ti.task.get_inlet_defs())),
    "macros": _Later(lambda _: _macros()),
    "outlet_events": _Later(lambda _: OutletEventAccessors()),
    "triggering_dataset_events": _Later(lambda facts: triggering_events(facts.run)),
    "prev_data_interval_start_success": _of_success("data_interval_start"),
    "prev_data_interval_end_success": _of_success("data_interval_end"),
    "prev_start_date_success": _of_success("start_date"),
    "prev_end_date_success": _of_success("end_date"),
    "prev_execution_date_success": _of_success("logical_date"),
}
"""What a context has of every task instance and few look at."""
_TRIGGERING_ASSET_EVENTS = _Later(lambda facts: TriggeringAssetEvents(triggering_events(facts.run)))


def _key_text(facts: _Facts) -> str:
    return f"{facts.ti.dag_id}__{facts.ti.task_id}__{facts.date.strftime('%Y%m%d')}"


_OF_DATE: Mapping[str, _Later] = {
    "ds": _text(attrgetter("date"), "%Y-%m-%d"),
    "ds_nodash": _text(attrgetter("date"), "%Y%m%d"),
    "ts": _Later(lambda facts: facts.date.isoformat()),
    "ts_nodash": _text(attrgetter("date"), "%Y%m%dT%H%M%S"),
    "ts_nodash_with_tz": _Later(lambda facts: facts.date.isoformat().replace("-", "").replace(":", "")),
    "task_instance_key_str": _Later(_key_text),
    "next_execution_date": _Later(_next),
    "next_ds": _text(_next, "%Y-%m-%d"),
    "next_ds_nodash": _text(_next, "%Y%m%d"),
    "prev_execution_date": _Later(_previous),
    "prev_ds": _text(_previous, "%Y-%m-%d"),
    "prev_ds_nodash": _text(_previous, "%Y%m%d"),
    "yesterday_ds": _text(_shifted(-1), "%Y-%m-%d"),
    "yesterday_ds_nodash": _text(_shifted(-1), "%Y%m%d"),
    "tomorrow_ds": _text(_shifted(1), "%Y-%m-%d"),
    "tomorrow_ds_nodash": _text(_shifted(1), "%Y%m%d"),
}
"""What it has besides when there is a logical date: its texts, and Airflow 1's names of neighbours in the schedule,
yesterday and tomorrow."""


def _neighbour(run: Any, dag: Any, date: Any, *, forward: bool) -> Any:
    """The next or previous date of the schedule; of a manual run its own date."""
    from tradewind.timetables.base import DataInterval, TimeRestriction  # only old templates ask for these

    from .dates import as_pendulum  # the same

    timetable = dag.timetable
    if run is None or run.external_trigger:
        return date
    if not timetable.can_be_scheduled:
        return None
    if forward:
        last = DataInterval(run.data_interval_start or date, run.data_interval_end or date)
        restriction = TimeRestriction(earliest=None, latest=None, catchup=True)
        info = timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction)
        return None if info is None else as_pendulum(info.logical_date)
    return as_pendulum(timetable.infer_manual_data_interval(run_after=date).start)


def _expanded_count(ti: TaskInstance, task: Any) -> int | None:
    """Number of instances of a mapped task; None for another."""
    expand_input = getattr(task, "mapped_input", None)
    group = None if expand_input is not None else task.get_closest_mapped_task_group()
    source = expand_input if expand_input is not None else getattr(group, "expand_input", None)
    if source is None:
        return None
    with contextlib.suppress(RuntimeError):
        return int(source.total(ti.map_lengths))
    return None


def _conf() -> Any:
    from .settings_reader import conf  # only those who look at the configuration need it

    return conf


def _macros() -> Any:
    from . import macros  # slow to import (yaml, dateutil, pendulum)

    return macros


@contextlib.contextmanager
def current_context(context: Any) -> Iterator[Any]:
    """Make this the context that get_current_context() gives."""
    _STACK.append(context)
    try:
        with shared():
            yield context
    finally:
        _STACK.pop()


set_current_context = current_context


def get_current_context() -> Context:
    """The context of the running task. Raises AirflowException outside one."""
    if not _STACK:
        raise AirflowException(
            "Current context was requested but no context was found! Are you running within an Airflow task?"
        )
    context: Context = _STACK[-1]
    return context


def context_copy_partial(source: Context, keys: Any) -> Context:
    """A context with some of the names."""
    twin = copy.copy(source)
    twin._values = {key: value for key, value in twin._values.items() if key in keys}
    return twin


def context_to_dict(context: Any) -> dict[str, Any]:
    """A plain dict of the context; old names stay behind proxies."""
    return context.lazy_dict() if isinstance(context, Context) else dict(context)


__all__ = [
    "CONTEXT_KEYS",
    "KNOWN_CONTEXT_KEYS",
    "AirflowContextDeprecationWarning",
    "ConnectionAccessor",
    "Context",
    "VariableAccessor",
    "build_context",
    "context_copy_partial",
    "context_merge",
    "context_of",
    "context_to_dict",
    "current_context",
    "get_current_context",
    "set_current_context",
]
