"""The tree of standalone: what is killed is started again, what outlives its parent is adopted, nothing is left."""

from __future__ import annotations

import signal

from acceptance.live_server import LiveServer
from acceptance.test_main_job import hello_run


def test_a_killed_parent_leaves_the_port_free_and_its_worker_to_the_next(own_server: LiveServer) -> None:
    assert own_server.process is not None
    worker = own_server.role("worker").pid
    own_server.process.kill()
    own_server.process.wait()
    own_server.wait_until(lambda: len(own_server.processes()) == 2, "all but worker and template have followed it")

    own_server.start()
    assert own_server.wait_for_run("hello", hello_run(own_server)) == "success"
    assert own_server.role("worker").pid == worker


def test_a_killed_api_is_started_again_and_no_request_is_refused(own_server: LiveServer) -> None:
    hello_run(own_server)
    own_server.role("api").kill()
    assert own_server.get("/dags/hello")["dag_id"] == "hello"


def test_ctrl_c_ends_everything(own_server: LiveServer) -> None:
    assert own_server.process is not None
    assert own_server.wait_for_run("hello", hello_run(own_server)) == "success"
    own_server.process.send_signal(signal.SIGINT)
    assert own_server.process.wait(30) == 0
    own_server.wait_until(lambda: not own_server.processes(), "no process is left")


def test_the_second_start_shows_the_same_password(own_server: LiveServer) -> None:
    first = own_server.password
    own_server.stop()
    own_server.start()
    assert own_server.password == first
    assert own_server.output.count(first) == 2
    assert own_server.get("/dags")["total_entries"] == 0


def test_a_port_that_is_taken_is_said_at_once(own_server: LiveServer) -> None:
    other = LiveServer(home=own_server.home.parent / "other", port=own_server.port)
    try:
        other.start()
    except AssertionError as problem:
        assert f"cannot listen on 127.0.0.1:{own_server.port}" in str(problem)
    else:
        raise AssertionError("two servers listen on one port")
    finally:
        other.stop()
