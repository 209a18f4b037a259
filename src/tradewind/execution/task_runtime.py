"""sdk.runtime.Runtime for a task process: every question of user code becomes one message to the worker."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

from tradewind.model.errors import AlreadyExists, Forbidden, InvalidInput, NotFound, StaleAttempt, TradewindError
from tradewind.wire import messages as wire

from .channel import Transport

ERRORS: Mapping[str, type[TradewindError]] = {
    "not_found": NotFound,
    "already_exists": AlreadyExists,
    "invalid": InvalidInput,
    "forbidden": Forbidden,
    "stale": StaleAttempt,
}

R = TypeVar("R")


class TaskRuntime:
    """Answers user code by asking over ``transport``; configuration comes from the values given at start."""

    def __init__(self, transport: Transport, config: Mapping[str, Mapping[str, Any]]) -> None:
        self._transport = transport
        self._config = config
        self.skips: dict[str, None] = {}
        """Tasks to skip when the attempt ends, each once, in order."""

    def skip_tasks(self, task_ids: Sequence[str]) -> None:
        self.skips.update(dict.fromkeys(task_ids))

    def ask(self, request: wire.AttemptRequest) -> wire.AttemptReply:
        """The answer to a request. Raises the error of model.errors that a refusal means."""
        reply = self._transport.wait(self._transport.post(request))
        if isinstance(reply, wire.Refused):
            raise ERRORS.get(reply.code, TradewindError)(reply.message)
        return reply

    def get_variable(self, key: str) -> str | None:
        return cast("str | None", self._value(wire.GetVariable(key=key)))

    def put_variable(self, key: str, value: str, description: str | None) -> None:
        self.ask(wire.PutVariable(key=key, value=value, description=description))

    def delete_variable(self, key: str) -> int:
        return cast(int, self._value(wire.DeleteVariable(key=key)))

    def get_connection(self, conn_id: str) -> wire.ConnectionReply | None:
        return self._one_of(wire.ConnectionReply, wire.GetConnection(conn_id=conn_id))

    def put_xcom(self, item: wire.XComItem, *, task_id: str | None = None, map_index: int | None = None) -> None:
        self.ask(wire.PutXCom(item=item, task_id=task_id, map_index=map_index))

    def get_xcoms(
        self,
        *,
        key: str,
        dag_id: str,
        run_id: str,
        task_ids: Sequence[str] | None = None,
        map_indexes: Sequence[int] | None = None,
        include_prior_dates: bool = False,
        offset: int = 0,
        limit: int | None = None,
        count_only: bool = False,
    ) -> wire.XComs:
        request = wire.GetXComs(
            key=key,
            dag_id=dag_id,
            run_id=run_id,
            task_ids=None if task_ids is None else tuple(task_ids),
            map_indexes=None if map_indexes is None else tuple(map_indexes),
            include_prior_dates=include_prior_dates,
            offset=offset,
            limit=limit,
            count_only=count_only,
        )
        return cast(wire.XComs, self.ask(request))

    def trigger_run(
        self, *, dag_id: str, run_id: str | None, logical_date: datetime | None, conf: str | None, reset: bool
    ) -> wire.RunReply:
        request = wire.TriggerRun(
            dag_id=dag_id,
            run_id=run_id,
            logical_date=logical_date,
            conf=conf,
            reset=reset,
            request_key=secrets.token_hex(16),
        )
        return cast(wire.RunReply, self.ask(request))

    def run_subdag(self, *, dag_id: str, conf: str | None, resets: bool) -> wire.RunReply:
        return cast(wire.RunReply, self.ask(wire.RunSubDag(dag_id=dag_id, conf=conf, resets=resets)))

    def get_run(
        self, *, dag_id: str, run_id: str | None = None, logical_date: datetime | None = None
    ) -> wire.RunReply | None:
        return self._one_of(wire.RunReply, wire.GetRun(dag_id=dag_id, run_id=run_id, logical_date=logical_date))

    def get_previous_run(self, *, dag_id: str, logical_date: datetime, state: str | None) -> wire.RunReply | None:
        request = wire.GetPreviousRun(dag_id=dag_id, logical_date=logical_date, state=state)
        return self._one_of(wire.RunReply, request)

    def count_runs(
        self,
        *,
        dag_id: str,
        logical_dates: Sequence[datetime] = (),
        run_ids: Sequence[str] = (),
        states: Sequence[str] | None = None,
    ) -> int:
        request = wire.CountRuns(
            dag_id=dag_id,
            logical_dates=tuple(logical_dates),
            run_ids=tuple(run_ids),
            states=None if states is None else tuple(states),
        )
        return cast(int, self._value(request))

    def count_task_instances(
        self,
        *,
        dag_id: str,
        task_ids: Sequence[str] = (),
        task_group_id: str | None = None,
        logical_dates: Sequence[datetime] = (),
        run_ids: Sequence[str] = (),
        states: Sequence[str] | None = None,
    ) -> int:
        request = wire.CountTaskInstances(
            dag_id=dag_id,
            task_ids=tuple(task_ids),
            task_group_id=task_group_id,
            logical_dates=tuple(logical_dates),
            run_ids=tuple(run_ids),
            states=None if states is None else tuple(states),
        )
        return cast(int, self._value(request))

    def get_task_states(
        self,
        *,
        dag_id: str,
        task_ids: Sequence[str] | None = None,
        run_ids: Sequence[str] = (),
        logical_dates: Sequence[datetime] = (),
    ) -> dict[str, Any]:
        request = wire.GetTaskStates(
            dag_id=dag_id,
            task_ids=None if task_ids is None else tuple(task_ids),
            run_ids=tuple(run_ids),
            logical_dates=tuple(logical_dates),
        )
        return cast("dict[str, Any]", self._value(request))

    def get_dag_info(self, dag_id: str) -> dict[str, Any] | None:
        return cast("dict[str, Any] | None", self._value(wire.GetDagInfo(dag_id=dag_id)))

    def is_latest_run(self) -> bool:
        return bool(self._value(wire.IsLatestRun()))

    def change_rows(self, changes: Sequence[wire.RowChange]) -> int:
        return cast(int, self._value(wire.ChangeRows(changes=tuple(changes))))

    def get_dataset_events(
        self, *, uri: str, is_alias: bool = False, name: str = "", offset: int = 0, limit: int | None = None
    ) -> wire.DatasetEvents:
        request = wire.GetDatasetEvents(uri=uri, is_alias=is_alias, name=name, offset=offset, limit=limit)
        return self._one_of(wire.DatasetEvents, request) or wire.DatasetEvents()

    def ask_about_assets(self, request: wire.AssetRequest) -> Any:
        return self._value(request)

    def get_triggering_events(self, *, dag_id: str, run_id: str) -> tuple[wire.DatasetEventItem, ...]:
        reply = self._one_of(wire.DatasetEvents, wire.GetTriggeringEvents(dag_id=dag_id, run_id=run_id))
        return () if reply is None else reply.events

    def get_config(self, section: str, key: str, fallback: Any = None) -> Any:
        return self._config.get(section.lower(), {}).get(key.lower(), fallback)

    def _value(self, request: wire.AttemptRequest) -> Any:
        reply = self.ask(request)
        return reply.value if isinstance(reply, wire.Value) else None

    def _one_of(self, kind: type[R], request: wire.AttemptRequest) -> R | None:
        reply = self.ask(request)
        return reply if isinstance(reply, kind) else None
