"""``run_as_user``: a process becomes another user, or says why it may not."""

from __future__ import annotations

import os
import pwd

import pytest

from tradewind.execution.impersonation import become
from tradewind.sdk.exceptions import AirflowException


def test_nobody_asked_for_and_oneself_change_nothing() -> None:
    before = os.getuid(), os.environ.get("HOME")
    become(None)
    become("")
    become(pwd.getpwuid(os.getuid()).pw_name)
    assert (os.getuid(), os.environ.get("HOME")) == before


def test_an_unknown_user_is_named() -> None:
    with pytest.raises(AirflowException, match="there is no user 'nobody_there' on this machine"):
        become("nobody_there")


def test_another_user_is_become_or_refused() -> None:
    """In a child: root becomes nobody with its HOME, anybody else is told what to do."""
    other = pwd.getpwnam("nobody")
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            become("nobody")
            said = f"{os.getuid()} {os.getgid()} {os.environ['HOME']}"
        except AirflowException as problem:
            said = str(problem)
        os.write(writer, said.encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(pid, 0)
    with os.fdopen(reader) as file:
        said = file.read()
    if os.geteuid() == 0:
        assert said == f"{other.pw_uid} {other.pw_gid} {other.pw_dir}"
    else:
        assert "may not become 'nobody'" in said
