"""The user interface's page and session: what is served where, with which headers, and who is signed in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.api_server import ApiServer, a_dag, api_server

from tradewind.api.app import create_app
from tradewind.api.services import ApiOptions
from tradewind.config.settings import load_settings
from tradewind.model.errors import ConfigError
from tradewind.web.static import Site

NASTY = "</script><script>alert(1)</script>"


def a_build(folder: Path) -> Site:
    (folder / "static").mkdir(parents=True)
    (folder / "index.html").write_text('<!doctype html><html><head></head><body><div id="root"></div></body></html>')
    (folder / "embed.html").write_text("<!doctype html><html><head></head><body>embedded</body></html>")
    (folder / "static/main-1.js").write_text("1")
    return Site(folder)


def serving(folder: Path, **options: Any) -> Iterator[ApiServer]:
    with api_server(**options) as made:
        made.app = create_app(made.services, a_build(folder / "dist"))
        yield made


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ApiServer]:
    yield from serving(tmp_path)


def ask(server: ApiServer, method: str, path: str, **more: Any) -> httpx.Response:
    return server.here(method, path, **more)


def boot_of(page: httpx.Response) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="boot">(.*?)</script>', page.text, re.DOTALL)
    assert found is not None
    boot: dict[str, Any] = json.loads(found[1])
    return boot


def signed_in(server: ApiServer, name: str = "viewer") -> tuple[dict[str, str], dict[str, Any]]:
    answer = ask(server, "POST", "/ui/v1/session", json={"username": name, "password": name})
    assert answer.status_code == 200
    return {"cookie": answer.headers["set-cookie"].split(";")[0]}, answer.json()


@pytest.mark.parametrize("path", ["/", "/home", "/dags", "/dags/a%2Fb/runs/x", "/assets/1", "/login", "/apix"])
def test_every_address_of_the_interface_is_the_page(server: ApiServer, path: str) -> None:
    page = ask(server, "GET", path)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert boot_of(page)["user"] is None


@pytest.mark.parametrize(
    "path", ["/api/v2/x", "/static/gone.js", "/assets/gone-1.js", "/ui/v1/nothing", "/health/x", "/auth/x"]
)
def test_a_wrong_address_of_a_program_is_not_the_page(server: ApiServer, path: str) -> None:
    assert ask(server, "GET", path).status_code == 404


def test_the_page_runs_only_our_scripts_and_is_in_nobodys_frame(server: ApiServer) -> None:
    headers = ask(server, "GET", "/dags").headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["script-src"] == policy["style-src"] == policy["default-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert policy["base-uri"] == policy["form-action"] == "'self'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert "no-cache" in headers["cache-control"]


def test_named_origins_may_frame_the_page(tmp_path: Path) -> None:
    for server in serving(tmp_path, tradewind__embed_origins="https://wiki.example.com"):
        answer = ask(server, "GET", "/dags?embed=1")
        assert "frame-ancestors https://wiki.example.com;" in answer.headers["content-security-policy"]
        assert "x-frame-options" not in answer.headers
        assert "embedded" in answer.text
        assert boot_of(answer)["flags"]["embed"] is True
        whole = ask(server, "GET", "/dags").headers
        assert "frame-ancestors 'none';" in whole["content-security-policy"]
        assert whole["x-frame-options"] == "DENY"


@pytest.mark.parametrize("origins", ["'self'; script-src *", "*", "javascript:x", "https://a/b"])
def test_origins_that_would_change_the_policy_are_refused(tmp_path: Path, origins: str) -> None:
    settings = load_settings(environ={"AIRFLOW_HOME": str(tmp_path)}).replace({("tradewind", "embed_origins"): origins})
    with pytest.raises(ConfigError, match="embed_origins"):
        ApiOptions.from_settings(settings)


def test_a_session_for_frames_is_sent_in_frames_only_by_https(tmp_path: Path) -> None:
    settings = load_settings(environ={"AIRFLOW_HOME": str(tmp_path)})
    origins = {("tradewind", "embed_origins"): "https://wiki.example.com"}
    assert ApiOptions.from_settings(settings.replace(origins)).session.same_site == "Lax"
    secure = {**origins, ("webserver", "base_url"): "https://flows.example.com"}
    session = ApiOptions.from_settings(settings.replace(secure)).session
    assert (session.same_site, session.is_secure, session.is_partitioned) == ("None", True, True)


def test_the_page_below_a_prefix_knows_it(tmp_path: Path) -> None:
    for server in serving(tmp_path, webserver__base_url="http://localhost:8080/air"):
        page = ask(server, "GET", "/air/dags")
        assert '<base href="/air/">' in page.text
        assert boot_of(page)["base"] == "/air/"
        assert ask(server, "GET", "/air/static/main-1.js").headers["cache-control"].endswith("immutable")


def test_boot_tells_who_is_there_and_what_they_may(server: ApiServer) -> None:
    cookie, boot = signed_in(server)
    seen = boot_of(ask(server, "GET", "/dags", headers=cookie))
    assert seen["user"]["username"] == "viewer"
    assert seen["user"]["roles"] == ["Viewer"]
    assert ["can_read", "DAGs"] in seen["permissions"]
    assert ["can_edit", "DAGs"] not in seen["permissions"]
    assert {key: value for key, value in seen.items() if key != "now"} == {
        key: value for key, value in boot.items() if key != "now"
    }
    assert ask(server, "GET", "/ui/v1/boot", headers=cookie).json()["csrf"] == boot["csrf"]


def test_a_name_with_a_script_in_it_stays_a_name(server: ApiServer) -> None:
    with server.database.begin() as tx:
        user = tx.users.get("viewer")
        assert user is not None
        tx.users.update(replace(user, first_name=NASTY))
    cookie, _ = signed_in(server)
    page = ask(server, "GET", "/", headers=cookie)
    assert NASTY not in page.text
    assert boot_of(page)["user"]["first_name"] == NASTY


def test_a_wrong_password_and_another_sites_page_are_refused(server: ApiServer) -> None:
    right = {"username": "op", "password": "op"}
    assert ask(server, "POST", "/ui/v1/session", json={**right, "password": "x"}).status_code == 401
    foreign = {"sec-fetch-site": "cross-site"}
    assert ask(server, "POST", "/ui/v1/session", json=right, headers=foreign).status_code == 403
    # What a form of a foreign page can send without asking first.
    form = {"content-type": "text/plain"}
    assert ask(server, "POST", "/ui/v1/session", content=json.dumps(right), headers=form).status_code == 415


def test_what_a_session_changes_needs_the_token(server: ApiServer) -> None:
    cookie, boot = signed_in(server, "op")
    pause = {"json": {"is_paused": True}}
    assert ask(server, "PATCH", "/api/v1/dags/etl", headers=cookie, **pause).status_code == 403
    assert ask(server, "PATCH", "/api/v1/dags/etl", headers={**cookie, "x-csrf-token": "x"}, **pause).status_code == 403
    token = {"x-csrf-token": boot["csrf"]}
    assert ask(server, "PATCH", "/api/v1/dags/etl", headers={**cookie, **token}, **pause).status_code == 200
    assert ask(server, "PATCH", "/api/v1/dags/etl", auth=("op", "op"), **pause).status_code == 200


def test_lists_are_compressed_for_browsers_only(server: ApiServer) -> None:
    server.register(a_dag("more"))
    cookie, _ = signed_in(server)
    packed = {"accept-encoding": "gzip"}
    page = ask(server, "GET", "/api/v1/dags", headers={**cookie, **packed})
    assert page.headers["content-encoding"] == "gzip"
    assert page.json()["total_entries"] == 2
    assert "content-encoding" not in ask(server, "GET", "/api/v1/dags", headers=packed, auth=("op", "op")).headers


def test_signing_out_needs_the_token_too_and_ends_the_session(server: ApiServer) -> None:
    cookie, boot = signed_in(server)
    assert ask(server, "DELETE", "/ui/v1/session", headers=cookie).status_code == 403
    answer = ask(server, "DELETE", "/ui/v1/session", headers={**cookie, "x-csrf-token": boot["csrf"]})
    assert answer.json()["user"] is None
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert ask(server, "GET", "/api/v1/dags", headers=cookie).status_code == 401
    assert ask(server, "DELETE", "/ui/v1/session", headers=cookie).status_code == 200
