"""What a parse child does: import one DAG file, serialise its DAGs, report. No storage: questions of top-level code
(variables, connections) go over the socket to the DAG processor.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from msgspec import structs

from tradewind.execution.dag_checks import check_dag
from tradewind.execution.dag_files import LoadedFile, LoadOptions, limit_memory, load_file
from tradewind.execution.import_errors import describe, describe_dag_problem
from tradewind.execution.import_watch import installed_folders
from tradewind.execution.options import INHERITED
from tradewind.execution.policies import NO_POLICIES, Policies, local_policies, local_policies_exist
from tradewind.execution.reuse import FILES_PER_PROCESS, Marks, may_go_on
from tradewind.model.errors import Conflict, TradewindError
from tradewind.plugins import catalogue
from tradewind.sdk.dag import DAG
from tradewind.sdk.operator import BaseOperator
from tradewind.sdk.runtime import NoRuntime, Runtime
from tradewind.serde.encode import encode
from tradewind.timetables.cron import PRESETS
from tradewind.timetables.cron import describe as describe_cron
from tradewind.timetables.registry import is_custom
from tradewind.timetables.registry import to_spec as timetable_spec
from tradewind.wire.framing import ATTEMPT_REPLY, PARSE_REQUEST, FrameSocket
from tradewind.wire.messages import (
    ConnectionReply,
    GetConnection,
    GetPool,
    GetVariable,
    Message,
    Ok,
    ParseReport,
    ParseRequest,
    PutVariable,
    Refused,
    Value,
)


def serve(sock: socket.socket, request: Message) -> None:
    """The child's whole life: import, report, the same for another file when the first left nothing behind and one is
    asked for, end. Called by the template right after the fork."""
    assert isinstance(request, ParseRequest)
    conversation = FrameSocket(sock)
    first = Marks.now()
    for number in range(1, FILES_PER_PROCESS + 1):
        if request.memory_limit_mib:
            limit_memory(request.memory_limit_mib)
        before = Marks.now()
        loaded, report = _parse(request, ParseRuntime(conversation, request))
        folders = (request.dags_folder, request.plugins_folder, os.path.dirname(request.path))
        again = number < FILES_PER_PROCESS and loaded is not None and may_go_on(loaded, before, first, folders)
        conversation.send(structs.replace(report, may_go_on=again))
        data = conversation.receive() if again else None
        if data is None:
            break
        request = PARSE_REQUEST.decode(data)
    sock.close()


class _Item(BaseOperator):
    """A mapped task for warm_up."""

    def __init__(self, *, item: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.item = item


def warm_up() -> None:
    """Make and serialise a small DAG of our own, so that what is imported or compiled on first use is there before
    the fork. Called by the template; costs 0.1 s once instead of 40 ms in each child."""
    with DAG("warm_up", start_date=datetime(2024, 1, 1, tzinfo=UTC), schedule="30 6 * * 1-5", params={"x": 1}) as dag:
        BaseOperator(task_id="a") >> _Item.partial(task_id="b").expand(item=["x", "y"])
    check_dag(dag)
    encode(dag)
    for expression in PRESETS.values():
        describe_cron(expression)
    local_policies_exist()
    installed_folders()
    catalogue.exist("")


def parse(request: ParseRequest, runtime: Runtime | None) -> ParseReport:
    """Import the file of ``request`` in this process and report what came of it."""
    return _parse(request, runtime)[1]


def _parse(request: ParseRequest, runtime: Runtime | None) -> tuple[LoadedFile | None, ParseReport]:
    try:
        policies = local_policies()
    except BaseException as error:
        # Without the operator's policies no DAG may be let through.
        return None, ParseReport(errors=((request.path, describe(error, request.path)),), is_volatile=True)
    loaded = load_file(
        request.path,
        LoadOptions(
            dags_folder=request.dags_folder,
            plugins_folder=request.plugins_folder,
            safe_mode=request.safe_mode,
            timeout=request.import_timeout,
            with_traceback=request.with_traceback,
            policies=policies,
            compat_level=request.compat_level,
        ),
        runtime=runtime,
    )
    return loaded, report_of(loaded, request.dags_folder)


def report_of(loaded: LoadedFile, dags_folder: str) -> ParseReport:
    """The report of a loaded file; a DAG that cannot be serialised becomes an import error."""
    specs, errors = serialise(loaded.dags, dags_folder)
    return ParseReport(
        specs=tuple(specs),
        errors=(*loaded.errors, *errors),
        warnings=tuple(loaded.warnings),
        files=loaded.files,
        lookups=loaded.lookups,
        is_volatile=loaded.is_volatile,
        is_fork_unsafe=loaded.is_fork_unsafe,
        seconds=loaded.seconds,
    )


def serialise(dags: list[DAG], dags_folder: str) -> tuple[list[bytes], list[tuple[str, str]]]:
    """The DAGs as bytes, and an error for each one that cannot be."""
    specs: list[bytes] = []
    errors: list[tuple[str, str]] = []
    for dag in dags:
        relative = relative_path(str(dag.fileloc), dags_folder)
        try:
            if is_custom(timetable_spec(dag.timetable)):
                # Plugins are loaded by those alone that need one.
                import_module("tradewind.plugins.registered").check_timetable(dag)
            specs.append(encode(dag, relative_fileloc=relative))
        except Exception as error:
            errors.append((str(dag.fileloc), describe_dag_problem(error, str(dag.fileloc), dag.dag_id)))
    return specs, errors


def relative_path(path: str, folder: str) -> str:
    """``path`` below ``folder``, or as it is when it lies elsewhere."""
    return os.path.relpath(path, folder) if folder and path.startswith(folder.rstrip("/") + "/") else path


@dataclass(slots=True, kw_only=True)
class ParsedHere:
    """A file imported in the caller's process: live DAG objects beside their serialised form."""

    dags: dict[str, DAG] = field(default_factory=dict)
    specs: dict[str, bytes] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def parse_file_here(
    path: str,
    *,
    dags_folder: str = "",
    timeout: float = 30.0,
    policies: Policies = NO_POLICIES,
    runtime: Runtime | None = None,
    compat_level: int | None = None,
) -> ParsedHere:
    """Import ``path`` in this very process (``dags test``, ``tradewind run``): the caller asked for user code here."""
    loaded = load_file(
        path,
        LoadOptions(
            dags_folder=dags_folder, timeout=timeout, watch=False, policies=policies, compat_level=compat_level
        ),
        runtime=runtime,
    )
    result = ParsedHere(errors=dict(loaded.errors))
    for dag in loaded.dags:
        specs, errors = serialise([dag], dags_folder)
        result.errors.update(errors)
        if specs:
            result.dags[dag.dag_id] = dag
            result.specs[dag.dag_id] = specs[0]
    return result


