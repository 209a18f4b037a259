"""What provider packages ask the providers manager for."""

from __future__ import annotations

import pytest

from tradewind.plugins import providers


def test_a_hook_is_imported_when_it_is_asked_for_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(providers, "hook_classes", lambda: {"one": ("nowhere.One", "p"), "two": ("nowhere.Two", "p")})
    monkeypatch.setattr(providers, "hook", asked.append)
    hooks = providers.ProvidersManager().hooks
    assert "one" in hooks
    assert "three" not in hooks
    assert {"one", "two"} < set(hooks)
    assert asked == []
    hooks["one"]
    assert asked == ["one"]
    with pytest.raises(KeyError):
        hooks["three"]
