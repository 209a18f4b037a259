"""Users, roles, permissions (pairs of action and resource, in FAB's tables) and personal access tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update

from tradewind.model.errors import AlreadyExists, NotFound

from .columns import UtcTime
from .rows import TokenRow, UserRow
from .statements import Prepared, insert_for
from .tables_access import (
    AB_PERMISSION,
    AB_PERMISSION_VIEW,
    AB_PERMISSION_VIEW_ROLE,
    AB_ROLE,
    AB_USER,
    AB_USER_ROLE,
    AB_VIEW_MENU,
    ACCESS_TOKEN,
)
from .transaction import Work

Grant = tuple[str, str]
"""(action, resource), e.g. ("can_read", "DAGs")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRow:
    """A role with what it grants."""

    id: int
    name: str
    grants: frozenset[Grant] = frozenset()


_U = AB_USER.c
_FIELDS = tuple(name for name in UserRow.__dataclass_fields__ if name != "roles")
_USERS = select(*(_U[name] for name in _FIELDS))
_BY_NAME = Prepared(_USERS.where(func.lower(_U.username) == func.lower(bindparam("username"))), UserRow)
_BY_EMAIL = Prepared(_USERS.where(func.lower(_U.email) == func.lower(bindparam("email"))), UserRow)
_BY_ID = Prepared(_USERS.where(_U.id == bindparam("id")), UserRow)
_ALL = Prepared(_USERS.order_by(_U.id), UserRow)
_ROLES_OF = Prepared(
    select(AB_ROLE.c.name)
    .join(AB_USER_ROLE, AB_USER_ROLE.c.role_id == AB_ROLE.c.id)
    .where(AB_USER_ROLE.c.user_id == bindparam("user_id"))
    .order_by(AB_ROLE.c.id)
)
_ALL_ROLES_OF = Prepared(
    select(AB_USER_ROLE.c.user_id, AB_ROLE.c.name)
    .join(AB_USER_ROLE, AB_USER_ROLE.c.role_id == AB_ROLE.c.id)
    .order_by(AB_ROLE.c.id)
)
_STORED = tuple(name for name in _FIELDS if name != "id")
_ADD = Prepared(lambda dialect: insert_for(dialect, AB_USER).on_conflict_do_nothing().returning(_U.id), keys=_STORED)
_SET = Prepared(
    update(AB_USER)
    .where(_U.id == bindparam("k_id"))
    .values({name: bindparam(f"v_{name}", type_=_U[name].type) for name in _STORED})
)
_DELETE = Prepared(delete(AB_USER).where(_U.id == bindparam("id")))
_DROP_ROLES = Prepared(delete(AB_USER_ROLE).where(AB_USER_ROLE.c.user_id == bindparam("user_id")))
_ADD_ROLE_OF = Prepared(
    lambda dialect: insert_for(dialect, AB_USER_ROLE).on_conflict_do_nothing(), keys=("user_id", "role_id")
)
_LOGIN_RIGHT = Prepared(
    update(AB_USER)
    .where(_U.id == bindparam("k_id"))
    .values(
        login_count=func.coalesce(_U.login_count, 0) + 1,
        fail_login_count=0,
        last_login=bindparam("v_at", type_=UtcTime()),
    )
)
_LOGIN_WRONG = Prepared(
    update(AB_USER).where(_U.id == bindparam("k_id")).values(fail_login_count=func.coalesce(_U.fail_login_count, 0) + 1)
)

