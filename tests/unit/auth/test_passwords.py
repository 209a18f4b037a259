"""Hashes: ours and those of imported users; the Basic header."""

import hashlib

import pytest

from tradewind.auth.login import parse_basic
from tradewind.auth.passwords import hash_password, verify_password


def test_our_hashes_verify_and_differ_each_time():
    one, other = hash_password("secret"), hash_password("secret")
    assert one != other
    assert one.startswith("$argon2id$")
    assert verify_password(one, "secret")
    assert not verify_password(one, "Secret")


def test_nobody_has_no_password():
    assert not verify_password(None, "")
    assert not verify_password("", "the password of a user that does not exist")


def _pbkdf2(password: str) -> str:
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), b"salt", 1000).hex()
    return f"pbkdf2:sha256:1000$salt${digest}"


def _scrypt(password: str) -> str:
    digest = hashlib.scrypt(password.encode(), salt=b"salt", n=1024, r=8, p=1).hex()
    return f"scrypt:1024:8:1$salt${digest}"


@pytest.mark.parametrize("stored", [_pbkdf2("pw"), _scrypt("pw")])
def test_hashes_of_imported_users_are_read(stored):
    assert verify_password(stored, "pw")
    assert not verify_password(stored, "wrong")


@pytest.mark.parametrize("stored", ["nonsense", "md5$x$y", "pbkdf2:sha256:x$y$z", "$argon2id$broken"])
def test_a_broken_hash_is_nobodys(stored):
    assert not verify_password(stored, "pw")


@pytest.mark.parametrize(
    ("header", "pair"),
    [
        ("Basic YWRtaW46YWRtaW4=", ("admin", "admin")),
        ("basic YWRtaW46YTpi", ("admin", "a:b")),
        ("Basic YWRtaW4=", None),
        ("Basic !!!", None),
        ("Bearer abc", None),
        ("", None),
    ],
)
def test_the_basic_header(header, pair):
    assert parse_basic(header) == pair
