"""DAG files: import errors, source texts, warnings, and what processing keeps of each file between starts."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from tradewind.model.changes import Event

from .rows import FileState, ImportErrorRow
from .statements import Prepared, insert_for, many, one_of
from .tables_dags import DAG, DAG_CODE, DAG_PRIORITY_PARSING_REQUEST, DAG_WARNING, IMPORT_ERROR, PARSED_FILE
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
_SOURCE = Prepared(select(DAG_CODE.c.source_code).where(DAG_CODE.c.fileloc == bindparam("fileloc")))
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
        text: str | None = self._work.scalar(_SOURCE, fileloc=fileloc)
        return text

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

    def set_warning(self, dag_id: str, warning_type: str, message: str | None) -> None:
        """Write (or with None remove) a DAG's warning of a type, e.g. "non-existent pool"."""
        if message is None:
            self._work.run(_CLEAR_WARNINGS, k_dag_id=dag_id, k_type=warning_type)
        else:
            self._work.run(
                _ADD_WARNING, dag_id=dag_id, warning_type=warning_type, message=message, timestamp=self._work.now
            )
