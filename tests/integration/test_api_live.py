"""GET /events with topics: what the user interface listens to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from support.api_server import ApiServer, a_dag, api_in_process, run
from support.event_reader import post, reading

from tradewind.api import live_stream
from tradewind.observability.task_logs import log_path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ApiServer]:
    with api_in_process(tmp_path) as made:
        yield made


def test_a_topic_brings_short_events_about_it(server: ApiServer) -> None:
    server.register(a_dag("other"))

    async def story() -> None:
        async with reading(server, "topics=dag:etl,assets&coalesce=1") as reader:
            await post(server, "/dags/other/dagRuns", {"dag_run_id": "unwanted"})
            await post(server, "/dags/etl/dagRuns", {"dag_run_id": "wanted"})
            fields = await reader.frame()
            assert fields["event"] == "run"
            assert fields["id"].isdecimal()
            assert '"d":"etl","r":"wanted","s":"queued"' in fields["data"]

    run(story())


def test_who_comes_back_late_is_told_to_ask_again(server: ApiServer) -> None:
    async def story() -> None:
        for number in range(3):
            await post(server, "/dags/etl/dagRuns", {"dag_run_id": f"r{number}"})
        with server.database.begin() as tx:
            newest = tx.outbox.last_id()
            tx.outbox.trim(newest)
        async with reading(server, "topics=dags", last_id=1) as reader:
            fields = await reader.frame()
            assert (fields["event"], fields["id"]) == ("reset", str(newest))
            await post(server, "/dags/etl/dagRuns", {"dag_run_id": "next"})
            ((kind, body),) = await reader.live(1)
            assert (kind, body["r"]) == ("run", "next")

    run(story())


def test_who_comes_back_in_time_misses_nothing(server: ApiServer) -> None:
    async def story() -> None:
        with server.database.read() as tx:
            before = tx.outbox.last_id()
        await post(server, "/dags/etl/dagRuns", {"dag_run_id": "missed"})
        async with reading(server, "topics=dags", last_id=before) as reader:
            ((kind, body),) = await reader.live(1)
            assert (kind, body["r"]) == ("run", "missed")

    run(story())


def test_nobody_hears_of_what_they_may_not_read(server: ApiServer) -> None:
    with server.database.begin() as tx:
        tx.users.create_role("Etl", [("can_read", "DAG:etl"), ("can_read", "DAG Runs")])
        somebody = tx.users.get("nobody")
        assert somebody is not None
        tx.users.set_roles(somebody.id, ["Etl"])
    server.register(a_dag("secret"))
    log = server.services.options.log_folder / log_path("etl", "seen", "extract", -1, 1)
    log.parent.mkdir(parents=True)

    async def story() -> None:
        topics = "topics=dags,dag:secret,run:secret/hidden,pools,log:etl/seen/extract/-1/1@0"
        async with reading(server, topics, user="nobody") as reader:
            log.write_text("not for those who may not read logs\n")
            await post(server, "/dags/secret/dagRuns", {"dag_run_id": "hidden"})
            await post(server, "/pools", {"name": "p", "slots": 1})
            await post(server, "/dags/etl/dagRuns", {"dag_run_id": "seen"})
            ((kind, body),) = await reader.live(1)
            assert (kind, body["d"], body["r"]) == ("run", "etl", "seen")

    run(story())


def test_a_log_is_followed_from_where_the_reader_has_it(server: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_stream, "LOG_INTERVAL", 0.01)
    file = server.services.options.log_folder / log_path("etl", "r", "extract", -1, 1)
    file.parent.mkdir(parents=True)
    file.write_text("first\nsecond\n")

    async def story() -> None:
        async with reading(server, "topics=log:etl/r/extract/-1/1@6&coalesce=1") as reader:
            ((kind, body),) = await reader.live(1)
            assert (kind, body["o"], body["z"], body["x"]) == ("log", 6, 13, "second\n")
            with file.open("a") as opened:
                opened.write("third\n")
            fields = await reader.frame()
            assert '"o":13,"z":19,"x":"third\\n"' in fields["data"]
            assert "id" not in fields

    run(story())


def test_many_readers_cost_one_look_into_the_database(server: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    tail = server.services.hub.tail
    original = tail._page

    def counted(last_id: int) -> object:
        looks.append(last_id)
        return original(last_id)

    monkeypatch.setattr(tail, "_page", counted)

    async def story() -> None:
        async with AsyncExitStack() as stack:
            readers = [await stack.enter_async_context(reading(server, "topics=dags")) for _ in range(8)]
            await post(server, "/dags/etl/dagRuns", {"dag_run_id": "one"})
            await asyncio.gather(*(reader.live(1) for reader in readers))
            before = len(looks)
            await post(server, "/dags/etl/dagRuns", {"dag_run_id": "two"})
            await asyncio.gather(*(reader.live(1) for reader in readers))
            # A commit may ring more than once.
            assert len(looks) - before < len(readers)

    run(story())


def test_one_reader_too_many_is_sent_away(server: ApiServer) -> None:
    server.services.hub.most = 1

    async def story() -> None:
        async with reading(server, "topics=dags") as reader:
            assert reader.status == 200
            answer = await asyncio.to_thread(server.get, "/events?topics=dags")
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")

    run(story())


def test_what_is_no_topic_is_refused(server: ApiServer) -> None:
    answer = server.get("/events?topics=nonsense")
    assert answer.status_code == 400
    assert "dag:ID" in answer.json()["detail"]
    head = server.request("HEAD", "/events?topics=dags&coalesce=1").headers
    assert (head["x-accel-buffering"], head["cache-control"]) == ("no", "no-store, no-transform")
