"""Operators that choose the way: branches by date and day, latest-only, and the empty task."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

from tradewind.sdk import runtime, timezone
from tradewind.sdk.exceptions import AirflowException, RemovedInAirflow3Warning
from tradewind.sdk.operator import BaseOperator
from tradewind.sdk.weekday import WeekDay
from tradewind.standard.skipping import SkipMixin

Branches = None | str | Iterable[str]


class EmptyOperator(BaseOperator):
    """Does nothing; the scheduler sets it to success without running it, unless it has outlets or callbacks."""

    ui_color = "#e8f7e4"
    _is_empty = True

    def execute(self, context: Any) -> None:
        """Nothing."""


class SmoothOperator(BaseOperator):
    """Logs where to listen to a song."""

    ui_color = "#e8f7e4"
    yt_link = "https://www.youtube.com/watch?v=4TYv2PhG89A"

    def execute(self, context: Any) -> None:
        """Log the link."""
        self.log.info("Enjoy Sade - Smooth Operator: %s", self.yt_link)


class BranchMixIn(SkipMixin):
    """Skips what was not chosen."""

    def do_branch(self, context: Any, branches_to_execute: Branches) -> Branches:
        """Follow these tasks or task groups and skip the other direct downstream tasks."""
        ti = context["ti"]
        self.skip_all_except(ti, self._group_roots(ti, branches_to_execute))
        return branches_to_execute

    def _group_roots(self, ti: Any, branches: Branches) -> Branches:
        if branches is None or not isinstance(branches, Iterable):
            return branches
        groups = ti.task.dag.task_group.get_task_group_dict()
        followed: list[Any] = []
        for branch in [branches] if isinstance(branches, str) else branches:
            if isinstance(branch, str) and branch in groups and branch is not None:
                followed.extend(root.task_id for root in groups[branch].get_roots())
            else:
                followed.append(branch)
        return followed


class BaseBranchOperator(BaseOperator, BranchMixIn):
    """Base of branches: subclasses answer ``choose_branch``."""

    inherits_from_skipmixin = True

    def choose_branch(self, context: Any) -> Branches:
        """The id or ids of tasks or task groups to follow; None for none."""
        raise NotImplementedError

    def execute(self, context: Any) -> Any:
        """Choose, and skip the rest."""
        return self.do_branch(context, self.choose_branch(context))


class LatestOnlyOperator(BaseBranchOperator):
    """Skips what follows when the run is a scheduled one and not the newest."""

    ui_color = "#e9ffdb"

    def choose_branch(self, context: Any) -> Branches:
        """All direct downstream tasks, or none."""
        run = context["dag_run"]
        if run is not None and run.external_trigger:
            self.log.info("Externally triggered DAG_Run: allowing execution to proceed.")
            return list(context["task"].get_direct_relative_ids(upstream=False))
        if not runtime.current().is_latest_run():
            self.log.info("Not latest execution, skipping downstream.")
            return []
        self.log.info("Latest, allowing execution to proceed.")
        return list(context["task"].get_direct_relative_ids(upstream=False))


def renamed_flag(new_value: bool, old_value: bool, old: str, new: str) -> bool:
    """A flag that may still come by its old name, with a warning."""
    if old_value:
        warnings.warn(f"{old} is an old name and will go; use {new} instead.", RemovedInAirflow3Warning, stacklevel=3)
    return new_value or old_value


class BranchDayOfWeekOperator(BaseBranchOperator):
    """Follows one way on given days of the week, the other on the rest."""

    def __init__(
        self,
        *,
        follow_task_ids_if_true: str | Iterable[str],
        follow_task_ids_if_false: str | Iterable[str],
        week_day: str | WeekDay | Iterable[str] | Iterable[WeekDay],
        use_task_logical_date: bool = False,
        use_task_execution_day: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.follow_task_ids_if_true = follow_task_ids_if_true
        self.follow_task_ids_if_false = follow_task_ids_if_false
        self.week_day = week_day
        self.use_task_logical_date = renamed_flag(
            use_task_logical_date, use_task_execution_day, "use_task_execution_day", "use_task_logical_date"
        )
        self._week_day_num = WeekDay.validate_week_day(week_day)

    def choose_branch(self, context: Any) -> Branches:
        """By today's day of the week, or the logical date's, in the DAG's zone."""
        now = context["logical_date"] if self.use_task_logical_date else timezone.utcnow()
        if timezone.make_naive(now, self.dag.timezone).isoweekday() in self._week_day_num:
            return self.follow_task_ids_if_true
        return self.follow_task_ids_if_false


class BranchDateTimeOperator(BaseBranchOperator):
    """Follows one way between two dates or times of day, the other outside."""

    def __init__(
        self,
        *,
        follow_task_ids_if_true: str | Iterable[str],
        follow_task_ids_if_false: str | Iterable[str],
        target_lower: dt.datetime | dt.time | None,
        target_upper: dt.datetime | dt.time | None,
        use_task_logical_date: bool = False,
        use_task_execution_date: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if target_lower is None and target_upper is None:
            raise AirflowException(
                "Both target_upper and target_lower are None. At least one "
                "must be defined to be compared to the current datetime"
            )
        self.target_lower = target_lower
        self.target_upper = target_upper
        self.follow_task_ids_if_true = follow_task_ids_if_true
        self.follow_task_ids_if_false = follow_task_ids_if_false
        self.use_task_logical_date = renamed_flag(
            use_task_logical_date, use_task_execution_date, "use_task_execution_date", "use_task_logical_date"
        )

    def choose_branch(self, context: Any) -> Branches:
        """By the present moment, or the logical date."""
        now = context["logical_date"] if self.use_task_logical_date else timezone.coerce_datetime(timezone.utcnow())
        lower, upper = target_times_as_dates(now, self.target_lower, self.target_upper)
        lower = timezone.coerce_datetime(lower, self.dag.timezone)
        upper = timezone.coerce_datetime(upper, self.dag.timezone)
        if upper is not None and upper < now:
            return self.follow_task_ids_if_false
        if lower is not None and lower > now:
            return self.follow_task_ids_if_false
        return self.follow_task_ids_if_true


def target_times_as_dates(
    base_date: dt.datetime, lower: dt.datetime | dt.time | None, upper: dt.datetime | dt.time | None
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Times of day as times of ``base_date``'s day; an upper time before the lower one is the next day's."""
    low = dt.datetime.combine(base_date, lower) if isinstance(lower, dt.time) else lower
    high = dt.datetime.combine(base_date, upper) if isinstance(upper, dt.time) else upper
    if low is not None and high is not None and high < low:
        high += dt.timedelta(days=1)
    return low, high


__all__: Sequence[str] = (
    "BaseBranchOperator",
    "BranchDateTimeOperator",
    "BranchDayOfWeekOperator",
    "BranchMixIn",
    "EmptyOperator",
    "LatestOnlyOperator",
    "SmoothOperator",
    "target_times_as_dates",
)
