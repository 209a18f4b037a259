"""``db clean`` and what it keeps: deleting old rows, exporting and dropping their archives."""

from __future__ import annotations

import csv
from argparse import Namespace
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tradewind.storage import archives
from tradewind.storage.history import CLEANABLE

from .inputs import moment
from .session import CommandFailed, Session

if TYPE_CHECKING:
    from tradewind.storage.database import Transaction

BATCH = 1000


def clean(args: Namespace, session: Session) -> int:
    """Deletes rows from before a moment, a batch in each transaction; the scheduler may go on meanwhile."""
    before = moment(args.clean_before_timestamp, session.settings.default_timezone)
    tables = _tables(args, session)
    if args.dry_run:
        session.say(f"Performing dry run for db cleanup: what is older than {before.isoformat()} in {tables}.")
    else:
        kept = "" if args.skip_archive else " They are kept in archive tables."
        question = f"This deletes all rows older than {before.isoformat()} from tables {tables}.{kept} Proceed?"
        session.confirm(question, yes=args.yes)
    for name in tables:
        with session.database.read() as tx:
            found = tx.retention.count(before, [name])[name]
        session.say(f"Table {name}: found {found} rows meeting deletion criteria.")
        if found and not args.dry_run:
            _clean(session, name, before, is_archived=not args.skip_archive)
    return 0


def _clean(session: Session, name: str, before: datetime, *, is_archived: bool) -> None:
    if is_archived:
        with session.database.begin() as tx:
            session.say(f"Kept in {archives.archive(tx, name, before)}.")
    while True:
        with session.database.begin() as tx:
            if tx.retention.clean(before, [name], batch=BATCH)[name] < BATCH:
                return


def export_archived(args: Namespace, session: Session) -> int:
    """Writes archives as CSV files into a folder."""
    folder = Path(args.output_path)
    if not folder.is_dir():
        raise CommandFailed(f"The specified --output-path {folder} does not exist or is no folder.")
    wanted = _wanted(args)
    if args.drop_archives:
        session.confirm("This drops the archive tables after they are exported. Proceed?", yes=args.yes)

    def export(tx: Transaction, name: str) -> None:
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(archives.rows_of(tx, name))
        if args.drop_archives:
            archives.drop(tx, name)

    count = _each(session, wanted, export)
    session.say(f"Total exported tables: {count}, Total dropped tables: {count if args.drop_archives else 0}")
    return 0


def drop_archived(args: Namespace, session: Session) -> int:
    """Drops archives."""
    wanted = _wanted(args)
    session.confirm("This drops archive tables; what is in them is gone. Proceed?", yes=args.yes)
    session.say(f"Total dropped tables: {_each(session, wanted, archives.drop)}")
    return 0


def _each(session: Session, wanted: Sequence[str] | None, action: Callable[[Transaction, str], None]) -> int:
    with session.database.begin() as tx:
        names = archives.archived(tx, wanted)
        for name in names:
            action(tx, name)
    return len(names)


def _wanted(args: Namespace) -> list[str] | None:
    return [name.strip() for name in args.tables.split(",") if name.strip()] if args.tables else None


def _tables(args: Namespace, session: Session) -> list[str]:
    wanted = _wanted(args)
    if wanted is None:
        return list(CLEANABLE)
    unknown = [name for name in wanted if name not in CLEANABLE]
    if unknown:
        session.complain(f"warning: these tables are no valid choice and are left out: {', '.join(unknown)}")
    known = [name for name in wanted if name in CLEANABLE]
    if not known:
        raise CommandFailed(f"No tables selected for db cleanup. Please choose from {', '.join(CLEANABLE)}.")
    return known
