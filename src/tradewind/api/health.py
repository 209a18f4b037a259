"""Who is alive: the database by asking it, the roles by their last heartbeats."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from .bodies import iso

if TYPE_CHECKING:
    from .services import Services

HEALTHY, UNHEALTHY = "healthy", "unhealthy"
KEPT_SECONDS = 0.2
"""An answer serves this long, so that no number of health checks is a load for the database."""

_log = structlog.get_logger(__name__)


def health_body(services: Services) -> dict[str, Any]:
    """The body of /health. Never raises: a database that cannot be asked is unhealthy."""
    now = services.clock.monotonic()
    kept = services.health
    if kept is not None and now - kept[0] < KEPT_SECONDS:
        return kept[1]
    body = _ask(services)
    services.health = (now, body)
    return body


def _ask(services: Services) -> dict[str, Any]:
    options = services.options
    beats: dict[str, datetime | None] = {}
    is_up = True
    try:
        with services.database.read() as tx:
            for job_type in ("SchedulerJob", "TriggererJob", "DagProcessorJob"):
                job = tx.jobs.latest(job_type)
                beats[job_type] = None if job is None else job.latest_heartbeat
    except (SQLAlchemyError, OSError) as error:
        _log.warning("health.database_unreachable", error=repr(error))
        is_up = False
    now = services.clock.now()
    has_processor = options.has_standalone_dag_processor
    return {
        "metadatabase": {"status": HEALTHY if is_up else UNHEALTHY},
        "scheduler": _role(beats.get("SchedulerJob"), now, options.scheduler_threshold, "scheduler", UNHEALTHY),
        "triggerer": _role(beats.get("TriggererJob"), now, options.triggerer_threshold, "triggerer", None),
        "dag_processor": _role(
            beats.get("DagProcessorJob") if has_processor else None,
            now,
            options.scheduler_threshold,
            "dag_processor",
            UNHEALTHY if has_processor else None,
        ),
    }


def _role(beat: datetime | None, now: datetime, threshold: float, name: str, absent: str | None) -> dict[str, Any]:
    status = absent
    if beat is not None:
        status = HEALTHY if now - beat <= timedelta(seconds=threshold) else UNHEALTHY
    return {"status": status, f"latest_{name}_heartbeat": iso(beat)}
