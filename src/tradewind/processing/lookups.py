"""Variables and connections for parses: answers to children's questions, and whether an answer would differ now."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from tradewind.actions.lookups import connection, looked_up, pool_slots, variable
from tradewind.execution.import_watch import digest
from tradewind.execution.recording import connection_digest, slots_digest
from tradewind.model.errors import TradewindError
from tradewind.wire.framing import send_frame
from tradewind.wire.messages import (
    GetConnection,
    GetPool,
    GetVariable,
    Message,
    Ok,
    ParseReport,
    PutVariable,
    Refused,
)

from .due import FileRecord

if TYPE_CHECKING:
    from tradewind.storage.database import Database, Transaction

log = structlog.get_logger(__name__)


def answer(db: Database, sock: socket.socket, question: Any) -> None:
    """Answer a question of top-level code over the child's socket."""
    try:
        reply = _reply(db, question)
    except TradewindError as error:
        reply = Refused(code="invalid", message=str(error))
    # The reply fits into the socket's buffer or the child is reading: it asks one thing at a time.
    sock.setblocking(True)
    try:
        send_frame(sock, reply)
    except OSError as error:
        log.info("parse.child_gone", error=str(error))  # its end of file follows, and is handled there
    finally:
        sock.setblocking(False)


def present_digests(db: Database, records: Iterable[FileRecord]) -> dict[tuple[str, str], str]:
    """(kind, name) → digest now, of everything that top-level code of the recorded files had read through us."""
    wanted = {(kind, name) for record in records for kind, name, _ in record.lookups}
    found = {(kind, name): digest(os.environ.get(name)) for kind, name in wanted if kind == "env"}  # noqa: TID251  what a file has read of it
    stored = sorted(wanted - found.keys())
    if stored:
        with db.read() as tx:
            for kind, name in stored:
                found[kind, name] = _digest_of(tx, kind, name)
    return found


def _digest_of(tx: Transaction, kind: str, name: str) -> str:
    match kind:
        case "variable":
            return digest(variable(tx, name))
        case "pool":
            return slots_digest(pool_slots(tx, name))
        case _:
            return connection_digest(connection(tx, name))


def with_own_environment(report: ParseReport) -> ParseReport:
    """The report with digests of environment variables as this process has them: what counts is whether they change,
    and the template may have been started by somebody with others."""
    environ = os.environ  # noqa: TID251  what a file has read of it
    lookups = tuple(
        (kind, name, digest(environ.get(name)) if kind == "env" else value) for kind, name, value in report.lookups
    )
    return report if lookups == report.lookups else msgspec.structs.replace(report, lookups=lookups)


def _reply(db: Database, question: Any) -> Message:
    match question:
        case GetVariable() | GetConnection() | GetPool():
            return looked_up(db, question)
        case PutVariable():
            with db.begin() as tx:
                tx.vault.put_variable(question.key, question.value, question.description)
            return Ok()
        case _:
            return Refused(code="forbidden", message=f"a DAG file at import may not ask {type(question).__name__}")
