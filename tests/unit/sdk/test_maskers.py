"""Maskers that packages make of the one that they find."""

from __future__ import annotations

from typing import Any

from tradewind.sdk.maskers import SecretsMasker, process_masker


class Deep(SecretsMasker):
    """As OpenLineage's: takes over, and stops at what is marked."""

    def _redact(self, item: Any, name: str | None, depth: int, max_depth: int, **kwargs: Any) -> Any:
        return item if item == ["plain"] else super()._redact(item, name, depth, max_depth)


def test_a_subclass_is_asked_for_each_part() -> None:
    process_masker().add_mask("geheim-0815")
    masker = Deep()
    masker.patterns = process_masker().patterns
    given = {"a": ["x geheim-0815 y"], "password": {"b": "c"}, "token": "t", "d": ["plain"]}
    assert masker.redact(given) == {"a": ["x *** y"], "password": {"b": "***"}, "token": "***", "d": ["plain"]}
    assert given["a"] == ["x geheim-0815 y"]