_R = AB_ROLE.c
_ROLE = Prepared(select(_R.id, _R.name).where(_R.name == bindparam("name")), RoleRow)
_ALL_ROLES = Prepared(select(_R.id, _R.name).order_by(_R.id), RoleRow)
_PV = AB_PERMISSION_VIEW.c
_PVR = AB_PERMISSION_VIEW_ROLE.c
_PAIRS = (
    AB_PERMISSION_VIEW_ROLE.join(AB_PERMISSION_VIEW, _PV.id == _PVR.permission_view_id)
    .join(AB_PERMISSION, AB_PERMISSION.c.id == _PV.permission_id)
    .join(AB_VIEW_MENU, AB_VIEW_MENU.c.id == _PV.view_menu_id)
)
_NAMES = (AB_PERMISSION.c.name.label("action"), AB_VIEW_MENU.c.name.label("resource"))
_GRANTS = Prepared(select(*_NAMES).select_from(_PAIRS).where(_PVR.role_id == bindparam("role_id")))
_ALL_GRANTS = Prepared(select(_PVR.role_id, *_NAMES).select_from(_PAIRS))
_GRANTS_OF_USER = Prepared(
    select(*_NAMES)
    .select_from(_PAIRS.join(AB_USER_ROLE, AB_USER_ROLE.c.role_id == _PVR.role_id))
    .where(AB_USER_ROLE.c.user_id == bindparam("user_id"))
    .distinct()
)
_ADD_ROLE = Prepared(
    lambda dialect: insert_for(dialect, AB_ROLE).on_conflict_do_nothing().returning(_R.id), keys=("name",)
)
_RENAME_ROLE = Prepared(update(AB_ROLE).where(_R.name == bindparam("k_name")).values(name=bindparam("v_name")))
_DELETE_ROLE = Prepared(delete(AB_ROLE).where(_R.name == bindparam("name")))
_ADD_ACTION = Prepared(lambda dialect: insert_for(dialect, AB_PERMISSION).on_conflict_do_nothing(), keys=("name",))
_ADD_RESOURCE = Prepared(lambda dialect: insert_for(dialect, AB_VIEW_MENU).on_conflict_do_nothing(), keys=("name",))
_ACTIONS = Prepared(select(AB_PERMISSION.c.name, AB_PERMISSION.c.id).order_by(AB_PERMISSION.c.id))
_RESOURCES = Prepared(select(AB_VIEW_MENU.c.name, AB_VIEW_MENU.c.id).order_by(AB_VIEW_MENU.c.id))
_PERMISSION_VIEWS = Prepared(select(_PV.permission_id, _PV.view_menu_id, _PV.id))
_ADD_PAIR = Prepared(
    lambda dialect: insert_for(dialect, AB_PERMISSION_VIEW).on_conflict_do_nothing(),
    keys=("permission_id", "view_menu_id"),
)
_ADD_GRANT = Prepared(
    lambda dialect: insert_for(dialect, AB_PERMISSION_VIEW_ROLE).on_conflict_do_nothing(),
    keys=("permission_view_id", "role_id"),
)
_DROP_GRANT = Prepared(
    delete(AB_PERMISSION_VIEW_ROLE).where(
        _PVR.role_id == bindparam("role_id"), _PVR.permission_view_id == bindparam("permission_view_id")
    )
)

_K = ACCESS_TOKEN.c
_TOKENS = select(*(_K[name] for name in TokenRow.__dataclass_fields__))
_TOKEN = Prepared(_TOKENS.where(_K.digest == bindparam("digest")), TokenRow)
_TOKENS_OF = Prepared(_TOKENS.where(_K.user_id == bindparam("user_id")).order_by(_K.id), TokenRow)
_ADD_TOKEN = Prepared(
    lambda dialect: insert_for(dialect, ACCESS_TOKEN).returning(_K.id),
    keys=("user_id", "name", "digest", "scopes", "created_at", "expires_at"),
)
_USE_TOKEN = Prepared(
    update(ACCESS_TOKEN).where(_K.id == bindparam("k_id")).values(last_used_at=bindparam("v_at", type_=UtcTime()))
)
_DELETE_TOKEN = Prepared(delete(ACCESS_TOKEN).where(_K.id == bindparam("id")))


