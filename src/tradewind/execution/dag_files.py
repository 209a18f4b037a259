"""Import one DAG file (or zip of them) in this process: its DAGs, its errors, and what the result depends on.

User code runs here: only in parse children, zygotes, and where the caller asked for it (``dags test``, DagBag).
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.machinery
import importlib.util
import os
import resource
import signal
import sys
import threading
import warnings as warnings_module
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType, ModuleType

from tradewind.model.times import Clock, SystemClock
from tradewind.sdk.contexts import DagContext
from tradewind.sdk.dag import DAG
from tradewind.sdk.exceptions import AirflowClusterPolicySkipDag, AirflowDagDuplicatedIdException, AirflowTaskTimeout
from tradewind.sdk.runtime import RUNTIME, Runtime
from tradewind.sdk.settings import COMPAT_LEVEL
from tradewind.wire.messages import FileSeen

from .bundles import file_might_contain_dag, might_contain_dag
from .dag_checks import check_dag
from .import_errors import describe, describe_dag_problem
from .import_watch import Watch, archive_of, digest
from .policies import NO_POLICIES, Policies
from .recording import RecordingRuntime

MODULE_PREFIX = "unusual_prefix_"
"""DAG files are imported under names of their own, so that two files of one name are two modules."""


class FreshSource(importlib.machinery.SourceFileLoader):
    """Compiles the file as it is now. Byte code that Python keeps beside it is taken for current when second and size
    are the same: a file that was saved twice in a second would run as it was."""

    def get_code(self, fullname: str) -> CodeType:
        """The code of the present text; no byte code is read or written."""
        path = self.get_filename(fullname)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions:
    """How to import. ``timeout`` is ``[core] dagbag_import_timeout`` (0: none); ``watch``: record what was read."""

    dags_folder: str = ""
    plugins_folder: str = ""
    safe_mode: bool = False
    timeout: float = 30.0
    watch: bool = True
    with_traceback: bool = True
    policies: Policies = NO_POLICIES
    compat_level: int | None = None
    """None: what the configuration says of files in general."""


@dataclass(slots=True, kw_only=True)
class LoadedFile:
    """What an import gave. ``errors``: (file, text) pairs; the other fields are those of wire.ParseReport."""

    path: str
    dags: list[DAG] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    files: tuple[FileSeen, ...] = ()
    lookups: tuple[tuple[str, str, str], ...] = ()
    is_volatile: bool = False
    is_fork_unsafe: bool = False
    seconds: float = 0.0


def load_file(
    path: str, options: LoadOptions, *, runtime: Runtime | None = None, clock: Clock | None = None
) -> LoadedFile:
    """Import ``path`` and return its checked DAGs. Never raises for what the file does (short of killing the process).

    ``runtime`` answers variables and connections of top-level code; None keeps the one that is set.
    """
    clock = clock or SystemClock()
    began = clock.monotonic()
    result = LoadedFile(path=path)
    recorder = RecordingRuntime(runtime or RUNTIME.get())
    watch = Watch((options.dags_folder, options.plugins_folder, os.path.dirname(path)))
    token = RUNTIME.set(recorder if recorder.inner is not None else None)
    level = COMPAT_LEVEL.set(options.compat_level)
    try:
        with _on_path(options.dags_folder), _recorded_warnings(result), _watching(watch, options.watch):
            watch.note(path)
            _load_modules(path, options, result)
    finally:
        COMPAT_LEVEL.reset(level)
        RUNTIME.reset(token)
    environment = (("env", name, digest(value)) for name, value in sorted(watch.environment.items()))
    result.files = watch.files() if options.watch else ()
    result.lookups = (*sorted(recorder.lookups), *environment)
    result.is_volatile, result.is_fork_unsafe = watch.is_volatile, watch.is_fork_unsafe
    result.seconds = clock.monotonic() - began
    return result


def limit_memory(mib: int) -> None:
    """Let this process have ``mib`` MiB more memory than it has now; then allocations raise MemoryError."""
    limit = data_bytes() + mib * 1024 * 1024
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def module_name_for(path: str) -> str:
    """The name under which a DAG file is imported: unique to its path, a valid identifier."""
    stem = "".join(char if char.isalnum() else "_" for char in Path(path).stem)
    return f"{MODULE_PREFIX}{hashlib.sha1(path.encode(), usedforsecurity=False).hexdigest()}_{stem}"


def _load_modules(path: str, options: LoadOptions, result: LoadedFile) -> None:
    path = archive_of(path)  # a DAG of an archive is known by its place inside
    if not os.path.isfile(path):
        result.errors.append((path, f'  File "{path}", line 1\nFileNotFoundError: the file is not there'))
        return
    DagContext.autoregistered_dags.clear()
    try:
        if not path.endswith(".py") and zipfile.is_zipfile(path):
            modules = list(_import_archive(path, options, result))
        elif options.safe_mode and not file_might_contain_dag(path):
            modules = []
        else:
            modules = _import_file(path, options, result)
        for dag, fileloc in _dags_of(modules):
            _take(dag, fileloc, options, result)
            _take_subdags(dag, options, result)
    finally:
        DagContext.current_autoregister_module_name = None
        DagContext.autoregistered_dags.clear()


def _import_file(path: str, options: LoadOptions, result: LoadedFile) -> list[ModuleType]:
    name = module_name_for(path)
    sys.modules.pop(name, None)

    def run() -> ModuleType:
        spec = importlib.util.spec_from_file_location(name, path, loader=FreshSource(name, path))
        if spec is None or spec.loader is None:
            raise ImportError(f"{path} cannot be imported: it is no Python file", path=path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return module

    module = _guarded(run, name, path, options, result)
    if module is None:
        sys.modules.pop(name, None)
    return [] if module is None else [module]


def _import_archive(path: str, options: LoadOptions, result: LoadedFile) -> Iterator[ModuleType]:
    """The modules at the root of a packaged DAG; the archive is on the path for what they import from inside it."""
    with zipfile.ZipFile(path) as archive:
        names = [
            info.filename[:-3]
            for info in sorted(archive.infolist(), key=lambda one: one.filename)
            if info.filename.endswith(".py")
            and "/" not in info.filename
            and info.filename != "__init__.py"
            and (not options.safe_mode or might_contain_dag(archive.read(info)))
        ]
    with _on_path(path, first=True):
        for name in names:
            sys.modules.pop(name, None)
            importlib.invalidate_caches()
            inside = os.path.join(path, name + ".py")
            module = _guarded(lambda name=name: importlib.import_module(name), name, inside, options, result)  # type: ignore[misc]
            if module is not None:
                yield module


def _guarded(
    run: Callable[[], ModuleType], name: str, path: str, options: LoadOptions, result: LoadedFile
) -> ModuleType | None:
    """Run an import under its limit; every way to fail is an import error of the file."""
    DagContext.current_autoregister_module_name = name
    try:
        seconds = options.policies.timeout_of(path, options.timeout)
        with time_limit(seconds, f"DagBag import timeout for {path} after {seconds}s"):
            return run()
    except KeyboardInterrupt:
        raise
    except MemoryError as error:
        # Give room back, or there is none to say it in.
        resource.setrlimit(resource.RLIMIT_DATA, (resource.getrlimit(resource.RLIMIT_DATA)[1],) * 2)
        result.errors.append((path, describe(error, path, with_traceback=options.with_traceback)))
    except BaseException as error:
        # SystemExit and the time limit are no Exceptions, and as much the file's fault.
        result.errors.append((path, describe(error, path, with_traceback=options.with_traceback)))
    return None


def _dags_of(modules: Sequence[ModuleType]) -> list[tuple[DAG, str]]:
    """The DAGs that the modules hold at top level, and those that registered themselves when their block ended."""
    found: dict[int, tuple[DAG, str]] = {}
    for module in modules:
        for value in list(vars(module).values()):
            if isinstance(value, DAG):
                found.setdefault(id(value), (value, str(module.__file__)))
    loaded = {module.__name__: str(module.__file__) for module in modules}
    for dag, module in DagContext.autoregistered_dags:
        fileloc = loaded.get(getattr(module, "__name__", ""))
        if fileloc is not None:
            found.setdefault(id(dag), (dag, fileloc))
    inner = {id(subdag) for dag, _ in found.values() for subdag in dag.subdags}
    return sorted((pair for number, pair in found.items() if number not in inner), key=lambda pair: pair[0].dag_id)


def _take(dag: DAG, fileloc: str, options: LoadOptions, result: LoadedFile) -> None:
    dag.fileloc = fileloc
    same = next((one for one in result.dags if one.dag_id == dag.dag_id), None)
    try:
        if same is not None:
            raise AirflowDagDuplicatedIdException(dag.dag_id, fileloc, str(same.fileloc))
        check_dag(dag, options.policies)
    except AirflowClusterPolicySkipDag:
        return
    except Exception as error:
        result.errors.append((fileloc, describe_dag_problem(error, fileloc, dag.dag_id)))
        return
    result.dags.append(dag)


def _take_subdags(dag: DAG, options: LoadOptions, result: LoadedFile) -> None:
    """The DAGs that SubDagOperators run, as DAGs of the file, when their parent is one."""
    for subdag in dag.own_subdags if dag in result.dags else ():
        subdag.parent_dag = dag
        subdag.is_subdag = True
        _take(subdag, str(dag.fileloc), options, result)
        _take_subdags(subdag, options, result)


@contextmanager
def time_limit(seconds: float, message: str) -> Iterator[None]:
    """Raise AirflowTaskTimeout in the block after ``seconds``. Only the main thread can be interrupted; elsewhere, and
    with 0, there is no limit."""
    if seconds <= 0 or threading.current_thread() is not threading.main_thread():
        yield
        return

    def on_alarm(number: int, frame: FrameType | None) -> None:
        raise AirflowTaskTimeout(f"{message}, PID: {os.getpid()}")

    previous = signal.signal(signal.SIGALRM, on_alarm)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


@contextmanager
def _on_path(folder: str, *, first: bool = False) -> Iterator[None]:
    if not folder or folder in sys.path:
        yield
        return
    if first:
        sys.path.insert(0, folder)
    else:
        sys.path.append(folder)
    yield
    # It stays: tasks import from there while they run.


@contextmanager
def _recorded_warnings(result: LoadedFile) -> Iterator[None]:
    with warnings_module.catch_warnings(record=True) as caught:
        yield
    for warning in caught:
        result.warnings.append(f"{warning.filename}:{warning.lineno}: {warning.category.__name__}: {warning.message}")


@contextmanager
def _watching(watch: Watch, is_wanted: bool) -> Iterator[None]:
    if not is_wanted:
        yield
        return
    with watch:
        yield


def data_bytes() -> int:
    """Bytes of private writable memory this process has; 0 where there is no /proc."""
    try:
        fd = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return 0  # no /proc
    try:
        return int(os.read(fd, 256).split()[5]) * resource.getpagesize()
    finally:
        os.close(fd)
