"""What came of parses → the database: new versions, import errors, DAGs that are gone. Writes only what changed.

``plan`` decides (pure), ``apply`` writes in the caller's transaction, and only after its commit does the caller take
over the new records.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from tradewind.actions.datasets import warn_of_circles
from tradewind.auth.roles import sync_dag_access
from tradewind.model.decisions import NextRun
from tradewind.model.errors import InvalidInput
from tradewind.model.spec import DagSpec
from tradewind.serde.decode import decode
from tradewind.wire.messages import ParseReport

from .due import FileRecord, Stamp

if TYPE_CHECKING:
    from tradewind.storage.database import Transaction

NextRunOf = Callable[["Transaction", DagSpec], NextRun]
"""When the DAG runs next, looking at the runs it has; from engine.run_creation, wired by the app."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseResult:
    """One finished parse (or one that died: ``report`` then has the error that says so)."""

    path: str
    report: ParseReport
    stamp: Stamp
    """Of the file before the parse began."""
    began_at: datetime
    parsed_at: datetime
    contents: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlan:
    """What to write for one file. ``record`` None: the file is gone."""

    path: str
    record: FileRecord | None
    register: tuple[tuple[DagSpec, bytes, str], ...] = ()
    """(spec, its bytes, their hash) of new and changed DAGs."""
    errors: Mapping[str, str] = field(default_factory=dict)
    """Import errors to set: file → text."""
    clear: tuple[str, ...] = ()
    """Files whose import errors are over."""
    sources: tuple[str, ...] = ()
    """Files (inside the archive) whose text is to be kept for the code view."""
    is_same: bool = False
    """Nothing but the time of the parse is new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPlan:
    """What to write for a batch of results."""

    files: tuple[FilePlan, ...] = ()
    deactivate: tuple[str, ...] = ()
    unblocked: tuple[str, ...] = ()
    """Files to parse again: a DAG id that another file had is free now."""


def spec_hash(data: bytes) -> str:
    """The content hash by which a DAG's versions differ."""
    return hashlib.sha256(data).hexdigest()


def plan(
    records: Mapping[str, FileRecord],
    results: Sequence[ParseResult],
    gone: Iterable[str],
    *,
    stale_after: timedelta = timedelta(seconds=50),
) -> SyncPlan:
    """What the results and the files that are ``gone`` change, given what is recorded."""
    after = dict(records)
    plans: list[FilePlan] = []
    for path in gone:
        record = after.pop(path, None)
        plans.append(FilePlan(path=path, record=None, clear=tuple(record.errors) if record else (path,)))
    owners = {dag_id: path for path, record in after.items() for dag_id in record.dags}
    for result in results:
        made = _plan_file(result, after.get(result.path), owners, stale_after)
        for dag_id in after[result.path].dags if result.path in after else ():
            if made.record is not None and dag_id not in made.record.dags and owners.get(dag_id) == result.path:
                del owners[dag_id]
        assert made.record is not None
        owners.update(dict.fromkeys(made.record.dags, result.path))
        after[result.path] = made.record
        plans.append(made)
    before = {dag_id for record in records.values() for dag_id in record.dags}
    freed = before - owners.keys()
    return SyncPlan(
        files=tuple(plans),
        deactivate=tuple(sorted(freed)),
        unblocked=tuple(sorted(path for path, record in after.items() if freed & set(record.blocked))),
    )


def _plan_file(
    result: ParseResult, old: FileRecord | None, owners: Mapping[str, str], stale_after: timedelta
) -> FilePlan:
    errors = dict(result.report.errors)
    known = old.dags if old else {}
    dags: dict[str, str] = {}
    register = []
    blocked = []
    filelocs: set[str] = set()
    for data in result.report.specs:
        spec = decode(data)
        filelocs.add(spec.fileloc)
        owner = owners.get(spec.dag_id, result.path)
        if owner != result.path:
            blocked.append(spec.dag_id)
            errors[spec.fileloc] = _duplicate(spec, owner)
            continue
        dags[spec.dag_id] = spec_hash(data)
        if known.get(spec.dag_id) != dags[spec.dag_id]:
            register.append((spec, data, dags[spec.dag_id]))
    failing_since = ((old.failing_since if old else None) or result.parsed_at) if errors else None
    if failing_since is not None and result.parsed_at - failing_since < stale_after:
        # A file that is just being edited keeps its DAGs for a while, as in Airflow.
        dags = {**{dag_id: old_hash for dag_id, old_hash in known.items() if dag_id not in blocked}, **dags}
    record = FileRecord(
        depends_on=_dependencies(result),
        lookups=tuple(result.report.lookups),
        is_volatile=result.report.is_volatile,
        has_errors=bool(errors),
        parsed_at=result.parsed_at,
        dags=dags,
        errors=errors,
        contents=result.contents,
        blocked=tuple(blocked),
        failing_since=failing_since,
    )
    old_errors = dict(old.errors) if old else {}
    return FilePlan(
        path=result.path,
        record=record,
        register=tuple(register),
        errors={path: text for path, text in errors.items() if old_errors.get(path) != text},
        clear=tuple(sorted(old_errors.keys() - errors.keys())) if old else (result.path,),
        sources=_sources(result, old, errors, filelocs),
        is_same=old is not None and _same(old, record),
    )


