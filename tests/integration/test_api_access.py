"""Who are you: tokens, sessions, back ends of one's own, and pauses after wrong passwords, over HTTP."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import wraps
from types import ModuleType
from typing import Any

import httpx
import pytest
from support.api_server import ApiServer, api_server

from tradewind.auth.access_tokens import digest_of
from tradewind.auth.throttle import FREE_FAILURES


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with api_server() as made:
        yield made


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def a_token(server: ApiServer, user: str = "admin", **body: Any) -> dict[str, Any]:
    answer = server.post("/tokens", {"name": "robot", **body}, user=(user, user))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_token_is_shown_once_and_used_until_it_is_revoked(server: ApiServer) -> None:
    made = a_token(server)
    headers = bearer(made["token"])
    assert server.get("/dags", user=None, headers=headers).status_code == 200
    listed = server.get("/tokens").json()
    assert listed["total_entries"] == 1
    assert "token" not in listed["tokens"][0]
    assert listed["tokens"][0]["last_used_at"] is not None
    assert server.delete(f"/tokens/{made['id']}").status_code == 204
    assert server.get("/dags", user=None, headers=headers).status_code == 401


def test_the_database_holds_no_token(server: ApiServer) -> None:
    secret = a_token(server)["token"]
    assert server.database.path is not None
    server.database.close()
    held = b"".join(path.read_bytes() for path in server.database.path.parent.glob("api.db*"))
    assert secret.encode() not in held


def test_a_token_may_no_more_than_its_scopes_and_its_user(server: ApiServer) -> None:
    reader = bearer(a_token(server, scopes=["read"])["token"])
    assert server.get("/pools", user=None, headers=reader).status_code == 200
    assert server.post("/pools", {"name": "p", "slots": 1}, user=None, headers=reader).status_code == 403
    viewer = bearer(a_token(server, "viewer", scopes=["write"])["token"])
    assert server.get("/dags", user=None, headers=viewer).status_code == 200
    assert server.post("/pools", {"name": "p", "slots": 1}, user=None, headers=viewer).status_code == 403


def test_a_scope_on_one_dag_hides_the_others(server: ApiServer) -> None:
    token = bearer(a_token(server, scopes=["can_read:DAG:etl", "can_read:DAG Runs"])["token"])
    assert server.get("/dags/etl/dagRuns", user=None, headers=token).status_code == 200
    assert server.get("/dags/other/dagRuns", user=None, headers=token).status_code == 403


def test_a_token_expires(server: ApiServer) -> None:
    made = a_token(server, expires_in=3600)
    later = server.database.clock.now() + timedelta(seconds=3601)
    with server.database.read() as tx:
        tx.now = later
        assert server.services.authenticator.authenticate(tx, bearer(made["token"])) is None
        tx.now = later - timedelta(seconds=10)
        assert server.services.authenticator.authenticate(tx, bearer(made["token"])) is not None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "robot", "scopes": ["can_fly:DAGs"]}, 400),
        ({"name": "robot", "expires_at": "2001-01-01T00:00:00Z"}, 400),
        ({"name": " "}, 400),
        ({"name": "robot", "expires_in": 0}, 400),
        ({"name": "robot", "color": "red"}, 400),
        ({}, 400),
    ],
)
def test_a_token_that_makes_no_sense_is_refused(server: ApiServer, body: dict[str, Any], status: int) -> None:
    assert server.post("/tokens", body).status_code == status


def test_names_of_tokens_are_taken_once(server: ApiServer) -> None:
    a_token(server)
    assert server.post("/tokens", {"name": "robot"}).status_code == 409


def test_a_token_cannot_make_tokens_nor_a_user_revoke_anothers(server: ApiServer) -> None:
    made = a_token(server)
    assert server.post("/tokens", {"name": "b"}, user=None, headers=bearer(made["token"])).status_code == 403
    assert server.delete(f"/tokens/{made['id']}", user=("viewer", "viewer")).status_code == 404


def test_tokens_work_with_sessions_only_but_not_with_deny_all() -> None:
    with api_server() as server:
        secret = a_token(server)["token"]
    for name, status in (("session", 200), ("airflow.api.auth.backend.deny_all", 401)):
        with api_server(api__auth_backends=name) as server:
            with server.database.begin() as tx:
                admin = tx.users.get("admin")
                assert admin is not None
                tx.users.add_token(admin.id, "robot", digest_of(secret))
            assert server.get("/dags", user=None, headers=bearer(secret)).status_code == status


def log_in(server: ApiServer, user: str = "op", password: str | None = None) -> httpx.Response:
    body = {"username": user, "password": user if password is None else password}
    return server.post("/session", body, user=None)


def cookie_of(answer: httpx.Response) -> dict[str, str]:
    return {"cookie": answer.headers["set-cookie"].partition(";")[0]}


def test_a_session_lasts_from_log_in_to_log_out(server: ApiServer) -> None:
    answer = log_in(server)
    assert answer.status_code == 200
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=Lax" in answer.headers["set-cookie"]
    cookie, token = cookie_of(answer), answer.json()["csrf_token"]
    who = server.get("/session", user=None, headers=cookie).json()
    assert (who["username"], who["means"], who["csrf_token"]) == ("op", "session", token)
    assert server.delete("/session", user=None, headers={**cookie, "x-csrftoken": token}).status_code == 204
    assert server.get("/session", user=None, headers=cookie).status_code == 401


def test_a_request_that_changes_something_needs_the_csrf_token(server: ApiServer) -> None:
    answer = log_in(server)
    cookie, body = cookie_of(answer), {"name": "p", "slots": 1}
    for headers in (
        cookie,
        {**cookie, "x-csrftoken": "wrong"},
        {**cookie, "x-csrftoken": ""},
    ):
        assert server.post("/pools", body, user=None, headers=headers).status_code == 403
    good = {**cookie, "x-csrftoken": answer.json()["csrf_token"]}
    assert server.post("/pools", body, user=None, headers=good).status_code == 200


def test_a_forged_or_altered_cookie_is_nobodys(server: ApiServer) -> None:
    name, _, value = cookie_of(log_in(server))["cookie"].partition("=")
    for altered in ("x" + value, value[:-2] + "AA", value.partition(".")[0], "", "a.b.c"):
        assert server.get("/dags", user=None, headers={"cookie": f"{name}={altered}"}).status_code == 401


def test_another_password_ends_a_session(server: ApiServer) -> None:
    cookie = cookie_of(log_in(server))
    with server.database.begin() as tx:
        user = tx.users.get("op")
        assert user is not None
        tx.users.update(replace(user, password="another"))
    assert server.get("/dags", user=None, headers=cookie).status_code == 401


def test_a_wrong_password_opens_no_session(server: ApiServer) -> None:
    assert log_in(server, password="wrong").status_code == 401
    assert log_in(server, "nobody-at-all").status_code == 401


def test_guessing_is_slowed_down(server: ApiServer) -> None:
    for _ in range(FREE_FAILURES):
        assert server.get("/dags", user=("op", "wrong")).status_code == 401
    refused = server.get("/dags", user=("op", "op"))
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    assert server.get("/dags", user=("viewer", "viewer")).status_code == 200


@pytest.fixture
def own_module() -> Iterator[str]:
    """A back end of somebody's own: vouches for whoever names a user in a header."""
    module = ModuleType("our_company_sso")

    def init_app(app: Any) -> None:
        app.config["header"] = "x-sso-user"
        module.app = app  # type: ignore[attr-defined]

    def requires_authentication(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def decorated(*args: Any, **kwargs: Any) -> Any:
            app = module.app  # type: ignore[attr-defined]
            name = app.request.headers.get(app.config["header"])
            if name is None:
                return function("Unauthorized", 401)
            if name != "guest":
                app.login(name)
            return function(*args, **kwargs)

        return decorated

    module.init_app = init_app  # type: ignore[attr-defined]
    module.requires_authentication = requires_authentication  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    yield module.__name__
    del sys.modules[module.__name__]


def test_a_back_end_of_ones_own_says_who_it_is(own_module: str) -> None:
    with api_server(api__auth_backends=own_module) as server:
        assert server.get("/dags", user=None, headers={"x-sso-user": "viewer"}).status_code == 200
        assert server.get("/variables", user=None, headers={"x-sso-user": "viewer"}).status_code == 403
        assert server.get("/variables", user=None, headers={"x-sso-user": "op"}).status_code == 200
        assert server.get("/dags", user=None, headers={"x-sso-user": "guest"}).status_code == 403
        assert server.get("/dags", user=None, headers={"x-sso-user": "unknown"}).status_code == 401
        assert server.get("/dags", user=("admin", "admin")).status_code == 401
