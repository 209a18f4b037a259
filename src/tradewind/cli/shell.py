"""``db shell``: the database's own client program, connected."""

from __future__ import annotations

import os
import shutil
import subprocess
from argparse import Namespace

from sqlalchemy.engine import make_url

from .session import CommandFailed, Session


def shell(args: Namespace, session: Session) -> int:
    """Its exit code."""
    url = make_url(session.settings.sql_alchemy_conn)
    environ = dict(os.environ)  # noqa: TID251  the program inherits it
    if url.get_backend_name() == "sqlite":
        command = ["sqlite3", url.database or ""]
    else:
        command = ["psql"]
        given = {"PGHOST": url.host, "PGPORT": url.port, "PGUSER": url.username, "PGDATABASE": url.database}
        # By the environment, not as a word of the command line that every user of the machine can read.
        given["PGPASSWORD"] = None if url.password is None else str(url.password)
        environ |= {name: str(value) for name, value in given.items() if value is not None}
    program = shutil.which(command[0])
    if program is None:
        raise CommandFailed(f"{command[0]} is not installed; db shell starts it")
    return subprocess.run([program, *command[1:]], env=environ, check=False).returncode
