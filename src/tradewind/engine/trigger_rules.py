"""What each trigger rule says about counts of upstream states: run, wait, or take an end state at once.

A task takes its end state as soon as its rule can no longer hold, not when all upstream tasks are done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tradewind.model.states import TaskState, TriggerRule


@dataclass(slots=True)
class UpstreamCounts:
    """Upstream task instances by state. Mutable: a board keeps one for each task and moves it with every change."""

    total: int = 0
    success: int = 0
    skipped: int = 0
    failed: int = 0
    upstream_failed: int = 0
    removed: int = 0
    setups: int = 0
    success_setup: int = 0
    skipped_setup: int = 0

    @property
    def done(self) -> int:
        """Instances in an end state."""
        return self.success + self.skipped + self.failed + self.upstream_failed + self.removed

    def count(self, state: TaskState | None, step: int, *, is_setup: bool) -> None:
        """Move the count of ``state`` by ``step``."""
        name = _COUNTED.get(state)
        if name is None:
            return
        setattr(self, name, getattr(self, name) + step)
        if is_setup and state is TaskState.SUCCESS:
            self.success_setup += step
        elif is_setup and state is TaskState.SKIPPED:
            self.skipped_setup += step

    def copy(self) -> UpstreamCounts:
        """An independent copy."""
        return UpstreamCounts(
            self.total,
            self.success,
            self.skipped,
            self.failed,
            self.upstream_failed,
            self.removed,
            self.setups,
            self.success_setup,
            self.skipped_setup,
        )

    def __str__(self) -> str:
        # The form in which Airflow's dependency reports show it; clients have seen nothing else.
        return (
            f"_UpstreamTIStates(success={self.success}, skipped={self.skipped}, failed={self.failed}, "
            f"upstream_failed={self.upstream_failed}, removed={self.removed}, done={self.done}, "
            f"success_setup={self.success_setup}, skipped_setup={self.skipped_setup})"
        )


_COUNTED: Mapping[TaskState | None, str] = {
    TaskState.SUCCESS: "success",
    TaskState.SKIPPED: "skipped",
    TaskState.FAILED: "failed",
    TaskState.UPSTREAM_FAILED: "upstream_failed",
    TaskState.REMOVED: "removed",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """``state``: take it at once. Else ``reason``: wait, because. Neither: run."""

    state: TaskState | None = None
    reason: str = ""

    @property
    def runs(self) -> bool:
        """Whether the rule lets the task run now."""
        return self.state is None and not self.reason


RUN = Judgement()
_SKIP = Judgement(TaskState.SKIPPED)
_UPSTREAM_FAILED = Judgement(TaskState.UPSTREAM_FAILED)


def judge(rule: TriggerRule, up: UpstreamCounts) -> Judgement:
    """What the rule says now. A task without upstream tasks runs."""
    if not up.total or rule in (TriggerRule.ALWAYS, TriggerRule.DUMMY):
        return RUN
    end = _ENDS.get(rule, _never)(up)
    if end is not None:
        return end
    reason = unmet(rule, up)
    return Judgement(reason=reason) if reason else RUN


def judge_setups(up: UpstreamCounts) -> Judgement:
    """What the setups say in whose scope a task is without following them directly: all must have succeeded."""
    end = _all_success_end(up)
    if end is not None:
        return end
    missing = up.total - up.success - up.removed
    return Judgement(reason=f"All setup tasks must complete successfully, but {missing} have not.") if missing else RUN


def unmet(rule: TriggerRule, up: UpstreamCounts) -> str:
    """Why the rule is not met, in the words of Airflow's dependency report; "" when it is."""
    if not up.total or rule in (TriggerRule.ALWAYS, TriggerRule.DUMMY):
        return ""
    clause = _UNMET[rule](up)
    return f"Task's trigger rule '{rule.value}' requires {clause}" if clause else ""


# When a rule can no longer hold -----------------------------------------------------------------------------------


def _never(up: UpstreamCounts) -> Judgement | None:
    return None


def _all_success_end(up: UpstreamCounts) -> Judgement | None:
    if up.failed or up.upstream_failed:
        return _UPSTREAM_FAILED
    return _SKIP if up.skipped else None


def _all_failed_end(up: UpstreamCounts) -> Judgement | None:
    return _SKIP if up.success or up.skipped else None


def _one_success_end(up: UpstreamCounts) -> Judgement | None:
    if up.done < up.total or up.success:
        return None
    return _SKIP if up.skipped == up.done else _UPSTREAM_FAILED


def _one_failed_end(up: UpstreamCounts) -> Judgement | None:
    return _SKIP if up.done >= up.total and not (up.failed or up.upstream_failed) else None


