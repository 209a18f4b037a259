"""Which roles people get whom others vouch for, and where a log-in may lead."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradewind.auth.admission import Admission, parse_mapping
from tradewind.auth.ldap import Directory, LdapOptions
from tradewind.auth.oauth import OidcOptions, claim_of, local_path
from tradewind.config.settings import load_settings
from tradewind.model.errors import ConfigError

RULES = Admission(roles_mapping={"cn=ops,dc=x": ("Op", "User"), "staff": ("User",)}, default_role="Viewer")


@pytest.mark.parametrize(
    ("groups", "roles"),
    [
        (("CN=Ops,DC=x",), ("Op", "User")),
        (("staff", "cn=ops,dc=x"), ("Op", "User")),
        (("other",), ("Viewer",)),
        ((), ("Viewer",)),
    ],
)
def test_groups_become_roles(groups: tuple[str, ...], roles: tuple[str, ...]) -> None:
    assert RULES.roles_of(groups) == roles


@pytest.mark.parametrize("text", ["[]", "{", '{"a": 1}', '{"a": [1]}', "1"])
def test_a_mapping_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"\[ldap\] roles_mapping"):
        parse_mapping(text, "ldap")


def test_a_single_role_needs_no_list() -> None:
    assert parse_mapping('{"a": "Op", "b": ["User"]}', "oidc") == {"a": ("Op",), "b": ("User",)}


@pytest.mark.parametrize("target", ["//evil.test", "https://evil.test", "/\\evil.test", "/a\r\nb", "", "evil", "/\t/x"])
def test_nobody_is_led_elsewhere(target: str) -> None:
    assert local_path(target) == "/"


def test_a_path_of_ours_is_kept() -> None:
    assert local_path("/home?dag=x#y") == "/home?dag=x#y"


def test_a_claim_may_be_in_an_object() -> None:
    claims = {"realm_access": {"roles": ["a"]}, "https://x.test/groups": ["b"]}
    assert claim_of(claims, "realm_access.roles") == ["a"]
    assert claim_of(claims, "https://x.test/groups") == ["b"]
    assert claim_of(claims, "realm_access.no.such") is None


def test_an_empty_password_never_reaches_a_directory() -> None:
    """Many directories answer success to a bind with a name and no password."""
    directory = Directory(LdapOptions(server="ldaps://127.0.0.1:1", search="dc=x"))
    assert directory.check("ann", "") is None
    assert directory.check("", "secret") is None


def test_secrets_are_not_shown_by_repr() -> None:
    assert "geheim" not in repr(LdapOptions(server="ldaps://x", search="dc=x", bind_password="geheim"))


def test_bearer_tokens_need_an_audience(tmp_path: Path) -> None:
    environ = {"AIRFLOW_HOME": str(tmp_path), "AIRFLOW__OIDC__ISSUER": "https://login.example.com"}
    environ |= {"AIRFLOW__OIDC__CLIENT_ID": "tradewind", "AIRFLOW__OIDC__ACCEPTS_BEARER": "True"}
    with pytest.raises(ConfigError, match="bearer_audience"):
        OidcOptions.from_settings(load_settings(environ))
    found = OidcOptions.from_settings(load_settings({**environ, "AIRFLOW__OIDC__BEARER_AUDIENCE": "flows"}))
    assert found is not None
    assert found.redirect_uri == "http://localhost:8080/auth/callback/oidc"


def test_an_issuer_elsewhere_is_asked_by_https_only(tmp_path: Path) -> None:
    environ = {"AIRFLOW_HOME": str(tmp_path), "AIRFLOW__OIDC__ISSUER": "http://login.example.com"}
    with pytest.raises(ConfigError, match="https"):
        OidcOptions.from_settings(load_settings(environ))


def test_a_directory_is_read_from_the_configuration(tmp_path: Path) -> None:
    environ = {"AIRFLOW_HOME": str(tmp_path), "AIRFLOW__LDAP__SERVER": "ldaps://ldap.example.com"}
    assert LdapOptions.from_settings(load_settings({"AIRFLOW_HOME": str(tmp_path)})) is None
    with pytest.raises(ConfigError, match="search"):
        LdapOptions.from_settings(load_settings(environ))
    more = {"AIRFLOW__LDAP__SEARCH": "dc=x", "AIRFLOW__LDAP__ROLES_MAPPING": '{"ops": "Op"}'}
    found = LdapOptions.from_settings(load_settings({**environ, **more}))
    assert found is not None
    assert found.admission.roles_mapping == {"ops": ("Op",)}
