"""DAG files: import errors, source texts, warnings, and what processing keeps of each file between starts."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update

from tradewind.model.changes import Event

from .rows import FileState, ImportErrorRow
from .statements import Prepared, insert_for, many, one_of
from .tables_dags import (
    DAG,
    DAG_CODE,
    DAG_CODE_HISTORY,
    DAG_PRIORITY_PARSING_REQUEST,
    DAG_VERSION,
    DAG_WARNING,
    IMPORT_ERROR,
    PARSED_FILE,
)
from .tables_runs import DAG_RUN
from .transaction import Work

_E = IMPORT_ERROR.c
_ERRORS = select(_E.id, _E.timestamp, _E.filename, _E.stacktrace)
_ALL_ERRORS = Prepared(_ERRORS.order_by(_E.id), ImportErrorRow)
_ONE_ERROR = Prepared(_ERRORS.where(_E.id == bindparam("id")), ImportErrorRow)
_ERROR_OF = Prepared(_ERRORS.where(_E.filename == bindparam("filename")), ImportErrorRow)
_PUT_ERROR = Prepared(
    lambda dialect: (insert := insert_for(dialect, IMPORT_ERROR)).on_conflict_do_update(
        index_elements=["filename"],
        set_={"timestamp": insert.excluded.timestamp, "stacktrace": insert.excluded.stacktrace},
    ),
    keys=("timestamp", "filename", "stacktrace"),
)
_CLEAR_ERRORS = Prepared(delete(IMPORT_ERROR).where(_E.filename == bindparam("filename")))
_MARK = Prepared(
    update(DAG)
    .where(DAG.c.fileloc == bindparam("fileloc"), DAG.c.has_import_errors != bindparam("v_flag"))
    .values(has_import_errors=bindparam("v_flag"))
)
KEPT_SOURCES = 50
"""Texts of a file that are kept; the oldest goes when one more is found."""

_SOURCE = Prepared(select(DAG_CODE.c.source_code).where(DAG_CODE.c.fileloc_hash == bindparam("k_file")))
_CODE = ("fileloc_hash", "fileloc", "last_updated", "source_code")
_PUT_CODE = Prepared(
    lambda dialect: (insert := insert_for(dialect, DAG_CODE)).on_conflict_do_update(
        index_elements=["fileloc_hash"], set_={name: insert.excluded[name] for name in _CODE[1:]}
    ),
    keys=_CODE,
)
_H = DAG_CODE_HISTORY.c
_OF_FILE = _H.fileloc_hash == bindparam("k_file")
_ADD_TEXT = Prepared(
    lambda dialect: (insert := insert_for(dialect, DAG_CODE_HISTORY)).on_conflict_do_update(
        index_elements=["fileloc_hash", "since"], set_={"source_code": insert.excluded.source_code}
    ),
    keys=("fileloc_hash", "since", "source_code"),
)
_NEWEST_TEXTS = select(_H.since).where(_OF_FILE).order_by(_H.since.desc()).limit(KEPT_SOURCES)
_DROP_TEXTS = Prepared(delete(DAG_CODE_HISTORY).where(_OF_FILE, _H.since.not_in(_NEWEST_TEXTS.scalar_subquery())))
_NEWEST_TEXT = select(_H.source_code).where(_OF_FILE).order_by(_H.since.desc()).limit(1)
_VERSION_MADE = select(DAG_VERSION.c.created_at).where(DAG_VERSION.c.id == bindparam("k_version"))
_TEXT_OF_VERSION = Prepared(_NEWEST_TEXT.where(_H.since <= _VERSION_MADE.scalar_subquery()))
_R = DAG_RUN.c
_RUN_BEGAN = select(func.coalesce(_R.start_date, _R.queued_at)).where(
    _R.dag_id == bindparam("k_dag_id"), _R.run_id == bindparam("k_run_id")
)
_TEXT_OF_RUN = Prepared(_NEWEST_TEXT.where(_H.since <= _RUN_BEGAN.scalar_subquery()))
_F = PARSED_FILE.c
_STATES = Prepared(select(_F.path, _F.digest, _F.state, _F.parsed_at).order_by(_F.path), FileState)
_PUT_STATE = Prepared(
    lambda dialect: (insert := insert_for(dialect, PARSED_FILE)).on_conflict_do_update(
        index_elements=["path"],
        set_={name: insert.excluded[name] for name in ("digest", "state", "parsed_at")},
    ),
    keys=("path", "digest", "state", "parsed_at"),
)
_DROP_STATES = Prepared(lambda dialect: delete(PARSED_FILE).where(one_of(_F.path, "paths", dialect)))
_W = DAG_WARNING.c
_CLEAR_WARNINGS = Prepared(
    delete(DAG_WARNING).where(_W.dag_id == bindparam("k_dag_id"), _W.warning_type == bindparam("k_type"))
)
_WARNING = Prepared(
    select(_W.message).where(_W.dag_id == bindparam("k_dag_id"), _W.warning_type == bindparam("k_type"))
)
_WARNED = Prepared(select(_W.dag_id).where(_W.warning_type == bindparam("k_type")))
_ADD_WARNING = Prepared(
    lambda dialect: (insert := insert_for(dialect, DAG_WARNING)).on_conflict_do_update(
        index_elements=["dag_id", "warning_type"],
        set_={"message": insert.excluded.message, "timestamp": insert.excluded.timestamp},
    ),
    keys=("dag_id", "warning_type", "message", "timestamp"),
)

_REQUEST = DAG_PRIORITY_PARSING_REQUEST.c
_REQUESTS = Prepared(select(_REQUEST.fileloc).order_by(_REQUEST.fileloc))
_ADD_REQUEST = Prepared(
    lambda dialect: insert_for(dialect, DAG_PRIORITY_PARSING_REQUEST).on_conflict_do_nothing(),
    keys=("id", "fileloc"),
)
_TAKE_REQUESTS = Prepared(delete(DAG_PRIORITY_PARSING_REQUEST).returning(_REQUEST.fileloc))


def fileloc_hash(fileloc: str) -> int:
    """A stable number below 2**56 for a path, as the key of dag_code."""
    return int.from_bytes(hashlib.sha1(fileloc.encode(), usedforsecurity=False).digest()[:7], "big")


class DagFileStore:
    """What is known of DAG files."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def set_import_error(self, filename: str, text: str) -> None:
        """The file could not be imported; its DAGs are marked. Emits ``import_error.set``."""
        self._work.run(_PUT_ERROR, timestamp=self._work.now, filename=filename, stacktrace=text)
        self._work.run(_MARK, fileloc=filename, v_flag=True)
        self._work.emit(Event(kind="import_error.set", payload={"filename": filename}))

    def clear_import_errors(self, filename: str) -> bool:
        """The file is fine, or gone; whether there was an error. Emits ``import_error.cleared`` then."""
        if not self._work.run(_CLEAR_ERRORS, filename=filename):
            return False
        self._work.run(_MARK, fileloc=filename, v_flag=False)
        self._work.emit(Event(kind="import_error.cleared", payload={"filename": filename}))
        return True

    def import_errors(self) -> list[ImportErrorRow]:
        """All import errors, oldest first."""
        return self._work.all(_ALL_ERRORS)

    def get_import_error(self, error_id: int) -> ImportErrorRow | None:
        """One import error."""
        return self._work.one(_ONE_ERROR, id=error_id)

    def import_error_of(self, filename: str) -> ImportErrorRow | None:
        """The import error of a file."""
        return self._work.one(_ERROR_OF, filename=filename)

    def source(self, fileloc: str) -> str | None:
        """The text of a DAG file as last parsed."""
        text: str | None = self._work.scalar(_SOURCE, k_file=fileloc_hash(fileloc))
        return text

    def source_of_version(self, fileloc: str, version_id: int) -> str | None:
        """The text that a DAG file had when a version was made; None when that is not kept (any more)."""
        text: str | None = self._work.scalar(_TEXT_OF_VERSION, k_file=fileloc_hash(fileloc), k_version=version_id)
        return text

    def source_of_run(self, fileloc: str, dag_id: str, run_id: str) -> str | None:
        """The text that a DAG file had when a run began; None when that is not kept (any more)."""
        key = fileloc_hash(fileloc)
        text: str | None = self._work.scalar(_TEXT_OF_RUN, k_file=key, k_dag_id=dag_id, k_run_id=run_id)
        return text

    def put_source(self, fileloc: str, source: str) -> None:
        """Keep a file's text, for the code view, and the texts it had before, up to ``KEPT_SOURCES``."""
        if self.source(fileloc) == source:
            return
        work, key = self._work, fileloc_hash(fileloc)
        work.run(_PUT_CODE, fileloc_hash=key, fileloc=fileloc, last_updated=work.now, source_code=source)
        work.run(_ADD_TEXT, fileloc_hash=key, since=work.now, source_code=source)
        work.run(_DROP_TEXTS, k_file=key)

    def file_states(self) -> dict[str, FileState]:
        """What processing kept of each file, by path."""
        return {row.path: row for row in self._work.all(_STATES)}

    def set_file_state(self, path: str, digest: str, state: Any = None) -> None:
        """Keep the digest of what a parse depended on, and any JSON-able state with it."""
        self._work.run(_PUT_STATE, path=path, digest=digest, state=state, parsed_at=self._work.now)

    def delete_file_states(self, paths: Collection[str]) -> int:
        """Forget files; how many were known."""
        return self._work.run(_DROP_STATES, paths=many(paths, self._work.dialect))

    def request_parse(self, fileloc: str) -> None:
        """Have a file parsed soon, changed or not. Emits ``dag_file.requested``."""
        key = hashlib.md5(fileloc.encode(), usedforsecurity=False).hexdigest()
        self._work.run(_ADD_REQUEST, id=key, fileloc=fileloc)
        self._work.emit(Event(kind="dag_file.requested", payload={"fileloc": fileloc}))

    def parsing_requests(self) -> list[str]:
        """Files that are to be parsed soon."""
        return [fileloc for (fileloc,) in self._work.all(_REQUESTS)]

    def take_parsing_requests(self) -> list[str]:
        """The same, and they are no longer asked for."""
        return [fileloc for (fileloc,) in self._work.all(_TAKE_REQUESTS)]

    def warning(self, dag_id: str, warning_type: str) -> str | None:
        """A DAG's warning of a type."""
        message: str | None = self._work.scalar(_WARNING, k_dag_id=dag_id, k_type=warning_type)
        return message

    def warned_of(self, warning_type: str) -> list[str]:
        """Ids of the DAGs that have a warning of a type."""
        return [dag_id for (dag_id,) in self._work.all(_WARNED, k_type=warning_type)]

    def set_warning(self, dag_id: str, warning_type: str, message: str | None) -> None:
        """Write (or with None remove) a DAG's warning of a type, e.g. "non-existent pool"."""
        if message is None:
            self._work.run(_CLEAR_WARNINGS, k_dag_id=dag_id, k_type=warning_type)
        else:
            self._work.run(
                _ADD_WARNING, dag_id=dag_id, warning_type=warning_type, message=message, timestamp=self._work.now
            )
