"""What is hidden, by name and by text."""

from __future__ import annotations

import logging
import re
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.observability.masking import MASK, SecretsMasker, merged_pattern


@pytest.mark.parametrize("name", ["password", "My_PASSWORD", "api_key", "x-Secret-y", "aws_access_token", "passphrase"])
def test_telling_names_are_sensitive(name: str) -> None:
    assert SecretsMasker().is_sensitive_name(name)


def test_other_names_are_not_unless_configured() -> None:
    assert not SecretsMasker().is_sensitive_name("colour")
    assert SecretsMasker(["colour"]).is_sensitive_name("Colour_of_door")
    assert not SecretsMasker(hides_by_name=False).is_sensitive_name("password")


def test_nested_values_under_sensitive_names_are_hidden() -> None:
    value = {"password": "p", "n": {"token": ["a", 1, None]}, "k": "open"}
    assert SecretsMasker().redact(value) == {"password": MASK, "n": {"token": [MASK, 1, None]}, "k": "open"}


def test_numbers_under_sensitive_names_stay() -> None:
    assert SecretsMasker().redact(5, "password") == 5


def test_a_secret_is_hidden_in_every_spelling() -> None:
    masker = SecretsMasker()
    masker.add_mask("pa'ss\"&wörd")
    for line in ["pa'ss\"&wörd", "pa%27ss%22%26w%C3%B6rd", "pa'ss\\\"&w\\u00f6rd"]:
        assert masker.mask(f"<{line}>") == f"<{MASK}>"


@pytest.mark.parametrize("text", ["", "ab", "  ", "None", "TRUE", "airflow"])
def test_texts_that_would_eat_every_line_are_not_masked(text: str) -> None:
    masker = SecretsMasker()
    masker.add_mask(text)
    assert masker.mask("airflow says None ab TRUE") == "airflow says None ab TRUE"


def test_of_a_connection_only_sensitive_extras_become_secrets() -> None:
    masker = SecretsMasker()
    masker.add_mask({"region": "europe", "secret_key": "hush-hush", "token": {"deep": "deeper"}})
    assert masker.mask("europe hush-hush deeper") == f"europe {MASK} {MASK}"


def test_the_longest_secret_wins() -> None:
    masker = SecretsMasker()
    masker.add_mask(["hunter", "hunter2"])
    assert masker.mask("hunter2 hunter") == f"{MASK} {MASK}"


def test_redacting_keeps_the_kinds_of_containers() -> None:
    class Pair(NamedTuple):
        one: str
        two: int

    masker = SecretsMasker()
    masker.add_mask("hush!")
    assert masker.redact(Pair("say hush!", 1)) == Pair(f"say {MASK}", 1)
    assert masker.redact(("hush!",)) == (MASK,)
    assert masker.redact({"a": {"hush!"}}) == {"a": {MASK}}


def test_what_is_too_deep_is_masked_as_text() -> None:
    value: Any = "hush!"
    for _ in range(150):
        value = {"k": value}
    masker = SecretsMasker()
    masker.add_mask("hush!")
    assert "hush!" not in str(masker.redact(value))


def test_values_keep_their_shape_however_deep_people_nest() -> None:
    value = {"a": {"b": {"c": {"d": {"e": {"f": {"password": "p", "k": ["x"]}}}}}}}
    hidden = {"a": {"b": {"c": {"d": {"e": {"f": {"password": MASK, "k": ["x"]}}}}}}}
    assert SecretsMasker().redact(value) == hidden


class Counted(SecretsMasker):
    """Counts the characters that it looks at."""

    looked_at = 0

    def mask(self, text: str) -> str:
        self.looked_at += len(text)
        return super().mask(text)


def test_the_work_grows_with_the_text_alone() -> None:
    """Each character of a value is looked at once, whatever its nesting."""
    masker = Counted()
    masker.add_mask([f"secret-number-{number}" for number in range(500)])
    value: Any = "x" * 1000
    for _ in range(60):
        value = [value, {"k": "y" * 10}]
    masker.redact(value)
    assert masker.looked_at == 1000 + 60 * 10


def test_waiting_for_the_first_secret() -> None:
    masker, called = SecretsMasker(), []
    masker.when_known(lambda: called.append("early"))
    masker.know(["of the configuration"])
    assert masker.mask("of the configuration") == MASK
    masker.add_mask("no")
    assert called == []
    masker.add_mask("a secret")
    masker.add_mask("another")
    masker.when_known(lambda: called.append("late"))
    assert called == ["early", "late"]


@pytest.mark.parametrize(
    ("message", "args", "expected"),
    [
        ("%s", ({"password": "p"},), "{'password': '***'}"),
        ("%s %s", ("x", [{"token": "t"}, 1]), "x [{'token': '***'}, 1]"),
        ("%(password)s", ({"password": "p"},), "***"),
        ({"a": {"secret": "s"}}, (), "{'a': {'secret': '***'}}"),
        ("%s", ("p",), "p"),
    ],
)
def test_arguments_of_records_are_hidden_by_name(message: Any, args: Any, expected: str) -> None:
    record = logging.LogRecord("x", logging.INFO, "/a/file.py", 12, message, args, None)
    SecretsMasker().redact_record(record)
    assert record.getMessage() == expected


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=20))
def test_the_merged_pattern_matches_exactly_its_texts(texts: list[str]) -> None:
    pattern = re.compile(merged_pattern(texts))
    for text in texts:
        assert pattern.fullmatch(text)
        found = pattern.match(text + max(texts, key=len))
        assert found is not None
        assert len(found.group()) >= len(text)


@given(st.text(max_size=30), st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=9))
def test_it_matches_where_a_plain_alternation_would(line: str, texts: list[str]) -> None:
    plain = "|".join(re.escape(text) for text in sorted(set(texts), key=len, reverse=True))
    assert re.sub(merged_pattern(texts), "#", line) == re.sub(plain, "#", line)


def backwards(secret: str) -> list[str]:
    """An operator's ``[logging] secret_mask_adapter``."""
    return [secret[::-1], ""]


def test_an_adapter_gives_more_spellings() -> None:
    masker = SecretsMasker()
    masker.configure(names=(), hides_by_name=True, adapter=f"{__name__}.backwards")
    masker.add_mask("hush!")
    assert masker.mask("hush! !hsuh") == f"{MASK} {MASK}"


def test_an_adapter_that_fails_hides_no_less() -> None:
    masker = SecretsMasker()
    masker.configure(names=(), hides_by_name=True, adapter="nobody.knows")
    masker.add_mask("hush!")
    assert masker.mask("hush!") == MASK