def _sources(
    result: ParseResult, old: FileRecord | None, errors: Mapping[str, str], filelocs: Iterable[str]
) -> tuple[str, ...]:
    if old is not None and old.contents.get(result.path) == result.contents.get(result.path):
        return ()
    found = {result.path, *errors, *filelocs}
    # An archive itself has no text; the modules inside it have.
    return tuple(sorted(path for path in found if path.endswith(".py")))


def _same(old: FileRecord, new: FileRecord) -> bool:
    names = ("depends_on", "lookups", "is_volatile", "dags", "errors", "contents", "blocked", "failing_since")
    return all(getattr(old, name) == getattr(new, name) for name in names)


def _dependencies(result: ParseResult) -> dict[str, Stamp]:
    """Stamps of what was read. A file that changed while it was being imported gets one that cannot match: it is
    parsed again."""
    began_ns = int(result.began_at.timestamp() * 1_000_000_000)
    found: dict[str, Stamp] = {}
    for one in result.report.files:
        found[one.path] = (one.mtime_ns, one.size) if one.mtime_ns < began_ns else (-1, one.size)
    found[result.path] = result.stamp
    return found


def _duplicate(spec: DagSpec, owner: str) -> str:
    return (
        f'  File "{spec.fileloc}"\nAirflowDagDuplicatedIdException: '
        f"Ignoring DAG {spec.dag_id} from {spec.fileloc} - also found in {owner}"
    )


def apply(
    tx: Transaction,
    todo: SyncPlan,
    next_run: NextRunOf,
    *,
    paused_default: bool,
    digest: str,
    read_source: Callable[[str], str | None],
) -> list[tuple[str, bool]]:
    """Write the plan. → (dag id, whether it is a new version) for each DAG that was registered."""
    registered = []
    for file in todo.files:
        for fileloc in file.clear:
            tx.dags.clear_import_errors(fileloc)
        for spec, data, content_hash in file.register:
            _, is_new = tx.dags.register(
                spec,
                data,
                content_hash,
                fileloc=spec.fileloc,
                next=next_run(tx, spec),
                paused_default=paused_default,
            )
            registered.append((spec.dag_id, is_new))
            _warn_of_pools(tx, spec)
            tx.dags.set_warning(spec.dag_id, "unsupported feature", "; ".join(spec.unsupported) or None)
        _give_access(tx, file)
        # After registering: an error also marks the DAGs of its file.
        for fileloc, text in file.errors.items():
            tx.dags.set_import_error(fileloc, text)
        for path in file.sources:
            source = read_source(path)
            if source is not None:
                tx.dags.put_source(path, source)
        if file.record is not None and not file.is_same:
            tx.dags.set_file_state(file.path, digest, record_to_json(file.record))
    gone = [file.path for file in todo.files if file.record is None]
    if gone:
        tx.dags.delete_file_states(gone)
    if todo.deactivate:
        tx.dags.deactivate(todo.deactivate)
    if registered:
        warn_of_circles(tx, (dag_id for dag_id, _ in registered))
    return registered


def _give_access(tx: Transaction, file: FilePlan) -> None:
    """The permissions that ``access_control`` of the DAGs asks for; what is wrong with it becomes an import error,
    which no record of the file knows: it is over when its DAGs are registered again."""
    specs = [spec for spec, _, _ in file.register if spec.access_control is not None]
    for fileloc in {spec.fileloc for spec in specs} - file.errors.keys():
        tx.dags.clear_import_errors(fileloc)
    for spec in specs:
        try:
            sync_dag_access(tx, spec.dag_id, spec.access_control)
        except InvalidInput as problem:
            tx.dags.set_import_error(spec.fileloc, f"AirflowException: {problem}")


def _warn_of_pools(tx: Transaction, spec: DagSpec) -> None:
    """The warning about pools that nobody made, or its end; worded as Airflow words it."""
    missing = sorted({task.pool for task in spec.tasks} - tx.pools.all().keys())
    text = f"Dag '{spec.dag_id}' references non-existent pools: {missing!r}" if missing else None
    tx.dags.set_warning(spec.dag_id, "non-existent pool", text)


def record_to_json(record: FileRecord) -> Any:
    """A record as JSON-able data, for storage."""
    return msgspec.to_builtins(record)


def record_from_json(data: Any) -> FileRecord | None:
    """The inverse; None for data of another version of this program: the file is parsed again."""
    try:
        return msgspec.convert(data, FileRecord)
    except msgspec.ValidationError:
        return None
