"""``roles`` that change something, and ``users`` and ``roles`` as files."""

from __future__ import annotations

import itertools
import json
import secrets
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradewind.actions import users as actions
from tradewind.auth.roles import STOCK_ROLES, sync_roles

from .session import CommandFailed, Session
from .users import check_role
from .variables import write_file

if TYPE_CHECKING:
    from tradewind.auth.permissions import Grant
    from tradewind.storage.database import Transaction
    from tradewind.storage.users import RoleRow

_USER_FIELDS = ("username", "email", "firstname", "lastname", "roles")


def create(args: Namespace, session: Session) -> int:
    """Makes roles without permissions; one that is there stays as it is."""
    with session.database.begin() as tx:
        for name in args.role:
            if tx.users.get_role(name) is None:
                actions.create_role(tx, name, ())
    session.say(f"Added {len(args.role)} role(s)")
    return 0


def delete(args: Namespace, session: Session) -> int:
    """Deletes roles, all or none."""
    with session.database.begin() as tx:
        for name in args.role:
            _role(tx, name)
        for name in args.role:
            if name in STOCK_ROLES:
                raise CommandFailed(f"Role '{name}' is one of Airflow's own; it would be made again at the next start")
            actions.delete_role(tx, name)
    session.say(f"Deleted {len(args.role)} role(s)")
    return 0


def add_perms(args: Namespace, session: Session) -> int:
    """Gives roles permissions, all or none."""
    lines = []
    with session.database.begin() as tx:
        roles = _checked(tx, args)
        for name, resource, action in itertools.product(args.role, args.resource, args.action):
            if (action, resource) not in roles[name].grants:
                tx.users.grant(name, [(action, resource)])
                lines.append(f"Added {action} on {resource} to role {name}")
    return _told(session, lines, "Added")


def del_perms(args: Namespace, session: Session) -> int:
    """Takes permissions from roles: those of the actions, or all on a resource."""
    lines = []
    with session.database.begin() as tx:
        roles = _checked(tx, args)
        for name, resource in itertools.product(args.role, args.resource):
            had = sorted(action for action, other in roles[name].grants if other == resource)
            gone = [action for action in had if not args.action or action in args.action]
            tx.users.revoke(name, [(action, resource) for action in gone])
            lines += [f"Deleted {action} on {resource} from role {name}" for action in gone]
    return _told(session, lines, "Deleted")


def _told(session: Session, lines: list[str], verb: str) -> int:
    for line in lines:
        session.say(line)
    session.say(f"{verb} {len(lines)} permission(s)")
    return 0


def _checked(tx: Transaction, args: Namespace) -> dict[str, RoleRow]:
    """The roles by name. Raises CommandFailed for a role, resource or action that there is not."""
    roles = {name: _role(tx, name) for name in args.role}
    for kind, wanted, known in (
        ("Resource", args.resource, tx.users.resources()),
        ("Action", args.action or (), tx.users.actions()),
    ):
        for name in wanted:
            if name not in known:
                raise CommandFailed(f"{kind} named '{name}' does not exist")
    return roles


def _role(tx: Transaction, name: str) -> RoleRow:
    found = tx.users.get_role(name)
    if found is None:
        raise CommandFailed(f"Role named '{name}' does not exist")
    return found


def export(args: Namespace, session: Session) -> int:
    """Writes the roles that are not Airflow's own, an entry for each resource."""
    with session.database.read() as tx:
        roles = [role for role in tx.users.roles() if role.name not in STOCK_ROLES]
    entries = [entry for role in roles for entry in _entries(role)]
    path = str(Path(args.file).expanduser())
    write_file(path, json.dumps(entries, indent=4 if args.pretty else None))
    session.say(f"{len(roles)} roles with {len(entries)} linked permissions successfully exported to {path}")
    return 0


def _entries(role: RoleRow) -> list[dict[str, str]]:
    by_resource: dict[str, list[str]] = {}
    for action, resource in sorted(role.grants):
        by_resource.setdefault(resource, []).append(action)
    return [
        {"name": role.name, "resource": resource, "action": ",".join(found)}
        for resource, found in (by_resource or {"": [""]}).items()
    ]


def load(args: Namespace, session: Session) -> int:
    """Reads such a file. Roles that are there already stay as they are."""
    entries = _read_list(args.file)
    wanted: dict[str, list[Grant]] = {}
    for number, entry in enumerate(entries):
        name, resource, action = (_field(args.file, number, entry, key) for key in ("name", "resource", "action"))
        grants = wanted.setdefault(name, [])
        grants += [(one, resource) for one in action.split(",")] if resource and action else []
    with session.database.begin() as tx:
        for name, grants in wanted.items():
            if tx.users.get_role(name) is None:
                actions.create_role(tx, name, grants)
    session.say("roles and permissions successfully imported")
    return 0


def export_users(args: Namespace, session: Session) -> int:
    """Writes all users, without passwords."""
    with session.database.read() as tx:
        users = tx.users.list()
    entries = [
        {
            "id": user.id,
            "username": user.username,
            "email": user.email,
            "firstname": user.first_name,
            "lastname": user.last_name,
            "roles": list(user.roles),
        }
        for user in users
    ]
    write_file(args.export, json.dumps(entries, sort_keys=True, indent=4))
    session.say(f"{len(users)} users successfully exported to {args.export}")
    return 0


def import_users(args: Namespace, session: Session) -> int:
    """Reads such a file, all or nothing: known addresses are brought up to date, others become users with a password
    that nobody knows."""
    path = getattr(args, "import")
    entries = _read_list(path)
    made, changed = [], []
    with session.database.begin() as tx:
        sync_roles(tx)
        for number, entry in enumerate(entries):
            username, email, first, last = (_field(path, number, entry, key) for key in _USER_FIELDS[:-1])
            values: dict[str, Any] = {"first_name": first, "last_name": last}
            values["roles"] = _roles(tx, path, number, entry)
            row = tx.users.by_email(email)
            if row is None:
                actions.create_user(tx, username=username, email=email, password=secrets.token_urlsafe(16), **values)
                made.append(email)
            elif row.username != username:
                raise CommandFailed(
                    f"Changing the username is not allowed - please delete and recreate the user with email {email!r}"
                )
            else:
                actions.change_user(tx, username, values)
                changed.append(email)
    for verb, emails in (("Created", made), ("Updated", changed)):
        if emails:
            session.say(f"{verb} the following users:\n\t" + "\n\t".join(emails))
    return 0


def _roles(tx: Transaction, path: str, number: int, entry: Mapping[str, Any]) -> list[str]:
    roles = entry.get("roles")
    if not isinstance(roles, list) or not all(isinstance(name, str) for name in roles):
        raise CommandFailed(f"{path}: [Item {number}] roles must be a list of names")
    for name in roles:
        check_role(tx, name)
    return roles


def _read_list(path: str) -> list[Mapping[str, Any]]:
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CommandFailed(f"File '{path}' does not exist") from None
    except OSError as problem:
        raise CommandFailed(f"File '{path}' cannot be read: {problem.strerror}") from None
    except ValueError as problem:
        raise CommandFailed(f"File '{path}' is not a valid JSON file. Error: {problem}") from None
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise CommandFailed(f"File '{path}' must hold a list of objects")
    return found


def _field(path: str, number: int, entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str):
        raise CommandFailed(f"{path}: [Item {number}] {key} is missing, or no text")
    return value
