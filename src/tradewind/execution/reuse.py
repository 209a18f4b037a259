"""Whether a process that has imported one DAG file may import another: only when the first left nothing behind.

A process of its own for each file is the rule; a thousand plain files that only make DAGs need not pay for a thousand
forks. What is asked here errs on the side of a new process: a file that changes the process (environment, path,
logging, attributes of imported modules and classes) is the last one that its process sees.
"""

from __future__ import annotations

import dis
import logging
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from types import CodeType, ModuleType

from .dag_files import LoadedFile, data_bytes

FILES_PER_PROCESS = 50
GROWTH_LIMIT = 256 * 1024 * 1024
"""Bytes that imports may have added before a new process is cheaper than a large one."""

CHANGING = frozenset(
    {
        "__import__",
        "_getframe",
        "addaudithook",
        "atexit",
        "delattr",
        "exec",
        "instrument",
        "meta_path",
        "modules",
        "patch",
        "patch_all",
        "path_hooks",
        "register",
        "reload",
        "seed",
        "set_event_loop_policy",
        "set_locale",
        "set_option",
        "set_start_method",
        "setattr",
        "setdefaulttimeout",
        "setlocale",
        "setprofile",
        "setrecursionlimit",
        "settrace",
        "signal",
    }
)
"""Names whose use may change more than the file's own objects."""
_STORES = frozenset(dis.opmap[name] for name in ("STORE_ATTR", "DELETE_ATTR"))
_IMPORTS = frozenset({"IMPORT_NAME", "IMPORT_FROM"})
_NAMES = frozenset({"STORE_NAME", "STORE_GLOBAL", "STORE_FAST"})
_LOADS = frozenset({"LOAD_NAME", "LOAD_GLOBAL"})
_LEADING = frozenset({"LOAD_ATTR"})


@dataclass(frozen=True, slots=True)
class Marks:
    """What a file at import could change for those after it, as it was before."""

    last_module: str
    environment: dict[str, str]
    folder: str
    path: tuple[str, ...]
    logging: tuple[int, int, int]
    data: int

    @classmethod
    def now(cls) -> Marks:
        """The marks of this process."""
        root = logging.root
        return cls(
            next(reversed(sys.modules)),
            dict(os.environ),  # noqa: TID251  what a file has read of it
            os.getcwd(),
            tuple(sys.path),
            (root.level, len(root.handlers), root.manager.disable),
            data_bytes(),
        )

    def differ(self, now: Marks) -> bool:
        """Whether anything but the modules is another than before, or much more memory is in use."""
        return (
            (self.environment, self.folder, self.path, self.logging)
            != (now.environment, now.folder, now.path, now.logging)
        ) or now.data - self.data > GROWTH_LIMIT


def may_go_on(loaded: LoadedFile, before: Marks, first: Marks, folders: Iterable[str]) -> bool:
    """Whether this process may import one more file after ``loaded``. Forgets the modules of the user's folders, so
    that the next file imports them afresh. ``before``: taken before this import; ``first``: before the first one."""
    if loaded.errors or loaded.is_volatile or loaded.is_fork_unsafe or not loaded.path.endswith(".py"):
        return False
    now = Marks.now()
    if before.differ(now) or first.differ(now):
        return False
    own = list(own_modules(before.last_module, tuple(folders)))
    if any(changes_others(code) for code in (code_of(module) for _, module in own)):
        return False
    for name, _ in own:
        sys.modules.pop(name, None)
    return True


def own_modules(last: str, folders: tuple[str, ...]) -> Iterator[tuple[str, ModuleType]]:
    """The modules imported after the one named ``last`` that lie in ``folders``."""
    roots = tuple(os.path.realpath(folder).rstrip("/") + "/" for folder in folders if folder)
    for name in list(takewhile(lambda name: name != last, reversed(sys.modules))):
        module = sys.modules[name]
        places = [getattr(module, "__file__", None), *getattr(module, "__path__", ())]
        if any(isinstance(place, str) and os.path.realpath(place).startswith(roots) for place in places):
            yield name, module


def code_of(module: ModuleType) -> CodeType | None:
    """The module's code as its loader has it; None for a folder without ``__init__``."""
    spec = module.__spec__
    get_code = getattr(spec.loader, "get_code", None) if spec is not None else None
    code = get_code(module.__name__) if get_code is not None else None
    return code if isinstance(code, CodeType) else None


def changes_others(code: CodeType | None) -> bool:
    """Whether the module's code may change objects that are not its own: it uses a name of CHANGING, or stores into
    something that it has imported."""
    if code is None:
        return False
    parts = list(_all_code(code))
    if any(not CHANGING.isdisjoint(part.co_names) for part in parts):
        return True
    storing = [part for part in parts if not _STORES.isdisjoint(part.co_code[::2])]
    if not storing:
        return False
    imported = {name for part in parts for name in _imported(part)}
    return any(_stores_into(part, imported) for part in storing)


def _all_code(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _all_code(constant)


def _imported(code: CodeType) -> Iterator[str]:
    previous = ""
    for one in dis.get_instructions(code):
        if one.opname in _NAMES and previous in _IMPORTS:
            yield one.argval
        previous = one.opname


def _stores_into(code: CodeType, imported: set[str]) -> bool:
    """Whether an attribute of an imported name, or of an attribute of one, is stored or deleted."""
    instructions = list(dis.get_instructions(code))
    for index, one in enumerate(instructions):
        if one.opcode in _STORES and _root(instructions, index) in imported:
            return True
    return False


def _root(instructions: list[dis.Instruction], store: int) -> str:
    """The name whose attribute the instruction at ``store`` stores (``a`` in ``a.b.c = 1``); "" for what has none.
    An augmented assignment loads its object long before: there it is the first name of the line."""
    index = store - 1
    while index > 0 and instructions[index].opname in _LEADING:
        index -= 1
    if instructions[index].opname == "SWAP":
        while index > 0 and instructions[index].starts_line is None:
            index -= 1
    return str(instructions[index].argval) if instructions[index].opname in _LOADS else ""
