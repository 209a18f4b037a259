"""A DAG that runs as one task of another: SubDagOperator, which Airflow 3 no longer has. New DAGs use a TaskGroup."""

from __future__ import annotations

import json
import warnings
from enum import Enum
from typing import Any

from tradewind.model.errors import TradewindError
from tradewind.model.states import RunState, TaskState
from tradewind.sdk import runtime
from tradewind.sdk.contexts import DagContext
from tradewind.sdk.exceptions import AirflowException, RemovedInAirflow3Warning
from tradewind.sdk.sensor import BaseSensorOperator
from tradewind.standard.skipping import SkipMixin
from tradewind.wire.messages import RunReply

OPEN_STATES = (RunState.QUEUED.value, RunState.RUNNING.value)


class SkippedStatePropagationOptions(Enum):
    """Which skipped leaves of the SubDAG skip what follows the operator."""

    ALL_LEAVES = "all_leaves"
    ANY_LEAF = "any_leaf"


class SubDagOperator(BaseSensorOperator, SkipMixin):
    """Runs ``subdag``, whose id is ``{dag_id}.{task_id}``, as a DAG run of its own at the same date, and waits for its
    end: success only when that run succeeds.

    A retry runs what failed in it again. With ``mode="reschedule"`` no slot is taken while it waits.
    ``propagate_skipped_state``: skip what follows when leaves of the SubDAG were skipped.
    """

    ui_color = "#555"
    ui_fgcolor = "#fff"
    subdag: Any

    def __init__(
        self,
        *,
        subdag: Any,
        session: Any = None,
        conf: dict[str, Any] | None = None,
        propagate_skipped_state: SkippedStatePropagationOptions | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.subdag = subdag
        self.conf = conf
        self.propagate_skipped_state = propagate_skipped_state
        self._check_id(kwargs.get("dag") or DagContext.get_current_dag())
        self._check_pool()
        warnings.warn(
            "This class is deprecated. Please use `airflow.utils.task_group.TaskGroup`.",
            RemovedInAirflow3Warning,
            stacklevel=4,
        )

    def _check_id(self, parent: Any) -> None:
        if parent is None:
            raise AirflowException("Please pass in the `dag` param or call within a DAG context manager")
        expected = f"{parent.dag_id}.{self.task_id}"
        if self.subdag.dag_id != expected:
            raise AirflowException(
                "The subdag's dag_id should have the form '{parent_dag_id}.{this_task_id}'. "
                f"Expected '{expected}'; received '{self.subdag.dag_id}'."
            )

    def _check_pool(self) -> None:
        """One slot that the operator holds while its own tasks wait for it: they would wait for ever."""
        rivals = [task.task_id for task in self.subdag.tasks if task.pool == self.pool]
        # Only a parse can ask; elsewhere (an attempt, a script) nobody is helped by knowing.
        slots_of = getattr(runtime.find(), "get_pool_slots", None)
        if rivals and slots_of is not None and slots_of(self.pool) == 1:
            plural = "s" if len(rivals) > 1 else ""
            raise AirflowException(
                f"SubDagOperator {self.task_id} and subdag task{plural} {', '.join(rivals)} both use pool {self.pool}, "
                "but the pool only has 1 slot. The subdag tasks will never run."
            )

    def execute(self, context: Any) -> Any:
        """Make the run, or take up the one there is; wait for its end; judge it."""
        # After a reschedule the run is this try's own: one that failed meanwhile must not begin anew.
        begins = not self.reschedule or context["ti"].start_date == context["ti"].first_start_date
        run = self._run_of_subdag(resets=True) if begins else None
        if run is not None:
            self.log.info("Run of the SubDAG: %s", run.run_id)
        super().execute(context)
        run = self._run_of_subdag(resets=False)
        self.log.info("Execution finished. State is %s", run.state)
        if run.state != RunState.SUCCESS.value:
            raise AirflowException(f"Expected state: SUCCESS. Actual state: {run.state.upper()}")
        if self.propagate_skipped_state is not None and self._leaves_were_skipped(run):
            self.log.info("Leaves of the SubDAG were skipped: what follows is skipped too")
            if self.downstream_task_ids:
                self.skip(context["ti"], self.downstream_list)

    def poke(self, context: Any) -> bool:
        """Whether the SubDAG's run has ended."""
        return self._run_of_subdag(resets=False).state not in OPEN_STATES

    def _run_of_subdag(self, *, resets: bool) -> RunReply:
        conf = None if self.conf is None else json.dumps(self.conf)
        try:
            return runtime.current().run_subdag(dag_id=self.subdag.dag_id, conf=conf, resets=resets)
        except TradewindError as error:
            raise AirflowException(f"The SubDAG {self.subdag.dag_id} cannot run: {error}") from error

    def _leaves_were_skipped(self, run: RunReply) -> bool:
        leaves = [task.task_id for task in self.subdag.leaves]
        found = runtime.current().get_task_states(dag_id=run.dag_id, task_ids=leaves, run_ids=[run.run_id])
        skipped = [state == TaskState.SKIPPED.value for state in found.get(run.run_id, {}).values()]
        if self.propagate_skipped_state is SkippedStatePropagationOptions.ANY_LEAF:
            return any(skipped)
        return all(skipped)
