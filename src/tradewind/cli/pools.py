"""``pools``: list, get, set, delete, import, export."""

from __future__ import annotations

import json
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from tradewind.actions import access
from tradewind.model.records import Pool

from .inputs import read_mapping
from .session import CommandFailed, Session
from .variables import write_file

if TYPE_CHECKING:
    from tradewind.storage.database import Transaction


def list_pools(args: Namespace, session: Session) -> int:
    """All pools."""
    with session.database.read() as tx:
        rows = [_shown(pool) for pool in tx.pools.all().values()]
    session.show(rows, args.output)
    return 0


def get(args: Namespace, session: Session) -> int:
    """One pool."""
    with session.database.read() as tx:
        pool = _pool(tx, args.pool)
    session.show([_shown(pool)], args.output)
    return 0


def put(args: Namespace, session: Session) -> int:
    """Creates or changes one."""
    with session.database.begin() as tx:
        _put(tx, args.pool, args.slots, args.description, args.include_deferred)
    session.say(f"Pool {args.pool} created")
    return 0


def delete(args: Namespace, session: Session) -> int:
    """Deletes one; default_pool stays."""
    if args.pool == "default_pool":
        raise CommandFailed("default_pool cannot be deleted")
    with session.database.begin() as tx:
        _pool(tx, args.pool)
        access.delete_pool(tx, args.pool)
    session.say(f"Pool {args.pool} deleted")
    return 0


def load(args: Namespace, session: Session) -> int:
    """Reads a JSON file: slots, description and include_deferred for each name. All of them, or none."""
    entries = read_mapping(args.file)
    with session.database.begin() as tx:
        for name, entry in entries.items():
            slots, description, deferred = _entry(name, entry)
            _put(tx, name, slots, description, deferred)
    session.say(f"Uploaded {len(entries)} pool(s)")
    return 0


def dump(args: Namespace, session: Session) -> int:
    """Writes all to a JSON file."""
    with session.database.read() as tx:
        pools = tx.pools.all()
    entries = {
        name: {"slots": pool.slots, "description": pool.description, "include_deferred": pool.include_deferred}
        for name, pool in pools.items()
    }
    text = json.dumps(entries, indent=4, sort_keys=True, ensure_ascii=False)
    if args.file == "-":
        session.say(text)
        return 0
    write_file(args.file, text)
    session.say(f"Exported {len(entries)} pools to {args.file}")
    return 0


def _put(tx: Transaction, name: str, slots: int, description: str | None, include_deferred: bool) -> None:
    present = tx.pools.all().get(name)
    if present is None:
        access.create_pool(tx, name, slots, description=description, include_deferred=include_deferred)
        return
    access.change_pool(tx, name, new_name=name, slots=slots, description=description, include_deferred=include_deferred)


def _pool(tx: Transaction, name: str) -> Pool:
    pool = tx.pools.all().get(name)
    if pool is None:
        raise CommandFailed(f"Pool {name} does not exist")
    return pool


def _entry(name: str, entry: Any) -> tuple[int, str, bool]:
    try:
        return int(entry["slots"]), str(entry["description"]), bool(entry.get("include_deferred", False))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise CommandFailed(f"pool {name!r} in the file needs slots (a number) and description") from None


def _shown(pool: Pool) -> dict[str, Any]:
    return {
        "pool": pool.name,
        "slots": pool.slots,
        "description": pool.description,
        "include_deferred": pool.include_deferred,
    }
