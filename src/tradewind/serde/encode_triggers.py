"""``start_from_trigger``: what tasks leave in the triggerer before they have had a worker, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from typing import Any

from tradewind.model.spec import StartTrigger

from .values import dumps

_NAMES = frozenset({"start_from_trigger", "trigger_kwargs", "next_kwargs", "trigger_timeout"})
"""Arguments of a mapped task that count before its operator is made."""


def start_triggers(task: Any) -> tuple[StartTrigger | None, ...]:
    """None for a task that begins on a worker, one for a task that begins in the triggerer; of a mapped task one for
    each index when ``expand`` says how they differ. What is mapped over results of tasks is not known here: those
    begin on a worker. Raises TypeError for arguments that cannot be kept."""
    args = getattr(task, "start_trigger_args", None)
    if args is None:
        return ()
    if not task.is_mapped:
        return (_described(args, {}),) if task.start_from_trigger else ()
    fixed = {name: task.partial_kwargs[name] for name in _NAMES if name in task.partial_kwargs}
    differing = _by_index(task.mapped_input.value)
    if differing is None:
        return ()
    default = bool(task.start_from_trigger)
    found = tuple(_started(args, {"start_from_trigger": default, **fixed, **given}) for given in differing)
    return found if any(found) else ()


def _started(args: Any, given: Mapping[str, Any]) -> StartTrigger | None:
    return _described(args, given) if given["start_from_trigger"] else None


def _described(args: Any, given: Mapping[str, Any]) -> StartTrigger:
    timeout = given.get("trigger_timeout", args.timeout)
    return StartTrigger(
        classpath=args.trigger_cls,
        kwargs=dumps(given.get("trigger_kwargs", args.trigger_kwargs) or {}, keep_tuples=True),
        next_method=args.next_method,
        next_kwargs=dumps(given.get("next_kwargs", args.next_kwargs) or {}, keep_tuples=True),
        timeout=None if timeout is None else timeout.total_seconds(),
    )


def _by_index(value: Any) -> list[dict[str, Any]] | None:
    """What ``expand`` or ``expand_kwargs`` gives of those arguments to each index, one entry when they are alike; None
    when that is not known before the run."""
    if isinstance(value, Mapping):
        if not _NAMES & value.keys():
            return [{}]
        if not all(isinstance(items, list | tuple | set | frozenset | Mapping) for items in value.values()):
            return None
        return list(_combined({name: _items(items) for name, items in value.items()}))
    if not isinstance(value, list | tuple) or not all(isinstance(given, Mapping) for given in value):
        return None
    return [{name: given[name] for name in _NAMES if name in given} for given in value]


def _combined(lists: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """Every combination, in the order of map indices: the last argument changes fastest."""
    for index in range(prod(len(items) for items in lists.values())):
        given, rest = {}, index
        for name, items in reversed(list(lists.items())):
            rest, place = divmod(rest, len(items))
            if name in _NAMES:
                given[name] = items[place]
        yield given


def _items(items: Any) -> list[Any]:
    return list(items.items()) if isinstance(items, Mapping) else list(items)
