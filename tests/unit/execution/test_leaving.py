"""How a forked child ends."""

import os
import sys
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest

from tradewind.execution.leaving import code_of, leave

OUR_CODE_WENT_ON = 99


class Broken(StringIO):
    def flush(self) -> None:
        raise RuntimeError("a stream of the user's")


def ended(prepare: Callable[[], Any], code: int) -> int:
    """The exit code of a child that prepares, and leaves."""
    pid = os.fork()
    if pid == 0:
        try:
            prepare()
            leave(code)
        finally:
            os._exit(OUR_CODE_WENT_ON)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.parametrize("code", [0, 1, 7])
def test_a_child_ends_with_its_code(code: int) -> None:
    assert ended(lambda: None, code) == code


def replace_out(stream: Any) -> None:
    sys.stdout = stream


@pytest.mark.parametrize("stream", [None, Broken()], ids=["none", "broken"])
def test_a_stream_that_cannot_be_flushed_fails_the_child_and_lets_no_code_of_the_parent_run(stream: Any) -> None:
    assert ended(lambda: replace_out(stream), 0) == 1
    assert ended(lambda: replace_out(stream), 7) == 7


@pytest.mark.parametrize(("stop", "code"), [(SystemExit(), 0), (SystemExit(3), 3), (SystemExit("why"), 1)])
def test_the_code_that_sys_exit_asked_for(stop: SystemExit, code: int) -> None:
    assert code_of(stop) == code
