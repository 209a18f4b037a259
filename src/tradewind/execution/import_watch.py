"""What an import touched: files, folders, environment, sockets, threads. Decides how long its result stays valid.

Uses an audit hook, which Python never takes away again: only for processes that exist to import one DAG file (parse
children, zygotes). Outside a :class:`Watch` block the hook does nothing.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import os
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterable
from types import FrameType, TracebackType
from typing import Any

from tradewind.wire.messages import FileSeen

_BYTECODE_SUFFIXES = (".pyc", ".so", ".pth", ".egg-link")
_SYSTEM_FOLDERS = ("/proc/", "/sys/", "/dev/", "/usr/share/", "/usr/lib/", "/etc/localtime", "/etc/ssl/", "/etc/mime")
_IMPORT_MACHINERY = "<frozen importlib"


def digest(value: str | bytes | None) -> str:
    """A short fingerprint of a value that was read; "" for one that is not there."""
    if value is None:
        return ""
    data = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    return hashlib.sha256(data).hexdigest()[:16]


def seen(path: str) -> FileSeen | None:
    """The file or folder as it is now; None when it is not there."""
    try:
        info = os.stat(path)
    except OSError:
        return None
    return FileSeen(path=path, mtime_ns=info.st_mtime_ns, size=info.st_size)


class Watch:
    """A block of code whose reads are recorded. ``roots``: folders whose files are watched for changes (DAG folder,
    plugins folder); a file read anywhere else makes the result volatile."""

    def __init__(self, roots: Iterable[str]) -> None:
        self._roots = tuple(os.path.realpath(root).rstrip("/") + "/" for root in roots if root)
        self._trusted = installed_folders()
        self.paths: set[str] = set()
        self.environment: dict[str, str | None] = {}
        self.is_volatile = False
        self.is_fork_unsafe = False
        self.why_volatile: list[str] = []
        self._last_module = ""
        self._sockets_before: frozenset[str] = frozenset()
        self._threads_before: frozenset[threading.Thread] = frozenset()
        self._environ = _EnvironmentReads(self.environment, self._trusted)

    def __enter__(self) -> Watch:
        self._last_module = next(reversed(sys.modules))
        self._threads_before = frozenset(threading.enumerate())
        self._sockets_before = _open_sockets()
        _HOOK.attach(self._on_event)
        self._environ.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _HOOK.detach()
        self._environ.__exit__(kind, error, trace)
        for module in self._new_modules():
            self._note_module(module)
        if _open_sockets() - self._sockets_before or set(threading.enumerate()) - self._threads_before:
            self.is_fork_unsafe = True

    def _new_modules(self) -> list[Any]:
        """Modules keep the order of their import: those behind the one that was the last before. Not the difference of
        two sets, which would touch, and in a fork copy, the memory of every name."""
        try:
            names = list(itertools.takewhile(lambda name: name != self._last_module, reversed(sys.modules)))
        except RuntimeError:  # a thread of the file's own is importing as well
            names = list(sys.modules)
        return [sys.modules.get(name) for name in names]

    def files(self) -> tuple[FileSeen, ...]:
        """The watched files that were read, as they are now. One that is gone already makes the result volatile."""
        result = []
        for path in sorted(self.paths):
            stamp = seen(path)
            if stamp is None:
                self._volatile(f"{path} is gone")
            else:
                result.append(stamp)
        return tuple(result)

    def note(self, path: str) -> None:
        """Count ``path`` among the files that were read."""
        self.paths.add(os.path.realpath(path))

    def _note_module(self, module: Any) -> None:
        path = getattr(module, "__file__", None)
        if isinstance(path, str):
            self._note_path(path, is_module=True)

    def _note_path(self, path: str, *, is_module: bool = False) -> None:
        real = os.path.realpath(path)
        if real.startswith(self._trusted) or real.startswith(_SYSTEM_FOLDERS):
            return
        if real.startswith(self._roots):
            self.paths.add(archive_of(real))
        elif not is_module:
            self._volatile(f"read {path}")

    def _volatile(self, reason: str) -> None:
        if _imports_library(sys._getframe(1), self._trusted):
            return
        self.is_volatile = True
        if len(self.why_volatile) < 5:
            self.why_volatile.append(reason)

    def _on_event(self, event: str, args: tuple[Any, ...]) -> None:
        match event:
            case "open":
                path = args[0]
                if isinstance(path, str | bytes | os.PathLike):
                    name = os.fsdecode(path)
                    if not name.endswith(_BYTECODE_SUFFIXES) and not _called_by_import():
                        self._note_path(name)
            case "os.listdir" | "os.scandir":
                # Only what the author lists: the import system lists each folder on the path for itself.
                if isinstance(args[0], str) and not _called_by_import():
                    self._note_path(args[0])
            case "socket.connect" | "socket.bind" | "socket.getaddrinfo":
                self._volatile(event)
            case "subprocess.Popen" | "os.system" | "os.exec" | "os.posix_spawn":
                self._volatile(event)


class _Hook:
    """The one audit hook of this process."""

    def __init__(self) -> None:
        self._sink: Callable[[str, tuple[Any, ...]], None] | None = None
        self._is_installed = False
        self._is_busy = False

    def attach(self, sink: Callable[[str, tuple[Any, ...]], None]) -> None:
        if not self._is_installed:
            sys.addaudithook(self._on_event)
            self._is_installed = True
        self._sink = sink

    def detach(self) -> None:
        self._sink = None

    def _on_event(self, event: str, args: tuple[Any, ...]) -> None:
        # What the sink itself does raises events too.
        if self._sink is None or self._is_busy or event not in _EVENTS:
            return
        self._is_busy = True
        try:
            self._sink(event, args)
        finally:
            self._is_busy = False


_EVENTS = frozenset(
    {
        "open",
        "os.listdir",
        "os.scandir",
        "socket.connect",
        "socket.bind",
        "socket.getaddrinfo",
        "subprocess.Popen",
        "os.system",
        "os.exec",
        "os.posix_spawn",
    }
)
_HOOK = _Hook()


class _EnvironmentReads:
    """Records which environment variables are read. The class of os.environ is patched, because there is no event."""

    def __init__(self, into: dict[str, str | None], trusted: tuple[str, ...]) -> None:
        self._into = into
        self._trusted = trusted
        self._original: Any = None

    def __enter__(self) -> None:
        environ_class: Any = type(os.environ)  # noqa: TID251  what a file reads of it is recorded
        original, into, trusted = environ_class.__getitem__, self._into, self._trusted
        self._original = original

        def recording(environ: Any, key: Any) -> Any:
            caller = sys._getframe(1)
            is_meant = key not in _SHELLS_OWN and not _iterates(caller) and not _imports_library(caller, trusted)
            try:
                value = original(environ, key)
            except KeyError:
                if is_meant:
                    into.setdefault(key, None)
                raise
            if is_meant:
                into.setdefault(key, value)
            return value

        environ_class.__getitem__ = recording

    def __exit__(self, *_: object) -> None:
        environ_class: Any = type(os.environ)  # noqa: TID251  what a file reads of it is recorded
        environ_class.__getitem__ = self._original


_SHELLS_OWN = frozenset({"_", "PWD", "OLDPWD", "SHLVL", "TERM", "COLUMNS", "LINES"})
"""Different in every shell, and nobody makes DAGs of them."""


def _iterates(frame: FrameType) -> bool:
    """Whether all variables are gone through (copied, searched for a prefix) rather than one being read."""
    code = frame.f_code
    return (code.co_filename == "<frozen _collections_abc>" and code.co_name == "__iter__") or code.co_name == "copy"


def _imports_library(frame: FrameType | None, trusted: tuple[str, ...]) -> bool:
    """Whether this happens because an installed module is being imported: what that does is the same each time."""
    while frame is not None:
        if frame.f_code.co_name == "<module>":
            return frame.f_code.co_filename.startswith(trusted)
        frame = frame.f_back
    return False


def _called_by_import() -> bool:
    """Whether the code that raised the audit event is the import system (or reads source lines for a traceback)."""
    frame = sys._getframe(3)
    for _ in range(3):
        if frame is None:
            return False
        name = frame.f_code.co_filename
        if name.startswith(_IMPORT_MACHINERY) or name.endswith("/linecache.py"):
            return True
        if not name.startswith(("<frozen", __file__)):
            break
        frame = frame.f_back  # type: ignore[assignment]  # None ends the loop above
    return False


@functools.cache
def installed_folders() -> tuple[str, ...]:
    """Where Python and its packages are: their files change by an upgrade, after which everything is restarted."""
    paths = sysconfig.get_paths()
    folders = {paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders |= {sys.prefix, sys.base_prefix, os.path.dirname(os.path.dirname(__file__))}
    return tuple({os.path.realpath(folder).rstrip("/") + "/" for folder in folders if folder not in ("", "/")})


def archive_of(path: str) -> str:
    """The archive's path for a module inside a zip file; the path itself otherwise, also when there is no such file."""
    candidate = path
    while not os.path.exists(candidate):
        parent = os.path.dirname(candidate)
        if parent in ("", "/", candidate):
            return path
        candidate = parent
    return candidate if os.path.isfile(candidate) else path


def _open_sockets() -> frozenset[str]:
    found = set()
    try:
        for entry in os.listdir("/proc/self/fd"):
            try:
                target = os.readlink(f"/proc/self/fd/{entry}")
            except OSError:
                continue
            if target.startswith("socket:"):
                found.add(target)
    except OSError:
        return frozenset()  # no /proc: threads are still seen
    return frozenset(found)
