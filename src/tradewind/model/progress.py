"""How a run stands, as a whole: what somebody who watches it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .records import DagRun, TaskInstance, TaskKey
from .spec import DagSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgress:
    """One look at a run. The last one of a run has a terminal run state.

    ``log_tails``: the end of the log of each task instance that has failed, by key; ``log_paths``: the file of each
    attempt's log, where there is one.
    """

    spec: DagSpec
    run: DagRun
    task_instances: tuple[TaskInstance, ...]
    log_tails: Mapping[TaskKey, str] = field(default_factory=dict)
    log_paths: Mapping[TaskKey, str] = field(default_factory=dict)
