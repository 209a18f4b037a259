"""Kerberos tickets against ``tradewind webserver`` and a real KDC, both on this machine; and the ticket renewer.

Slow: Debian's packages are fetched and unpacked, and gssapi is compiled, once into ``.cache``."""

from __future__ import annotations

import base64
import json
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.kdc import REALM, Realm, kdc
from support.ports import free_port

from tradewind.auth.roles import sync_roles
from tradewind.model.times import SystemClock
from tradewind.storage.database import open_database
from tradewind.testing.server import cheap_hash

pytestmark = pytest.mark.slow
HOST = "flows.tradewind.test"
ANN = f"ann@{REALM}"


@dataclass
class Served:
    """The realm, and the server's address."""

    realm: Realm
    base: str
    keytabs: dict[str, Path]

    def ask(self, who: str, path: str = "/dags", *, host: str = HOST, twice: bool = False) -> list[dict[str, Any]]:
        """GET with a ticket of ``who``."""
        self.realm.call("kinit", "-k", "-t", str(self.keytabs[who]), who)
        script = Path(__file__).parents[1] / "support/kerberos_client.py"
        command = [sys.executable, str(script), host, f"{self.base}{path}", *(["twice"] if twice else [])]
        done = subprocess.run(command, env=self.realm.environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    def get(self, authorization: str | None = None) -> httpx.Response:
        """GET of the DAGs."""
        headers = {"authorization": authorization} if authorization else {}
        return httpx.get(f"{self.base}/dags", headers=headers, timeout=30)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("kerberos")
    home = folder / "home"
    home.mkdir()
    database = open_database(f"sqlite:///{home / 'tradewind.db'}", clock=SystemClock())
    database.migrate()
    with database.begin() as tx:
        sync_roles(tx)
        for name, role in ((ANN, "Viewer"), ("gone@" + REALM, "Viewer")):
            tx.users.create(username=name, email=f"{role}{name}", password=None, roles=[role])
        tx.users.create(username="admin", email="a@example.com", password=cheap_hash("admin"), roles=["Admin"])
        gone = tx.users.get("gone@" + REALM)
        assert gone is not None
        tx.users.update(replace(gone, active=False))
    database.close()
    with kdc(folder) as realm:
        keytabs = {name: realm.add(name) for name in ("ann", "gone", "nobody")}
        realm.add("airflow/elsewhere.test")
        port = free_port()
        environ = {
            **realm.environ,
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__API__AUTH_BACKENDS": "airflow.api.auth.backend.kerberos_auth,airflow.api.auth.backend.basic_auth",
            "AIRFLOW__KERBEROS__KEYTAB": str(realm.add(f"airflow/{HOST}")),
            "AIRFLOW__KERBEROS__HOSTNAME": HOST,
        }
        command = [sys.executable, "-m", "tradewind", "webserver", "--port", str(port)]
        with (
            (folder / "out").open("wb") as out,
            subprocess.Popen(command, env=environ, stdout=out, stderr=out) as server,
        ):
            found = Served(realm, f"http://127.0.0.1:{port}/api/v1", keytabs)
            try:
                _await(found, server, folder / "out")
                yield found
            finally:
                server.terminate()


def _await(served: Served, server: subprocess.Popen[bytes], out: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None, out.read_text()
        try:
            if served.get().status_code == 401:
                return
        except httpx.TransportError:
            select.select([], [], [], 0.05)
    raise AssertionError(f"the server does not answer\n{out.read_text()}")


def test_a_ticket_is_its_principals_user_and_the_server_proves_itself(served: Served) -> None:
    (answer,) = served.ask("ann")
    assert (answer["status"], answer["scheme"], answer["is_mutual"]) == (200, "Negotiate", True)
    assert answer["body"] == {"dags": [], "total_entries": 0}


def test_roles_count_and_a_refusal_proves_the_server_too(served: Served) -> None:
    (answer,) = served.ask("ann", "/users")
    assert (answer["status"], answer["is_mutual"]) == (403, True)


def test_a_token_sent_twice_is_good_once(served: Served) -> None:
    assert [answer["status"] for answer in served.ask("ann", twice=True)] == [200, 401]


@pytest.mark.parametrize("who", ["nobody", "gone"])
def test_a_principal_without_an_active_user_is_401(served: Served, who: str) -> None:
    (answer,) = served.ask(who)
    assert (answer["status"], answer["scheme"], answer["is_mutual"]) == (401, "Negotiate", False)
    assert answer["body"]["title"] == "Unauthorized"


def test_a_ticket_for_another_service_is_401(served: Served) -> None:
    assert served.ask("ann", host="elsewhere.test")[0]["status"] == 401


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "Negotiate",
        "Negotiate ###",
        "Negotiate " + base64.b64encode(b"\0" * 300).decode(),
        "Negotiate " + base64.b64encode(b"`\x82\x01").decode(),
        "Negotiate " + base64.b64encode(b"NTLMSSP\0\1\0\0\0" + b"\0" * 24).decode(),
        "Basic YWRtaW46d3Jvbmc=",
    ],
    ids=["nothing", "no token", "not base64", "zeros", "cut", "NTLM", "wrong password"],
)
def test_anything_else_is_challenged(served: Served, authorization: str | None) -> None:
    answer = served.get(authorization)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Negotiate")


def test_the_other_back_ends_still_count(served: Served) -> None:
    answer = served.get("Basic " + base64.b64encode(b"admin:admin").decode())
    assert (answer.status_code, answer.headers.get("www-authenticate")) == (200, None)


def test_the_renewer_gets_a_ticket(served: Served, tmp_path: Path) -> None:
    cache = tmp_path / "ccache"
    environ = {
        **served.realm.environ,
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__KERBEROS__CCACHE": str(cache),
        "AIRFLOW__KERBEROS__KINIT_PATH": str(served.realm.programs / "bin/kinit"),
        "AIRFLOW__KERBEROS__INCLUDE_IP": "False",
        "AIRFLOW__KERBEROS__KEYTAB": str(served.keytabs["ann"]),
    }
    command = [sys.executable, "-m", "tradewind", "kerberos", "--one-time", "ann"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"Default principal: ann@{REALM}" in served.realm.call("klist", "-c", str(cache))
    command[-1] = "stranger"
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "kinit ended with 1" in done.stderr