class ParseRuntime:
    """The Runtime of top-level code: variables and connections by message, nothing else."""

    def __init__(self, conversation: FrameSocket, request: ParseRequest) -> None:
        self._conversation = conversation
        self._told: dict[tuple[str, str], Any] = {
            ("tradewind", "compat_level"): request.compat_level,
            ("core", "dags_folder"): request.dags_folder,
            ("core", "plugins_folder"): request.plugins_folder,
        }

    def get_variable(self, key: str) -> str | None:
        """As Runtime."""
        reply = self._ask(GetVariable(key=key))
        return reply.value if isinstance(reply, Value) else None

    def put_variable(self, key: str, value: str, description: str | None) -> None:
        """As Runtime."""
        self._ask(PutVariable(key=key, value=value, description=description))

    def get_connection(self, conn_id: str) -> ConnectionReply | None:
        """As Runtime."""
        reply = self._ask(GetConnection(conn_id=conn_id))
        return reply if isinstance(reply, ConnectionReply) else None

    def get_pool_slots(self, name: str) -> int | None:
        """How many slots a pool has; None when there is none."""
        reply = self._ask(GetPool(name=name))
        return reply.value if isinstance(reply, Value) else None

    def get_config(self, section: str, key: str, fallback: Any = None) -> Any:
        """As Runtime; from the request and the settings that the template was started with."""
        if (section.lower(), key.lower()) in self._told:
            return self._told[section.lower(), key.lower()]
        options = INHERITED.get()
        if options is None:
            return fallback
        return options.config.get(section.lower(), {}).get(key.lower(), fallback)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def refuse(*args: Any, **kwargs: Any) -> Any:
            raise NoRuntime(
                f"{name}() needs a running task; a DAG file at import may only read variables and connections"
            )

        if name.startswith("_"):
            raise AttributeError(name)
        return refuse

    def _ask(self, question: Message) -> Message:
        self._conversation.send(question)
        data = self._conversation.receive()
        if data is None:
            raise Conflict("the DAG processor went away while the file was imported")
        reply = ATTEMPT_REPLY.decode(data)
        if isinstance(reply, Refused):
            raise TradewindError(reply.message)
        assert isinstance(reply, Ok | Value | ConnectionReply)
        return reply
