"""Signing in at a real OpenID provider on this machine, from the first redirect to the session."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from support.api_server import ApiServer, api_server
from support.openid_provider import openid_provider

from tradewind.api.app import create_app
from tradewind.auth.admission import Admission
from tradewind.auth.login import Authenticator
from tradewind.auth.oauth import OidcOptions, Provider
from tradewind.auth.sessions import SessionOptions

HERE = "http://api.test"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with openid_provider() as address:
        yield address


@pytest.fixture
def server(issuer: str) -> Iterator[ApiServer]:
    options = OidcOptions(
        issuer=issuer,
        client_id="tradewind",
        client_secret="client-geheim",
        redirect_uri=HERE + "/auth/callback/oidc",
        key="key",
        accepts_bearer=True,
        bearer_audience="tradewind",
        admission=Admission(roles_mapping={"ops": ("Op",)}),
    )
    with api_server() as made:
        services = made.services
        provider = Provider(options, services.clock)
        services.authenticator = Authenticator(
            made.database, services.clock, ("basic_auth", "session"), SessionOptions(key="key"), provider=provider
        )
        made.app = create_app(services)
        yield made


class Browser:
    """Keeps cookies between requests."""

    def __init__(self, server: ApiServer) -> None:
        self._server = server
        self.cookies = httpx.Cookies()

    def get(self, url: str, **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._server.app)
            async with httpx.AsyncClient(transport=transport, base_url=HERE, cookies=self.cookies) as client:
                answer = await client.get(url, **more)
                self.cookies = client.cookies
                return answer

        return asyncio.run(ask())

    def consent(self, subject: str, target: str = "/home") -> str:
        """Goes to the provider and says who it is; the address of the way back."""
        away = self.get("/auth/login/oidc", params={"next": target})
        assert away.status_code == 302, away.text
        with httpx.Client() as client:
            back = client.post(away.headers["location"], data={"sub": subject})
        assert back.status_code == 302, back.text
        found: str = back.headers["location"]
        return found


def test_somebody_who_signs_in_gets_a_session_and_the_roles_of_the_groups(server: ApiServer) -> None:
    browser = Browser(server)
    back = browser.get(browser.consent("ann-1"))
    assert (back.status_code, back.headers["location"]) == (302, "/home"), back.text
    who = browser.get("/api/v1/session").json()
    assert (who["username"], who["roles"], who["means"]) == ("ann", [{"name": "Op"}], "session")
    assert browser.get("/api/v1/dags").status_code == 200
    with server.database.read() as tx:
        row = tx.users.get("ann")
    assert row is not None
    assert (row.email, row.password) == ("ann@example.com", None)


def test_the_way_there_carries_pkce_state_and_nonce_and_no_secret(server: ApiServer) -> None:
    away = Browser(server).get("/auth/login/oidc")
    query = parse_qs(urlsplit(away.headers["location"]).query)
    assert query["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= query.keys()
    assert "client-geheim" not in str(away.headers)
    assert "HttpOnly" in away.headers["set-cookie"]


def test_another_browsers_answer_is_refused(server: ApiServer) -> None:
    back = Browser(server).consent("ann-1")
    without = Browser(server)
    assert without.get(back).status_code == 403
    other = Browser(server)
    other.get("/auth/login/oidc")
    assert other.get(back).status_code == 403
    assert "tradewind_session" not in other.cookies


def test_a_code_is_good_once(server: ApiServer) -> None:
    browser = Browser(server)
    back = browser.consent("ann-1")
    kept = httpx.Cookies(browser.cookies)
    assert browser.get(back).status_code == 302
    browser.cookies = kept
    again = browser.get(back)
    assert again.status_code == 403
    assert "code" in again.text


def test_a_name_of_a_user_with_a_password_of_ours_cannot_be_taken(server: ApiServer) -> None:
    browser = Browser(server)
    assert browser.get(browser.consent("eve-1")).status_code == 403
    assert browser.get("/api/v1/session").status_code == 401


def test_somebody_without_a_name_is_refused(server: ApiServer) -> None:
    browser = Browser(server)
    answer = browser.get(browser.consent("nameless"))
    assert answer.status_code == 403
    assert "name" in answer.text


def test_a_deactivated_user_is_refused(server: ApiServer) -> None:
    browser = Browser(server)
    browser.get(browser.consent("ann-1"))
    with server.database.begin() as tx:
        row = tx.users.get("ann")
        assert row is not None
        tx.users.update(replace(row, active=False))
    assert browser.get("/api/v1/session").status_code == 401
    assert browser.get(browser.consent("ann-1")).status_code == 403


def test_a_token_signed_by_the_provider_is_taken_as_bearer(server: ApiServer, issuer: str) -> None:
    """The mock's access tokens are opaque; its ID token is a JWT by the same key, for the audience we ask for."""
    token = _id_token(server, issuer)
    headers = {"authorization": f"Bearer {token}"}
    # The provider tells name and groups only in userinfo, so the token's subject is the name here.
    provider = server.services.authenticator.provider
    assert provider is not None
    provider.options = replace(provider.options, username_claim="sub")
    for _ in range(2):
        answer = server.get("/session", user=None, headers=headers)
        assert (answer.status_code, answer.json().get("means")) == (200, "token"), answer.text
        assert answer.json()["username"] == "ann-1"
    forged = token[:-6] + ("AAAAAA" if not token.endswith("AAAAAA") else "BBBBBB")
    assert server.get("/session", user=None, headers={"authorization": f"Bearer {forged}"}).status_code == 401
    provider.options = replace(provider.options, bearer_audience="somebody-else")
    server.services.authenticator.forget()
    assert server.get("/session", user=None, headers=headers).status_code == 401


def _id_token(server: ApiServer, issuer: str) -> str:
    browser = Browser(server)
    back = browser.consent("ann-1")
    code = parse_qs(urlsplit(back).query)["code"][0]
    provider = server.services.authenticator.provider
    assert provider is not None
    state = parse_qs(urlsplit(back).query)["state"][0]
    found: str = provider._exchange(code, state)["id_token"]
    return found


def test_a_provider_that_cannot_be_reached_is_503(server: ApiServer) -> None:
    provider = server.services.authenticator.provider
    assert provider is not None
    provider.options = replace(provider.options, issuer="http://127.0.0.1:1")
    assert Browser(server).get("/auth/login/oidc").status_code == 503
