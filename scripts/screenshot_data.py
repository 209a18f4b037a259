"""What the pictures show: DAGs that have really run (the examples, and screenshot_dags), and a company's weeks besides.

The runs of the first are carried out by a scheduler and workers, as in production, and left in the middle of things;
what would take weeks to come about (the history of a dozen DAGs) is written as the browser tests write it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradewind.testing.client import ApiClient
from tradewind.testing.server import EphemeralServer, cheap_hash, ephemeral

if TYPE_CHECKING:
    from support.web_stage import Stage

ROOT = Path(__file__).resolve().parent.parent
OWN = ROOT / "scripts/screenshot_dags"
EXAMPLES = ROOT / "src/tradewind/examples"
NIGHT = "freight_forecast_with_a_rather_long_name"
LEDGER = "ledger_close"
HORIZON = timedelta(days=180)
_TRIGGERED = ("borrowed_cluster", "flaky_upload", "harbour_watch", "order_form", "release_train", "thumbnails")


@contextmanager
def pictured_stage() -> Iterator[Stage]:
    """A server and a browser over data that have come about, and that were made."""
    from support.browser import chromium
    from support.ui_data import house
    from support.web_stage import Stage

    with tempfile.TemporaryDirectory(prefix="tradewind-pictures-") as folder:
        config = _config(Path(folder))
        _carry_out(config)
        with ephemeral(tasks="none", config=config) as server:
            _people(server)
            logs, now = Path(folder) / "logs", datetime.now(UTC)
            made = house(server.database, logs, now, first_run=100_000, history=HORIZON)
            _belongings(server.api)
            with chromium() as browser:
                yield Stage(server, browser, made)


def _config(folder: Path) -> dict[tuple[str, str], Any]:
    return {
        ("database", "sql_alchemy_conn"): f"sqlite:///{folder}/tradewind.db",
        ("logging", "base_log_folder"): str(folder / "logs"),
        ("webserver", "expose_config"): "non-sensitive-only",
        ("core", "test_connection"): "Enabled",
    }


def _carry_out(config: Mapping[tuple[str, str], Any]) -> None:
    """Real runs: until those that can end have ended."""
    files = [str(path) for folder in (EXAMPLES, OWN) for path in sorted(folder.glob("*.py")) if "__" not in path.name]
    with ephemeral(files, tasks="worker", config=config) as server:
        for dag_id in (*_TRIGGERED, NIGHT, LEDGER):
            server.wait_for_dag(dag_id)
        api = server.api
        api.post("/pools", {"name": "no_slots", "slots": 0, "description": "Closed for the night"}).raise_for_status()
        often = ("thumbnails", "flaky_upload")
        runs = [
            (dag_id, _trigger(api, dag_id, turn))
            for dag_id in _TRIGGERED
            for turn in (("morning", "noon", "evening") if dag_id in often else ("noon",))
        ]
        _trigger(api, NIGHT, "tonight", {"port": "Hamburg", "horizon_hours": 48})
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        span = {
            "from_date": (today - timedelta(days=16)).isoformat(),
            "to_date": (today - timedelta(days=1)).isoformat(),
        }
        api.post("/backfills", {"dag_id": LEDGER, **span, "max_active_runs": 3}).raise_for_status()
        for dag_id, run_id in runs:
            server.wait_for_run(dag_id, run_id, patience=240)


def _trigger(api: ApiClient, dag_id: str, turn: str, conf: Mapping[str, Any] | None = None) -> str:
    run_id = f"manual__{turn}"
    body = {
        "dag_run_id": run_id,
        "conf": conf or {},
        "note": "Asked for by the terminal." if turn == "tonight" else None,
    }
    api.post(f"/dags/{dag_id}/dagRuns", body).raise_for_status()
    return run_id


def _people(server: EphemeralServer) -> None:
    """Users of several roles, one of them no longer active."""
    people = (
        ("viewer", "Vera", "Ito", "Viewer", True),
        ("op", "Omar", "Petersen", "Op", True),
        ("b.castellanos", "Beatriz", "Castellanos-Nordström", "User", True),
        ("former", "Fen", "Wick", "Viewer", False),
    )
    with server.database.begin() as tx:
        tx.users.create_role("Port office", [("can_read", "DAGs"), ("can_read", "DAG Runs"), ("can_read", "Website")])
        for name, first, last, role, active in people:
            made: dict[str, Any] = {"username": name, "first_name": first, "last_name": last, "active": active}
            tx.users.create(email=f"{name}@example.com", password=cheap_hash(name), roles=[role], **made)


def _belongings(api: ApiClient) -> None:
    """What only people make: tokens, events with details, a backfill that waits, long values."""
    for name, days in (("nightly CI of the forecast repository", 30), ("notebook", 365)):
        expires = (datetime.now(UTC) + timedelta(days=days)).isoformat()
        api.post("/tokens", {"name": name, "scopes": None, "expires_at": expires}).raise_for_status()
    value = json.dumps(
        {"ports": ["Antwerpen", "Hamburg", "Rotterdam"], "retries": 3, "quiet_hours": {"from": 22, "to": 6}}
    )
    api.post("/variables", {"key": "forecast_settings", "value": value, "description": "Read by the freight forecast"})
    today = datetime.now(UTC).date()
    api.post(
        "/backfills",
        {
            "dag_id": "finance_daily_close",
            "from_date": f"{today - timedelta(days=210)}T00:00:00+00:00",
            "to_date": f"{today - timedelta(days=190)}T00:00:00+00:00",
            "reprocess_behavior": "failed",
            "max_active_runs": 2,
        },
    ).raise_for_status()
