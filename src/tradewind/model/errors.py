"""The error tree. A message says what was expected, what came, and what to do.

TradewindError
├── NotFound            no such DAG, run, task, variable … (API: 404)
├── AlreadyExists       the same id, date or name is taken (API: 409)
├── InvalidInput        a value that is not allowed (API: 400)
├── Forbidden           known, but not permitted (API: 403)
├── Conflict            the state of things does not allow it now (API: 409)
├── StaleAttempt        a message with a token that is no longer the owner's: fenced off
├── IllegalTransition   a state change that the transition table does not have
├── DatabaseRefused     the database holds a real Airflow's tables, or is of another version
├── DatabaseUnavailable the database cannot be reached now; the same call may work in a moment
└── ConfigError         an option with a value that cannot be used
"""

from __future__ import annotations


class TradewindError(Exception):
    """Root of all errors that tradewind raises on purpose."""


class NotFound(TradewindError):
    """The thing asked for does not exist."""


class AlreadyExists(TradewindError):
    """A thing with this identity exists already."""


class InvalidInput(TradewindError):
    """A value is not allowed; the message names value, place and what is allowed."""


class Forbidden(TradewindError):
    """The caller may not do this."""


class Conflict(TradewindError):
    """The present state does not allow this action."""


class StaleAttempt(TradewindError):
    """The attempt's token is not the current owner's; the message is refused and nothing changes."""


class IllegalTransition(TradewindError):
    """The transition table has no such change of state."""


class DatabaseRefused(TradewindError):
    """The database is not ours to touch, or not at a version this program knows."""


class DatabaseUnavailable(TradewindError):
    """The database cannot be reached now; nothing of the transaction was stored, unless it was lost in its commit."""


class TransactionRolledBack(DatabaseUnavailable):
    """The database undid the transaction for the sake of another one (a deadlock): nothing was stored for certain, and
    it may be done again at once."""


class ConfigError(TradewindError):
    """A configuration option cannot be used as it is."""
