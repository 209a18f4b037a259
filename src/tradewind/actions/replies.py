"""Stored rows as the messages in which attempts see them."""

from __future__ import annotations

import json

from tradewind.model.records import DagRun
from tradewind.wire import messages as wire


def run_reply(run: DagRun) -> wire.RunReply:
    """A run as attempts see it."""
    return wire.RunReply(
        dag_id=run.dag_id,
        run_id=run.run_id,
        run_type=run.run_type.value,
        state=run.state.value,
        logical_date=run.logical_date,
        data_interval_start=run.data_interval_start,
        data_interval_end=run.data_interval_end,
        queued_at=run.queued_at,
        start_date=run.start_date,
        end_date=run.end_date,
        external_trigger=run.external_trigger,
        conf=json.dumps(run.conf) if run.conf is not None else None,
        id=run.id,
        clear_number=run.clear_number,
        note=run.note,
        partition_key=run.partition_key,
    )
