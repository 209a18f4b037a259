"""Basic auth and log-in by session against a real OpenLDAP on this machine.

Slow: without an installed slapd, Debian's packages are fetched and unpacked for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.api_server import ApiServer, api_server
from support.slapd import BASE, slapd

from tradewind.auth.admission import Admission
from tradewind.auth.ldap import Directory, LdapOptions
from tradewind.auth.login import Authenticator
from tradewind.auth.sessions import SessionOptions
from tradewind.auth.throttle import FREE_FAILURES

pytestmark = [
    pytest.mark.slow,
    # ldap3 2.9 uses names of pyasn1 that newer versions of it have renamed.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ldap3"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:pyasn1"),
]
ANN = ("ann", "ann-geheim")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("slapd")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with slapd(folder) as found:
        yield found


@pytest.fixture
def options(address: str) -> LdapOptions:
    return LdapOptions(
        server=address,
        search=BASE,
        bind_user=f"cn=root,{BASE}",
        bind_password="root-geheim",
        group_search=BASE,
        admission=Admission(roles_mapping={f"cn=ops,{BASE}": ("Op",)}),
    )


@pytest.fixture
def server(options: LdapOptions) -> Iterator[ApiServer]:
    with api_server() as made:
        use(made, options)
        yield made


def use(server: ApiServer, options: LdapOptions) -> None:
    services = server.services
    services.authenticator = Authenticator(
        server.database,
        services.clock,
        ("basic_auth", "session"),
        SessionOptions(key="key"),
        directory=Directory(options),
    )


def test_basic_auth_makes_a_user_with_the_roles_of_the_groups(server: ApiServer) -> None:
    for _ in range(2):
        assert server.get("/dags", user=ANN).status_code == 200
    with server.database.read() as tx:
        row = tx.users.get("ann")
    assert row is not None
    assert (row.first_name, row.last_name, row.email) == ("Ann", "Ames", "ann@example.com")
    assert (row.roles, row.password, row.login_count) == (("Op",), None, 1)


def test_log_in_by_session(server: ApiServer) -> None:
    answer = server.post("/session", {"username": "ANN", "password": "ann-geheim"}, user=None)
    assert answer.json()["username"] == "ann"
    cookie = {"cookie": answer.headers["set-cookie"].partition(";")[0]}
    assert server.get("/dags", user=None, headers=cookie).status_code == 200


@pytest.mark.parametrize("pair", [("ann", "wrong"), ("ann", ""), ("*", "ann-geheim"), ("ann)(uid=*", "ann-geheim")])
def test_a_wrong_password_or_name_is_401(server: ApiServer, pair: tuple[str, str]) -> None:
    assert server.get("/dags", user=pair).status_code == 401


def test_wrong_passwords_are_throttled(server: ApiServer) -> None:
    answers = [server.get("/dags", user=("ann", "wrong")).status_code for _ in range(FREE_FAILURES + 1)]
    assert set(answers[:FREE_FAILURES]) == {401}
    assert answers[-1] == 429


def test_users_with_a_password_of_ours_stay_ours(server: ApiServer) -> None:
    assert server.get("/dags", user=("admin", "admin")).status_code == 200
    assert server.get("/dags", user=("admin", "eve-geheim")).status_code == 401
    assert server.get("/dags", user=("admin ", "eve-geheim")).status_code == 401


def test_both_passwords_count_where_local_users_are_adopted(server: ApiServer, options: LdapOptions) -> None:
    use(server, replace(options, admission=Admission(default_role="Viewer", adopts_local_users=True)))
    assert server.get("/dags", user=("admin", "admin")).status_code == 200
    assert server.get("/dags", user=("admin", "eve-geheim")).status_code == 200
    assert server.get("/dags", user=("admin", "")).status_code == 401
    assert server.get("/dags", user=("admin", "wrong")).status_code == 401


def test_roles_are_set_anew_at_the_next_log_in(server: ApiServer, options: LdapOptions) -> None:
    assert server.get("/dags", user=ANN).status_code == 200
    use(server, replace(options, admission=Admission()))
    assert server.get("/dags", user=ANN).status_code == 403
    with server.database.read() as tx:
        row = tx.users.get("ann")
    assert row is not None and row.roles == ("Public",)


def test_who_is_not_registered_stays_out_when_nobody_is(server: ApiServer, options: LdapOptions) -> None:
    use(server, replace(options, admission=Admission(registers=False)))
    assert server.get("/dags", user=ANN).status_code == 401


@pytest.mark.parametrize("change", [{"server": "ldap://127.0.0.1:1"}, {"bind_password": "wrong"}])
def test_a_directory_that_cannot_be_asked_is_503(
    server: ApiServer, options: LdapOptions, change: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    use(server, replace(options, **change))
    answer = server.get("/dags", user=ANN)
    assert answer.status_code == 503
    shown = answer.text + "".join(capsys.readouterr())
    assert "geheim" not in shown
    assert server.get("/dags", user=("admin", "admin")).status_code == 200


# After a wrong name ldap3 leaves the closing of its TLS socket to the collector.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize(
    ("address_and_ca", "status"),
    [(("localhost", "cert.pem"), 200), (("localhost", ""), 503), (("127.0.0.1", "cert.pem"), 503)],
    ids=["good", "unknown authority", "another name"],
)
def test_starttls_checks_the_certificate(
    server: ApiServer, options: LdapOptions, folder: Path, address_and_ca: tuple[str, str], status: int
) -> None:
    host, ca_name = address_and_ca
    address = options.server.replace("127.0.0.1", host)
    use(server, replace(options, server=address, use_tls=True, ca_file=str(folder / ca_name) if ca_name else ""))
    assert server.get("/dags", user=ANN).status_code == status
