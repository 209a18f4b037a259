"""Who is asking."""

from __future__ import annotations

from dataclasses import dataclass

from .permissions import Access, Grants, permits


@dataclass(frozen=True, slots=True)
class Identity:
    """A user with the grants of all roles."""

    username: str
    user_id: int | None = None
    roles: tuple[str, ...] = ()
    grants: Grants = frozenset()

    @classmethod
    def anonymous(cls) -> Identity:
        """Nobody in particular, with no grants."""
        return cls("anonymous")

    def may(self, access: Access, dag_id: str | None = None) -> bool:
        """Whether an operation's need is granted."""
        return permits(self.grants, access, dag_id)
