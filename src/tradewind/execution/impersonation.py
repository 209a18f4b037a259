"""``run_as_user``: the process of an attempt becomes another user of this machine before the task's code runs."""

from __future__ import annotations

import os
import pwd

from tradewind.sdk.exceptions import AirflowException


def become(name: str | None) -> None:
    """Be that user from here on, with its groups and its HOME; nothing for None and for who we are already.

    Raises AirflowException when there is no such user, or when this process may not become it. Airflow starts a second
    interpreter by sudo for this; an attempt is a process of its own already, so a worker that runs as root is enough.
    """
    if not name:
        return
    try:
        user = pwd.getpwnam(name)
    except KeyError:
        raise AirflowException(f"run_as_user: there is no user {name!r} on this machine.") from None
    if user.pw_uid == os.getuid():
        return
    if os.geteuid() != 0:
        raise AirflowException(
            f"run_as_user: this worker runs as user {os.getuid()} and may not become {name!r}. "
            f"Start the worker as root or as {name!r}."
        )
    os.initgroups(name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    os.environ.update(HOME=user.pw_dir, USER=name, LOGNAME=name)  # noqa: TID251  for the code of users in this process
