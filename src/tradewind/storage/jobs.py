"""Jobs: the roles' heartbeats. A job that is silent too long is dead, and what it owns is rescued."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select, update

from .columns import UtcTime
from .rows import Job
from .statements import Prepared, insert_for, literals
from .tables_runs import JOB
from .transaction import Work

RUNNING = "running"

_J = JOB.c
_ROWS = select(*(_J[name] for name in Job.__dataclass_fields__))
_CREATE = Prepared(
    lambda dialect: insert_for(dialect, JOB).returning(_J.id),
    keys=("state", "job_type", "start_date", "latest_heartbeat", "executor_class", "hostname", "unixname"),
)
_GET = Prepared(_ROWS.where(_J.id == bindparam("id")), Job)
_BEAT = Prepared(
    update(JOB)
    .where(_J.id == bindparam("k_id"), _J.state == literals([RUNNING])[0])
    .values(latest_heartbeat=bindparam("v_at", type_=UtcTime()))
)
_REVIVE = Prepared(
    update(JOB)
    .where(_J.id == bindparam("k_id"))
    .values(latest_heartbeat=bindparam("v_at", type_=UtcTime()), state=RUNNING, end_date=None)
)
_FINISH = Prepared(
    update(JOB)
    .where(_J.id == bindparam("k_id"))
    .values(state=bindparam("v_state"), end_date=bindparam("v_at", type_=UtcTime()))
)
_ALIVE = Prepared(
    _ROWS.where(
        _J.job_type == bindparam("job_type"),
        _J.state == literals([RUNNING])[0],
        _J.latest_heartbeat >= bindparam("since", type_=UtcTime()),
    ).order_by(_J.latest_heartbeat.desc()),
    Job,
)
_LATEST = Prepared(
    _ROWS.where(_J.job_type == bindparam("job_type")).order_by(_J.latest_heartbeat.desc(), _J.id.desc()).limit(1), Job
)
_DEAD = Prepared(
    _ROWS.where(
        _J.state == literals([RUNNING])[0], _J.latest_heartbeat < bindparam("before", type_=UtcTime())
    ).order_by(_J.id),
    Job,
)


class JobStore:
    """Rows of table job. ``job_type`` is Airflow's: SchedulerJob, LocalTaskJob, TriggererJob, DagProcessorJob …"""

    def __init__(self, work: Work) -> None:
        self._work = work

    def create(
        self, job_type: str, *, hostname: str = "", unixname: str = "", executor_class: str | None = None
    ) -> int:
        """A role begins: its job's id."""
        job_id: int = self._work.scalar(
            _CREATE,
            state=RUNNING,
            job_type=job_type,
            start_date=self._work.now,
            latest_heartbeat=self._work.now,
            executor_class=executor_class,
            hostname=hostname,
            unixname=unixname,
        )
        return job_id

    def get(self, job_id: int) -> Job | None:
        """One job."""
        return self._work.one(_GET, id=job_id)

    def beat(self, job_id: int, at: datetime) -> bool:
        """The job lives; False when it is not there or was ended (by whoever thought it dead)."""
        return bool(self._work.run(_BEAT, k_id=job_id, v_at=at))

    def revive(self, job_id: int, at: datetime) -> bool:
        """A job that may have been thought dead is back; False when its row is gone."""
        return bool(self._work.run(_REVIVE, k_id=job_id, v_at=at))

    def finish(self, job_id: int, state: str = "success", at: datetime | None = None) -> bool:
        """The job has ended: success, failed."""
        return bool(self._work.run(_FINISH, k_id=job_id, v_state=state, v_at=at or self._work.now))

    def alive(self, job_type: str, since: datetime) -> list[Job]:
        """Running jobs of a type that were heard of since a moment, latest first."""
        return self._work.all(_ALIVE, job_type=job_type, since=since)

    def latest(self, job_type: str) -> Job | None:
        """The job of a type that was heard of last."""
        return self._work.one(_LATEST, job_type=job_type)

    def dead(self, before: datetime, job_type: str | None = None) -> list[Job]:
        """Jobs that should run and were not heard of since ``before``."""
        return [job for job in self._work.all(_DEAD, before=before) if job_type in (None, job.job_type)]
