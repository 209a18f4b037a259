"""A task's log shows the author's frames, and what they called; not ours above them."""

from __future__ import annotations

import traceback

import pytest

from tradewind.execution.traces import from_user_code
from tradewind.standard.python import run_callable


def the_authors() -> None:
    raise ValueError("no rows")


def test_the_trace_begins_at_the_authors_function() -> None:
    with pytest.raises(ValueError, match="no rows") as caught:
        run_callable(the_authors, None, [], {})
    error = caught.value
    # The test itself is no code of ours either: look from the call on.
    assert error.__traceback__ is not None
    error.__traceback__ = error.__traceback__.tb_next
    names = [frame.name for frame in traceback.extract_tb(from_user_code(error))]
    assert names == ["the_authors"]


def test_a_trace_of_our_own_frames_stays_whole() -> None:
    with pytest.raises(TypeError) as caught:
        run_callable(None, None, [], {})  # type: ignore[arg-type]
    error = caught.value
    assert error.__traceback__ is not None
    error.__traceback__ = error.__traceback__.tb_next
    assert from_user_code(error) is error.__traceback__
