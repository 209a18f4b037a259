"""What scopes leave of a user's grants, and what names of back ends mean."""

from __future__ import annotations

import pytest

from tradewind.auth.access_tokens import check_scopes, digest_of, narrowed, new_secret, parse_bearer
from tradewind.auth.backends import load_backend, stock_name
from tradewind.auth.signing import BadSignature, sign, unsign
from tradewind.model.errors import ConfigError, InvalidInput

GRANTS = frozenset(
    {
        ("can_read", "DAGs"),
        ("can_edit", "DAGs"),
        ("can_read", "Pools"),
        ("can_delete", "Pools"),
        ("menu_access", "Docs"),
    }
)


@pytest.mark.parametrize(
    ("scopes", "left"),
    [
        (None, GRANTS),
        ([], frozenset()),
        (["write"], GRANTS),
        (["read"], {("can_read", "DAGs"), ("can_read", "Pools"), ("menu_access", "Docs")}),
        (["can_read:Pools"], {("can_read", "Pools")}),
        (["can_read:Variables"], set()),
        (["*:Pools"], {("can_read", "Pools"), ("can_delete", "Pools")}),
        (["can_edit:*"], {("can_edit", "DAGs")}),
        (["can_read:DAG:etl"], {("can_read", "DAG:etl")}),
        (["*:DAG:etl"], {("can_read", "DAG:etl"), ("can_edit", "DAG:etl")}),
    ],
)
def test_a_scope_only_takes_away(scopes: list[str] | None, left: set[tuple[str, str]]) -> None:
    assert narrowed(GRANTS, scopes) == left


@pytest.mark.parametrize("scope", ["", "everything", "can_fly:DAGs", "can_read:", "can_read"])
def test_scopes_that_mean_nothing_are_refused(scope: str) -> None:
    with pytest.raises(InvalidInput, match="not known"):
        check_scopes([scope])


def test_a_secret_is_random_and_kept_as_a_digest() -> None:
    first, second = new_secret(), new_secret()
    assert first != second
    assert first.startswith("twp_")
    assert first[4:] not in digest_of(first)
    assert len(digest_of(first)) == 64


@pytest.mark.parametrize(
    ("header", "found"), [("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Basic abc", None), ("Bearer ", None)]
)
def test_the_bearer_header_is_read(header: str, found: str | None) -> None:
    assert parse_bearer(header) == found


def test_what_was_signed_for_one_purpose_is_worthless_for_another() -> None:
    text = sign("x", "key", "session")
    assert unsign(text, "key", "session") == "x"
    for key, purpose in (("key", "other"), ("key", ""), ("other", "session")):
        with pytest.raises(BadSignature):
            unsign(text, key, purpose)


@pytest.mark.parametrize(
    ("name", "stock"),
    [
        ("airflow.api.auth.backend.deny_all", "deny_all"),
        ("airflow.api.auth.backend.default", "default"),
        ("airflow.providers.fab.auth_manager.api.auth.backend.basic_auth", "basic_auth"),
        (" airflow.api.auth.backend.session ", "session"),
        ("airflow.contrib.auth.backends.password_auth", "basic_auth"),
        ("basic_auth", "basic_auth"),
        ("company.auth.basic_auth", None),
    ],
)
def test_airflows_names_of_back_ends(name: str, stock: str | None) -> None:
    assert stock_name(name) == stock


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("airflow.api.auth.backend.ldap_auth", "not offered"),
        ("company.auth", "cannot be imported"),
        ("json.decoder", "no function requires_authentication"),
    ],
)
def test_a_back_end_that_cannot_be_used_is_named_at_start(name: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        load_backend(name)