def _one_done_end(up: UpstreamCounts) -> Judgement | None:
    return _SKIP if up.done >= up.total and not (up.failed or up.success) else None


def _none_failed_end(up: UpstreamCounts) -> Judgement | None:
    return _UPSTREAM_FAILED if up.failed or up.upstream_failed else None


def _none_failed_min_one_success_end(up: UpstreamCounts) -> Judgement | None:
    if up.failed or up.upstream_failed:
        return _UPSTREAM_FAILED
    return _SKIP if up.skipped == up.total else None


def _none_skipped_end(up: UpstreamCounts) -> Judgement | None:
    return _SKIP if up.skipped else None


def _all_skipped_end(up: UpstreamCounts) -> Judgement | None:
    return _SKIP if up.success or up.failed or up.upstream_failed else None


def _teardown_end(up: UpstreamCounts) -> Judgement | None:
    if up.done < up.total or not up.setups:
        return None
    if up.skipped_setup >= up.setups:
        return _SKIP
    return None if up.success_setup else _UPSTREAM_FAILED


_ENDS: Mapping[TriggerRule, Callable[[UpstreamCounts], Judgement | None]] = {
    TriggerRule.ALL_SUCCESS: _all_success_end,
    TriggerRule.ALL_FAILED: _all_failed_end,
    TriggerRule.ONE_SUCCESS: _one_success_end,
    TriggerRule.ONE_FAILED: _one_failed_end,
    TriggerRule.ONE_DONE: _one_done_end,
    TriggerRule.NONE_FAILED: _none_failed_end,
    TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS: _none_failed_min_one_success_end,
    TriggerRule.NONE_SKIPPED: _none_skipped_end,
    TriggerRule.ALL_SKIPPED: _all_skipped_end,
    TriggerRule.ALL_DONE_SETUP_SUCCESS: _teardown_end,
}


# Why a rule does not hold yet -------------------------------------------------------------------------------------


def _all_success_unmet(up: UpstreamCounts) -> str:
    count = up.total - up.success - up.removed
    return f"all upstream tasks to have succeeded, but found {count} non-success(es)." if count > 0 else ""


def _all_failed_unmet(up: UpstreamCounts) -> str:
    count = up.total - up.failed - up.upstream_failed - up.removed
    return f"all upstream tasks to have failed, but found {count} non-failure(s)." if count > 0 else ""


def _all_done_unmet(up: UpstreamCounts) -> str:
    count = up.total - up.done
    return f"all upstream tasks to have completed, but found {count} task(s) that were not done." if count > 0 else ""


def _one_success_unmet(up: UpstreamCounts) -> str:
    return "" if up.success else "one upstream task success, but none were found."


def _one_failed_unmet(up: UpstreamCounts) -> str:
    return "" if up.failed or up.upstream_failed else "one upstream task failure, but none were found."


def _one_done_unmet(up: UpstreamCounts) -> str:
    if up.failed or up.success:
        return ""
    return "at least one upstream task failure or success but none were failed or success."


def _none_failed_unmet(up: UpstreamCounts) -> str:
    count = up.total - up.success - up.skipped - up.removed
    if count <= 0:
        return ""
    return f"all upstream tasks to have succeeded or been skipped, but found {count} non-success(es)."


def _none_skipped_unmet(up: UpstreamCounts) -> str:
    if up.done >= up.total and not up.skipped:
        return ""
    return f"all upstream tasks to not have been skipped, but found {up.skipped} task(s) skipped."


def _all_skipped_unmet(up: UpstreamCounts) -> str:
    count = up.total - up.skipped - up.removed
    return f"all upstream tasks to have been skipped, but found {count} task(s) in non skipped state." if count else ""


def _teardown_unmet(up: UpstreamCounts) -> str:
    waiting = _all_done_unmet(up)
    if waiting or not up.setups or up.success_setup:
        return waiting
    return f"at least one upstream setup task be successful, but found {up.setups} task(s) that were not."


_UNMET: Mapping[TriggerRule, Callable[[UpstreamCounts], str]] = {
    TriggerRule.ALL_SUCCESS: _all_success_unmet,
    TriggerRule.ALL_FAILED: _all_failed_unmet,
    TriggerRule.ALL_DONE: _all_done_unmet,
    TriggerRule.ALL_DONE_SETUP_SUCCESS: _teardown_unmet,
    TriggerRule.ONE_SUCCESS: _one_success_unmet,
    TriggerRule.ONE_FAILED: _one_failed_unmet,
    TriggerRule.ONE_DONE: _one_done_unmet,
    TriggerRule.NONE_FAILED: _none_failed_unmet,
    TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS: _none_failed_unmet,
    TriggerRule.NONE_SKIPPED: _none_skipped_unmet,
    TriggerRule.ALL_SKIPPED: _all_skipped_unmet,
}
