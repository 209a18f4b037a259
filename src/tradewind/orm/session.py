"""Sessions over the installation's database for user code: they read, and what they write becomes a request.

The connection cannot write. What a session adds, changes or deletes is gathered, and at its commit sent to the
scheduler (see tradewind.actions.row_changes): there it becomes the action of the same meaning, or is refused with a
sentence. A rollback forgets it.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec, TypeVar, cast

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.orm import ORMExecuteState, scoped_session, sessionmaker
from sqlalchemy.orm import Session as PlainSession
from sqlalchemy.pool import NullPool

from tradewind.sdk import process_settings
from tradewind.sdk.runtime import current
from tradewind.sdk.settings_reader import conf
from tradewind.wire.messages import RowChange

from .changes import Gathered, bulk_delete, bulk_update, gather, settle

P = ParamSpec("P")
R = TypeVar("R")

NEW_SESSION: Any = None
"""Default of a parameter that :func:`provide_session` fills."""
CHUNK = 500
"""Rows that one request changes: its transaction stays short."""


class Session(PlainSession):
    """A session that sends what it would write."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.gathered: list[RowChange] = []

    def flush(self, objects: Any = None) -> None:
        """Gather what was added, changed and deleted; nothing is sent before the commit."""
        found: Gathered = gather(self)
        self.gathered += found.changes
        for instance in (*found.new, *found.deleted):
            self.expunge(instance)
        for instance in found.changed:
            settle(self, instance)

    def commit(self) -> None:
        """Send what was gathered. Raises what a refusal means; then nothing of that request was done."""
        self.flush()
        changes, self.gathered = self.gathered, []
        for start in range(0, len(changes), CHUNK):
            current().change_rows(changes[start : start + CHUNK])
        super().commit()

    def rollback(self) -> None:
        """Forget what was gathered."""
        self.gathered = []
        super().rollback()

    def add(self, instance: Any, _warn: bool = True) -> None:
        """Add an object; one of a light class (Variable, Connection) is added as its row."""
        super().add(_as_row(instance), _warn)

    def delete(self, instance: Any) -> None:
        """Delete an object's row."""
        super().delete(_as_row(instance))


def _as_row(instance: Any) -> Any:
    from .models import row_of  # the models need this module first

    return row_of(instance)


def _on_execute(state: ORMExecuteState) -> Any:
    """``query.delete()`` and ``query.update()``, and statements of the same meaning."""
    if state.is_delete:
        return bulk_delete(cast(Session, state.session), state)
    if state.is_update:
        return bulk_update(cast(Session, state.session), state)
    return None


def _on_connect(connection: Any, record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only = ON")
    cursor.execute("PRAGMA busy_timeout = 5000")
    cursor.close()


def _on_error(context: ExceptionContext) -> None:
    text = str(context.original_exception).lower()
    if "readonly database" in text or "read-only transaction" in text:
        raise PermissionError(
            "tradewind's tables are only read by SQL; change rows through the ORM classes "
            "(session.add, session.delete, query.update, query.delete), or use the REST API"
        ) from context.original_exception


@functools.cache
def engine() -> Engine:
    """The engine of the database that this process was told of, else of the home's own. It connects when it is used."""
    url = (
        conf.get("database", "sql_alchemy_conn", fallback=None)
        or f"sqlite:///{process_settings.AIRFLOW_HOME}/tradewind.db"
    )
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        # mode=rw: a database that is not there is an error, not an empty one.
        made = create_engine(f"sqlite:///file:{parsed.database}?mode=rw&uri=true", poolclass=NullPool)
        event.listen(made, "connect", _on_connect)
    else:
        made = create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            poolclass=NullPool,
            connect_args={"options": "-c default_transaction_read_only=on"},
        )
    event.listen(made, "handle_error", _on_error)
    return made


def __getattr__(name: str) -> Any:
    if name == "ENGINE":
        return engine()
    raise AttributeError(name)


class _LateSessions(sessionmaker[Session]):
    """Finds the engine when the first session is made, not when this module is imported."""

    def __call__(self, **kwargs: Any) -> Session:
        kwargs.setdefault("bind", engine())
        return super().__call__(**kwargs)


_make = _LateSessions(class_=Session, autoflush=False, expire_on_commit=False)
event.listen(_make, "do_orm_execute", _on_execute)
scoped = scoped_session(_make)
"""``airflow.settings.Session``: one session per thread."""


@contextlib.contextmanager
def create_session(scoped: bool = True) -> Iterator[PlainSession]:
    """A session for a block: committed at its end, rolled back by an exception, closed in any case."""
    session = _make()
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()


def provide_session(function: Callable[P, R]) -> Callable[P, R]:
    """Decorator: the parameter ``session`` gets a session when the caller gives none."""
    names = list(inspect.signature(function).parameters)
    if "session" not in names:
        raise ValueError(f"Function {function.__qualname__} has no `session` argument")
    position = names.index("session")

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        if kwargs.get("session") is not None or (len(args) > position and args[position] is not None):
            return function(*args, **kwargs)
        with create_session() as session:
            given: dict[str, Any] = {**kwargs, "session": session}
            return function(*args[:position], **given)  # type: ignore[arg-type]

    return wrapper
