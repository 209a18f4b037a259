"""What overviews of all DAGs need of each serialised DAG, read without making the rest of it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tradewind.model.spec import TimetableSpec


class TaskOutline(msgspec.Struct, frozen=True):
    """One task."""

    task_id: str
    task_type: str = ""
    trigger_dag_id: str | None = None


class Outline(msgspec.Struct, frozen=True):
    """One DAG: its schedule, and the names of its tasks."""

    dag_id: str
    timetable: TimetableSpec = TimetableSpec(kind="none", can_be_scheduled=False)
    start_date: datetime | None = None
    end_date: datetime | None = None
    catchup: bool = True
    tasks: tuple[TaskOutline, ...] = ()


_DECODER: msgspec.json.Decoder[Outline] = msgspec.json.Decoder(Outline)


def outline(data: bytes) -> Outline:
    """The outline of a serialised DAG."""
    return _DECODER.decode(data)
