"""People whom somebody else vouches for (an OpenID provider, a directory): which roles they get, and their rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import structlog

from tradewind.model.errors import ConfigError, TradewindError

from .roles import PUBLIC

if TYPE_CHECKING:
    from tradewind.config.settings import Settings
    from tradewind.storage.database import Transaction
    from tradewind.storage.rows import UserRow

_log = structlog.get_logger(__name__)


class Unreachable(TradewindError):
    """Whoever vouches for users cannot be asked at the moment. Try again."""

    def __init__(self, who: str) -> None:
        super().__init__(f"The {who} that vouches for users cannot be reached at the moment. Try again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A person as the other side describes them."""

    username: str
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """The rules. Groups are compared without case."""

    roles_mapping: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    default_role: str = PUBLIC
    registers: bool = True
    syncs_roles: bool = True
    adopts_local_users: bool = False

    @classmethod
    def from_settings(cls, settings: Settings, section: str) -> Admission:
        """From a section of the configuration. Raises ConfigError."""
        return cls(
            roles_mapping=parse_mapping(settings.text(section, "roles_mapping", "{}"), section),
            default_role=settings.text(section, "user_registration_role", PUBLIC),
            registers=settings.boolean(section, "user_registration", True),
            syncs_roles=settings.boolean(section, "roles_sync_at_login", True),
            adopts_local_users=settings.boolean(section, "adopts_local_users"),
        )

    def roles_of(self, groups: Iterable[str]) -> tuple[str, ...]:
        """The roles that groups mean, in the order of the mapping; the default one when there is none."""
        had = {group.casefold() for group in groups}
        found = [role for group, roles in self.roles_mapping.items() if group.casefold() in had for role in roles]
        return tuple(dict.fromkeys(found)) or ((self.default_role,) if self.default_role else ())


def parse_mapping(text: str, section: str) -> dict[str, tuple[str, ...]]:
    """The mapping that is configured as JSON; a single role may stand without a list. Raises ConfigError."""
    expected = f'[{section}] roles_mapping must be a JSON object such as {{"group": ["Op"]}}'
    try:
        read = json.loads(text or "{}")
    except ValueError:
        raise ConfigError(expected) from None
    if not isinstance(read, dict):
        raise ConfigError(expected)
    found = {group: [roles] if isinstance(roles, str) else roles for group, roles in read.items()}
    if not all(isinstance(roles, list) and all(isinstance(role, str) for role in roles) for roles in found.values()):
        raise ConfigError(expected)
    return {group: tuple(roles) for group, roles in found.items()}


def admit(tx: Transaction, profile: Profile, rules: Admission) -> UserRow | None:
    """The row of a person, made or brought up to date; None for somebody who may not come in."""
    row = tx.users.get(profile.username)
    if row is None:
        if rules.registers:
            return _register(tx, profile, rules)
        _note_refusal(profile, "no such user")
        return None
    if not row.active:
        _note_refusal(profile, "deactivated")
        return None
    if row.password and not rules.adopts_local_users:
        # Else whoever may choose a name at the other side would become our admin.
        _note_refusal(profile, "the name is that of a user with a password of ours")
        return None
    changed = replace(
        row,
        email=_free_email(tx, profile, row) if profile.email else row.email,
        first_name=profile.first_name or row.first_name,
        last_name=profile.last_name or row.last_name,
        roles=_known(tx, rules.roles_of(profile.groups)) if rules.syncs_roles else row.roles,
    )
    is_same = replace(changed, roles=()) == replace(row, roles=()) and set(changed.roles) == set(row.roles)
    return row if is_same else tx.users.update(changed)


def _register(tx: Transaction, profile: Profile, rules: Admission) -> UserRow:
    return tx.users.create(
        username=profile.username,
        email=_free_email(tx, profile, None),
        first_name=profile.first_name,
        last_name=profile.last_name,
        roles=_known(tx, rules.roles_of(profile.groups)),
    )


def _note_refusal(profile: Profile, reason: str) -> None:
    _log.warning("sign_in.refused", username=profile.username, reason=reason)


def _free_email(tx: Transaction, profile: Profile, row: UserRow | None) -> str:
    """Addresses are unique among users; a taken or missing one is replaced by one that leads nowhere."""
    owner = tx.users.by_email(profile.email) if profile.email else None
    if profile.email and (owner is None or (row is not None and owner.id == row.id)):
        return profile.email
    return f"{profile.username}@email.notfound"


def _known(tx: Transaction, roles: Iterable[str]) -> tuple[str, ...]:
    found = []
    for role in roles:
        if tx.users.get_role(role) is None:
            _log.warning("sign_in.unknown_role", role=role)
        else:
            found.append(role)
    return tuple(found)
