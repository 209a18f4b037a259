"""``db``: the tables."""

from __future__ import annotations

import threading
from argparse import Namespace
from contextlib import closing

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from tradewind.auth.roles import sync_roles
from tradewind.storage.rotation import rotate

from .session import CommandFailed, Session


def migrate(args: Namespace, session: Session) -> int:
    """Makes the tables, or brings them up to date, and the stock roles."""
    session.settings.home.mkdir(parents=True, exist_ok=True)
    with closing(session.open_database()) as database:
        database.migrate()
        with database.begin() as tx:
            sync_roles(tx)
    session.say("Database migrating done!")
    return 0


def check(args: Namespace, session: Session) -> int:
    """Whether the database answers; tries again as often as asked."""
    for left in range(args.retry, -1, -1):
        try:
            with closing(session.open_database()) as database, database.read() as tx:
                tx.connection.execute(text("SELECT 1"))
                database.refuse_strangers()
        except (SQLAlchemyError, OSError) as error:
            if not left:
                reason = getattr(error, "orig", None) or error
                raise CommandFailed(f"the database does not answer: {reason}") from None
            threading.Event().wait(args.retry_delay)
        else:
            break
    session.say("Connection successful.")
    return 0


def check_migrations(args: Namespace, session: Session) -> int:
    """Whether the tables are of this version."""
    with closing(session.open_database()) as database:
        database.check()
    return 0


def reset(args: Namespace, session: Session) -> int:
    """Deletes everything; makes the tables anew unless told not to."""
    url = session.settings.sql_alchemy_conn.rpartition("@")[2]
    session.confirm(f"This will drop existing tables if they exist in {url}. Proceed?", yes=args.yes)
    session.settings.home.mkdir(parents=True, exist_ok=True)
    with closing(session.open_database()) as database:
        database.reset()
        if not args.skip_init:
            database.migrate()
            with database.begin() as tx:
                sync_roles(tx)
    session.say("Database reset done!")
    return 0


def rotate_fernet_key(args: Namespace, session: Session) -> int:
    """Encrypts everything that is encrypted with the first key; the others are needed no more."""
    with session.database.begin() as tx:
        rotate(tx, session.database.cipher)
    return 0
