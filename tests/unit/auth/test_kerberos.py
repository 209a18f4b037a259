"""Kerberos without a KDC: headers, and what is said when the library is missing. The rest is in test_api_kerberos."""

from __future__ import annotations

import sys

import pytest

from tradewind.auth.backends import load_backend
from tradewind.auth.kerberos import KerberosOptions, Negotiator, parse_negotiate
from tradewind.model.errors import ConfigError


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Negotiate aGk=", b"hi"),
        ("negotiate  aGk=", b"hi"),
        ("Negotiate", None),
        ("Negotiate ", None),
        ("Negotiate a", None),
        ("Negotiate hé", None),
        ("Basic aGk=", None),
        ("", None),
    ],
)
def test_the_token_of_a_header(header: str, token: bytes | None) -> None:
    assert parse_negotiate(header) == token


@pytest.mark.parametrize(
    "name",
    [
        "airflow.api.auth.backend.kerberos_auth",
        "airflow.providers.fab.auth_manager.api.auth.backend.kerberos_auth",
        "kerberos_auth",
    ],
)
def test_its_names(name: str) -> None:
    assert load_backend(name) == "kerberos_auth"


def test_without_its_library_it_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gssapi", None)
    with pytest.raises(ConfigError, match=r"install 'tradewind\[kerberos\]'"):
        Negotiator(KerberosOptions(keytab="k", hostname="h"))
