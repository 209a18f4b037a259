"""One DAG starting another: TriggerDagRunOperator."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

from tradewind.model.errors import AlreadyExists, NotFound
from tradewind.model.states import RunState, RunType
from tradewind.sdk import runtime, timezone
from tradewind.sdk.exceptions import AirflowException, AirflowSkipException, DagNotFound, DagRunAlreadyExists
from tradewind.sdk.operator import BaseOperator
from tradewind.standard.branch import renamed_flag
from tradewind.standard.triggers import DagStateTrigger
from tradewind.wire.messages import RunReply

XCOM_LOGICAL_DATE_ISO = "trigger_logical_date_iso"
XCOM_RUN_ID = "trigger_run_id"


class TriggerDagRunOperator(BaseOperator):
    """Makes a manual run of ``trigger_dag_id``, and waits for its end when ``wait_for_completion``.

    A run of the same id or date that exists: cleared and run again with ``reset_dag_run``, the task skipped with
    ``skip_when_already_exists``, else failed.
    """

    template_fields: Sequence[str] = (
        "trigger_dag_id",
        "trigger_run_id",
        "logical_date",
        "conf",
        "wait_for_completion",
        "skip_when_already_exists",
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {"conf": "py"}
    ui_color = "#ffefeb"

    def __init__(
        self,
        *,
        trigger_dag_id: str,
        trigger_run_id: str | None = None,
        conf: dict[str, Any] | None = None,
        logical_date: str | dt.datetime | None = None,
        reset_dag_run: bool = False,
        wait_for_completion: bool = False,
        poke_interval: int = 60,
        allowed_states: list[str | RunState] | None = None,
        failed_states: list[str | RunState] | None = None,
        skip_when_already_exists: bool = False,
        deferrable: bool = False,
        execution_date: str | dt.datetime | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        renamed_flag(False, execution_date is not None, "execution_date", "logical_date")
        logical_date = logical_date if execution_date is None else execution_date
        if logical_date is not None and not isinstance(logical_date, str | dt.datetime):
            raise TypeError(
                "Expected str or datetime.datetime type for parameter 'logical_date'. "
                f"Got {type(logical_date).__name__}"
            )
        self.trigger_dag_id = trigger_dag_id
        self.trigger_run_id = trigger_run_id
        self.conf = conf
        self.logical_date = logical_date
        self.reset_dag_run = reset_dag_run
        self.wait_for_completion = wait_for_completion
        self.poke_interval = poke_interval
        self.allowed_states = [RunState(state) for state in allowed_states or [RunState.SUCCESS]]
        self.failed_states = [
            RunState(state) for state in ([RunState.FAILED] if failed_states is None else failed_states)
        ]
        self.skip_when_already_exists = skip_when_already_exists
        self._defer = deferrable

    def execute(self, context: Any) -> None:
        """Trigger, and wait if asked to."""
        date = self._parsed_date()
        run_id = self.trigger_run_id or f"{RunType.MANUAL.value}__{date.isoformat()}"
        run = self._trigger(run_id, date)
        ti = context["task_instance"]
        ti.xcom_push(key=XCOM_LOGICAL_DATE_ISO, value=run.logical_date.isoformat())
        ti.xcom_push(key=XCOM_RUN_ID, value=run.run_id)
        if not self.wait_for_completion:
            return
        if self._defer:
            self.defer(
                trigger=DagStateTrigger(
                    dag_id=self.trigger_dag_id,
                    states=[*self.allowed_states, *self.failed_states],
                    execution_dates=[run.logical_date],
                    poll_interval=self.poke_interval,
                ),
                method_name="execute_complete",
            )
        self._wait(run)

    def _parsed_date(self) -> dt.datetime:
        if isinstance(self.logical_date, dt.datetime):
            return timezone.convert_to_utc(self.logical_date)
        if isinstance(self.logical_date, str) and self.logical_date:
            return timezone.convert_to_utc(timezone.parse(self.logical_date))
        return timezone.utcnow()

    def _conf(self) -> str | None:
        try:
            return None if self.conf is None else json.dumps(self.conf)
        except TypeError as error:
            raise AirflowException("conf parameter should be JSON Serializable") from error

    def _trigger(self, run_id: str, date: dt.datetime) -> RunReply:
        try:
            return runtime.current().trigger_run(
                dag_id=self.trigger_dag_id,
                run_id=run_id,
                logical_date=date,
                conf=self._conf(),
                reset=self.reset_dag_run,
            )
        except AlreadyExists as error:
            if self.skip_when_already_exists:
                raise AirflowSkipException(
                    "Skipping due to skip_when_already_exists is set to True and DagRunAlreadyExists"
                ) from error
            raise DagRunAlreadyExists(SimpleNamespace(dag_id=self.trigger_dag_id), date, run_id) from error
        except NotFound as error:
            raise DagNotFound(f"Dag id {self.trigger_dag_id} not found") from error

    @property
    def _states_text(self) -> str:
        return str([state.value for state in self.allowed_states])

    def _wait(self, run: RunReply) -> None:
        while True:
            self.log.info(
                "Waiting for %s on %s to become allowed state %s ...",
                self.trigger_dag_id,
                run.logical_date,
                self._states_text,
            )
            time.sleep(self.poke_interval)
            now = runtime.current().get_run(dag_id=self.trigger_dag_id, run_id=run.run_id)
            if now is None:
                raise AirflowException(f"the run {run.run_id} of {self.trigger_dag_id} is gone")
            if self._is_over(now.state):
                return

    def _is_over(self, state: str) -> bool:
        if state in self.failed_states:
            raise AirflowException(f"{self.trigger_dag_id} failed with failed states {state}")
        if state in self.allowed_states:
            self.log.info("%s finished with allowed state %s", self.trigger_dag_id, state)
            return True
        return False

    def execute_complete(self, context: Any, event: tuple[str, dict[str, Any]]) -> None:
        """After a deferral: judge the state that the run has now."""
        run_id = context["ti"].xcom_pull(task_ids=self.task_id, key=XCOM_RUN_ID)
        run = runtime.current().get_run(dag_id=self.trigger_dag_id, run_id=run_id)
        if run is None:
            raise AirflowException(f"No DAG run found for DAG {self.trigger_dag_id} and run id {run_id}")
        if not self._is_over(run.state):
            raise AirflowException(f"{self.trigger_dag_id} return {run.state} which is not in {self.failed_states}")
