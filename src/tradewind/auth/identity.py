"""Who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .permissions import Access, Grants, permits


class Means(StrEnum):
    """How somebody proved who they are."""

    NONE = "none"
    PASSWORD = "password"
    SESSION = "session"
    TOKEN = "token"
    CUSTOM = "custom"
    KERBEROS = "kerberos"


@dataclass(frozen=True, slots=True)
class Identity:
    """A user with the grants of all roles (of a token: as far as its scopes go)."""

    username: str
    user_id: int | None = None
    roles: tuple[str, ...] = ()
    grants: Grants = frozenset()
    means: Means = Means.NONE
    proof: str = ""
    """What the answer's WWW-Authenticate must say, so that the client knows whom it spoke to; empty: nothing."""

    @classmethod
    def anonymous(cls) -> Identity:
        """Nobody in particular, with no grants."""
        return cls("anonymous")

    def may(self, access: Access, dag_id: str | None = None) -> bool:
        """Whether an operation's need is granted."""
        return permits(self.grants, access, dag_id)
