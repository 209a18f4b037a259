"""Idempotency-Key: the same request again gets the same answer and does nothing."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from support.api_server import ApiServer, api_server

RUNS = "/dags/etl/dagRuns"
KEY = {"idempotency-key": "abc"}


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with api_server() as made:
        yield made


def test_the_same_post_again_makes_one_run_and_gets_the_same_answer(server: ApiServer) -> None:
    first = server.post(RUNS, {"conf": {"n": 1}}, headers=KEY)
    again = server.post(RUNS, {"conf": {"n": 1}}, headers=KEY)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert server.get(RUNS).json()["total_entries"] == 1


def test_the_same_key_for_another_request_is_refused(server: ApiServer) -> None:
    assert server.post(RUNS, {"conf": {"n": 1}}, headers=KEY).status_code == 200
    assert server.post(RUNS, {"conf": {"n": 2}}, headers=KEY).status_code == 422
    assert server.post("/pools", {"name": "p", "slots": 1}, headers=KEY).status_code == 422
    assert server.get(RUNS).json()["total_entries"] == 1


def test_a_key_is_one_users_own(server: ApiServer) -> None:
    assert server.post(RUNS, {}, headers=KEY).status_code == 200
    assert server.post(RUNS, {}, headers=KEY, user=("op", "op")).status_code == 200
    assert server.get(RUNS).json()["total_entries"] == 2
    assert server.post(RUNS, {}, headers=KEY, user=("viewer", "viewer")).status_code == 403


def test_a_delete_again_is_not_a_404(server: ApiServer) -> None:
    server.post("/pools", {"name": "p", "slots": 1})
    assert [server.delete("/pools/p", headers=KEY).status_code for _ in range(2)] == [204, 204]
    assert server.delete("/pools/p").status_code == 404


def test_a_patch_again_undoes_no_later_change(server: ApiServer) -> None:
    assert server.patch("/dags/etl", {"is_paused": True}, headers=KEY).status_code == 200
    assert server.patch("/dags/etl", {"is_paused": False}).status_code == 200
    assert server.patch("/dags/etl", {"is_paused": True}, headers=KEY).json()["is_paused"] is True
    assert server.get("/dags/etl").json()["is_paused"] is False


def test_a_refusal_is_repeated_too(server: ApiServer) -> None:
    body = {"name": "p", "slots": 1}
    server.post("/pools", body)
    assert server.post("/pools", body, headers=KEY).status_code == 409
    server.delete("/pools/p")
    assert server.post("/pools", body, headers=KEY).status_code == 409
    assert server.post("/pools", body, headers={"idempotency-key": "new"}).status_code == 200


def test_after_24_hours_a_key_is_new(server: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.post(RUNS, {}, headers=KEY)
    later = server.database.clock.now() + timedelta(hours=24, seconds=1)
    monkeypatch.setattr(type(server.database.clock), "now", lambda _: later)
    assert "idempotency-replayed" not in server.post(RUNS, {}, headers=KEY).headers
    assert server.get(RUNS).json()["total_entries"] == 2


def test_requests_at_the_same_moment_do_it_once(server: ApiServer) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: server.post(RUNS, {"note": "x"}, headers=KEY), range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert server.get(RUNS).json()["total_entries"] == 1


def test_secrets_in_answers_are_not_stored_in_the_clear(server: ApiServer) -> None:
    made = server.post("/tokens", {"name": "robot"}, headers=KEY).json()
    assert server.post("/tokens", {"name": "robot"}, headers=KEY).json() == made
    assert server.database.path is not None
    server.database.close()
    held = b"".join(path.read_bytes() for path in server.database.path.parent.glob("api.db*"))
    assert made["token"].encode() not in held


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_that_cannot_be_one_is_refused(server: ApiServer, key: str) -> None:
    assert server.post(RUNS, {}, headers={"idempotency-key": key}).status_code == 400


def test_reading_ignores_the_key(server: ApiServer) -> None:
    assert server.get("/dags", headers=KEY).status_code == 200
    assert server.get("/pools", headers=KEY).status_code == 200