class UserStore:
    """Users and what they may do."""

    def __init__(self, work: Work) -> None:
        self._work = work

    # Users ----------------------------------------------------------------------------------------------------------

    def get(self, username: str) -> UserRow | None:
        """A user by name, whatever its case."""
        return self._with_roles(self._work.one(_BY_NAME, username=username))

    def by_email(self, email: str) -> UserRow | None:
        """A user by e-mail address, whatever its case."""
        return self._with_roles(self._work.one(_BY_EMAIL, email=email))

    def by_id(self, user_id: int) -> UserRow | None:
        """A user by row id."""
        return self._with_roles(self._work.one(_BY_ID, id=user_id))

    def list(self) -> Sequence[UserRow]:
        """All users, in the order in which they were made."""
        roles: dict[int, list[str]] = {}
        for user_id, name in self._work.all(_ALL_ROLES_OF):
            roles.setdefault(user_id, []).append(name)
        return [replace(user, roles=tuple(roles.get(user.id, ()))) for user in self._work.all(_ALL)]

    def create(
        self,
        *,
        username: str,
        email: str,
        first_name: str = "",
        last_name: str = "",
        password: str | None = None,
        roles: Sequence[str] = (),
        active: bool = True,
    ) -> UserRow:
        """Make a user; ``password`` is a hash. Raises AlreadyExists (name or e-mail), NotFound for a role."""
        work = self._work
        user_id = work.scalar(
            _ADD,
            username=username,
            email=email,
            first_name=first_name,
            last_name=last_name,
            password=password,
            active=active,
            last_login=None,
            login_count=None,
            fail_login_count=None,
            created_on=work.now,
            changed_on=work.now,
        )
        if user_id is None:
            raise AlreadyExists(f"a user named '{username}' or with e-mail address '{email}' exists already")
        self.set_roles(user_id, roles)
        made = self.by_id(user_id)
        assert made is not None
        return made

    def update(self, user: UserRow) -> UserRow:
        """Set all columns and the roles of the user with this id. Raises NotFound, AlreadyExists."""
        other = self._work.one(_BY_NAME, username=user.username) or user
        same_email = self._work.one(_BY_EMAIL, email=user.email) or user
        if other.id != user.id or same_email.id != user.id:
            raise AlreadyExists(f"a user named '{user.username}' or with e-mail address '{user.email}' exists already")
        params: dict[str, Any] = {f"v_{name}": getattr(user, name) for name in _STORED}
        params["v_changed_on"] = self._work.now
        if not self._work.run(_SET, k_id=user.id, **params):
            raise NotFound(f"there is no user '{user.username}'")
        self.set_roles(user.id, user.roles)
        return replace(user, changed_on=self._work.now)

    def delete(self, username: str) -> bool:
        """Delete a user with roles and tokens; whether there was one."""
        found = self._work.one(_BY_NAME, username=username)
        return found is not None and bool(self._work.run(_DELETE, id=found.id))

    def set_roles(self, user_id: int, roles: Sequence[str]) -> None:
        """The user has these roles and no others. Raises NotFound for a role that does not exist."""
        ids = {role.name: role.id for role in self._work.all(_ALL_ROLES)}
        missing = [name for name in roles if name not in ids]
        if missing:
            raise NotFound(f"there is no role {', '.join(repr(name) for name in missing)}; roles: {', '.join(ids)}")
        self._work.run(_DROP_ROLES, user_id=user_id)
        for name in dict.fromkeys(roles):
            self._work.run(_ADD_ROLE_OF, user_id=user_id, role_id=ids[name])

    def count_login(self, user_id: int, *, is_right: bool) -> None:
        """A login was tried."""
        if is_right:
            self._work.run(_LOGIN_RIGHT, k_id=user_id, v_at=self._work.now)
        else:
            self._work.run(_LOGIN_WRONG, k_id=user_id)

    def permissions_of(self, user_id: int) -> frozenset[Grant]:
        """All that the user's roles grant."""
        return frozenset((action, resource) for action, resource in self._work.all(_GRANTS_OF_USER, user_id=user_id))

    def _with_roles(self, user: UserRow | None) -> UserRow | None:
        if user is None:
            return None
        roles = tuple(name for (name,) in self._work.all(_ROLES_OF, user_id=user.id))
        return replace(user, roles=roles)

    # Roles ----------------------------------------------------------------------------------------------------------

    def roles(self) -> Sequence[RoleRow]:
        """All roles with their grants, in the order in which they were made."""
        grants: dict[int, set[Grant]] = {}
        for role_id, action, resource in self._work.all(_ALL_GRANTS):
            grants.setdefault(role_id, set()).add((action, resource))
        return [replace(role, grants=frozenset(grants.get(role.id, ()))) for role in self._work.all(_ALL_ROLES)]

    def get_role(self, name: str) -> RoleRow | None:
        """A role with its grants."""
        role = self._work.one(_ROLE, name=name)
        if role is None:
            return None
        grants = self._work.all(_GRANTS, role_id=role.id)
        return replace(role, grants=frozenset((action, resource) for action, resource in grants))

    def create_role(self, name: str, grants: Iterable[Grant] = ()) -> RoleRow:
        """Make a role. Raises AlreadyExists."""
        if self._work.scalar(_ADD_ROLE, name=name) is None:
            raise AlreadyExists(f"Role with name '{name}' already exists; please update with the PATCH endpoint")
        self.grant(name, grants)
        made = self.get_role(name)
        assert made is not None
        return made

    def rename_role(self, name: str, new_name: str) -> bool:
        """Give a role another name; whether it exists. Raises AlreadyExists."""
        if name != new_name and self._work.one(_ROLE, name=new_name) is not None:
            raise AlreadyExists(f"a role named '{new_name}' exists already")
        return bool(self._work.run(_RENAME_ROLE, k_name=name, v_name=new_name))

    def delete_role(self, name: str) -> bool:
        """Delete a role; whether there was one."""
        return bool(self._work.run(_DELETE_ROLE, name=name))

    def grant(self, name: str, grants: Iterable[Grant]) -> None:
        """Give a role permissions that it may have already; actions and resources are made when they are new. Raises
        NotFound for the role."""
        wanted = list(dict.fromkeys(grants))
        role = self._work.one(_ROLE, name=name)
        if role is None:
            raise NotFound(f"there is no role '{name}'")
        if wanted:
            rows = [{"permission_view_id": pair_id, "role_id": role.id} for pair_id in self._ensure_pairs(wanted)]
            self._work.many(_ADD_GRANT, rows)

    def revoke(self, name: str, grants: Iterable[Grant]) -> None:
        """Take permissions from a role. Raises NotFound for the role."""
        role = self._work.one(_ROLE, name=name)
        if role is None:
            raise NotFound(f"there is no role '{name}'")
        for pair_id in self._ensure_pairs(list(grants)):
            self._work.run(_DROP_GRANT, role_id=role.id, permission_view_id=pair_id)

    def actions(self) -> dict[str, int]:
        """All actions by name, with their row ids."""
        return dict(self._work.all(_ACTIONS))

    def resources(self) -> dict[str, int]:
        """All resources by name, with their row ids."""
        return dict(self._work.all(_RESOURCES))

    def _ensure_pairs(self, grants: Sequence[Grant]) -> Sequence[int]:
        work = self._work
        for statement, names, known in (
            (_ADD_ACTION, {action for action, _ in grants}, self.actions()),
            (_ADD_RESOURCE, {resource for _, resource in grants}, self.resources()),
        ):
            if names - known.keys():
                work.many(statement, [{"name": name} for name in sorted(names - known.keys())])
        actions, resources = self.actions(), self.resources()
        wanted = [(actions[action], resources[resource]) for action, resource in grants]
        known_pairs = self._pairs()
        if missing := [pair for pair in wanted if pair not in known_pairs]:
            work.many(_ADD_PAIR, [{"permission_id": action, "view_menu_id": resource} for action, resource in missing])
            known_pairs = self._pairs()
        return [known_pairs[pair] for pair in wanted]

    def _pairs(self) -> dict[tuple[int, int], int]:
        return {(action, resource): pair_id for action, resource, pair_id in self._work.all(_PERMISSION_VIEWS)}

    # Personal access tokens -----------------------------------------------------------------------------------------

    def token(self, digest: str) -> TokenRow | None:
        """A personal access token by the digest of its secret."""
        return self._work.one(_TOKEN, digest=digest)

    def tokens(self, user_id: int) -> Sequence[TokenRow]:
        """A user's tokens."""
        return self._work.all(_TOKENS_OF, user_id=user_id)

    def add_token(
        self, user_id: int, name: str, digest: str, *, scopes: Any = None, expires_at: datetime | None = None
    ) -> int:
        """Keep a new token's digest: its row id."""
        token_id: int = self._work.scalar(
            _ADD_TOKEN,
            user_id=user_id,
            name=name,
            digest=digest,
            scopes=scopes,
            created_at=self._work.now,
            expires_at=expires_at,
        )
        return token_id

    def use_token(self, token_id: int) -> None:
        """The token was used now."""
        self._work.run(_USE_TOKEN, k_id=token_id, v_at=self._work.now)

    def delete_token(self, token_id: int) -> bool:
        """Revoke a token; whether there was one."""
        return bool(self._work.run(_DELETE_TOKEN, id=token_id))
