"""The requests that the guide shows are requests that work."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

from support.api_server import a_dag, api_server

from tradewind.model.spec import TimetableSpec

GUIDE = Path(__file__).parents[2] / "docs/guides/backfills-and-bulk-actions.md"
DAILY = TimetableSpec(kind="cron_interval", args={"expression": "@daily", "timezone": "UTC"}, summary="@daily")


def test_every_request_of_the_guide_is_understood() -> None:
    shown = re.findall(r"```json\n(\w+) /api/v1(\S+)\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert len(shown) == 4
    with api_server() as server:
        server.register(replace(a_dag("sales"), timetable=DAILY))
        for method, path, body in shown:
            answer = server.request(method, path, json=json.loads(body))
            assert answer.status_code == 200, (path, answer.text)
        assert server.get("/backfills").json()["total_entries"] == 0
