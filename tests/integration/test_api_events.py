"""GET /events: what happens, as it happens, for those who may see it."""

from __future__ import annotations

import asyncio

import pytest
from support.api_server import ApiServer, a_dag, run
from support.event_reader import PATIENCE, post, reading


@pytest.fixture
def server(server_on_each: ApiServer) -> ApiServer:
    return server_on_each


def test_a_reader_hears_what_happens_after_it_came(server: ApiServer) -> None:
    async def story() -> None:
        await post(server, "/dags/etl/dagRuns", {"dag_run_id": "before"})
        async with reading(server) as reader:
            await post(server, "/dags/etl/dagRuns", {"dag_run_id": "after"})
            (event,) = await reader.events(1)
            assert (event["kind"], event["dag_id"], event["run_id"]) == ("run.created", "etl", "after")

    run(story())


def test_a_reader_that_comes_back_misses_nothing(server: ApiServer) -> None:
    async def story() -> None:
        async with reading(server, "kind=run") as reader:
            await post(server, "/dags/etl/dagRuns", {"dag_run_id": "one"})
            (first,) = await reader.events(1)
        await post(server, "/dags/etl/dagRuns", {"dag_run_id": "two"})
        async with reading(server, "kind=run.created", last_id=first["id"]) as reader:
            await post(server, "/dags/etl/dagRuns", {"dag_run_id": "three"})
            assert [event["run_id"] for event in await reader.events(2)] == ["two", "three"]

    run(story())


def test_filters_by_dag_run_and_kind(server: ApiServer) -> None:
    async def story() -> None:
        async with reading(server, "dag_id=etl,other&run_id=two&kind=run.created") as reader:
            await post(server, "/pools", {"name": "p", "slots": 1})
            await post(server, "/dags/etl/dagRuns", {"dag_run_id": "one"})
            await post(server, "/dags/etl/dagRuns", {"dag_run_id": "two"})
            assert [event["run_id"] for event in await reader.events(1)] == ["two"]

    run(story())


def test_nobody_hears_of_what_they_may_not_read(server: ApiServer) -> None:
    with server.database.begin() as tx:
        tx.users.create_role("Etl", [("can_read", "DAG:etl"), ("can_read", "DAG Runs")])
        somebody = tx.users.get("nobody")
        assert somebody is not None
        tx.users.set_roles(somebody.id, ["Etl"])
    server.register(a_dag("secret"))

    async def story() -> None:
        async with reading(server, user="nobody") as reader:
            await post(server, "/dags/secret/dagRuns", {"dag_run_id": "hidden"})
            await post(server, "/pools", {"name": "p", "slots": 1})
            await post(server, "/dags/etl/dagRuns", {"dag_run_id": "seen"})
            (event,) = await reader.events(1)
            assert (event["dag_id"], event["run_id"]) == ("etl", "seen")

    run(story())


def test_streams_end_when_the_server_stops(server: ApiServer) -> None:
    async def story() -> None:
        async with reading(server) as reader:
            server.services.hub.close()
            assert await asyncio.wait_for(reader.sent.get(), PATIENCE) == b""

    run(story())


def test_who_may_not_read_dags_gets_no_stream(server: ApiServer) -> None:
    assert server.get("/events", user=("nobody", "nobody")).status_code == 403
    assert server.get("/events", user=None).status_code == 401
    assert server.get("/events", headers={"last-event-id": "x"}).status_code == 400
    assert server.request("HEAD", "/events").headers["content-type"] == "text/event-stream"
