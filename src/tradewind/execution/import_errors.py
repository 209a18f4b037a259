"""Import errors as text: what people see of a DAG file that cannot be used. Always file, line (where there is one) and
reason; the last line is the exception's, as clients of Airflow's API expect."""

from __future__ import annotations

import ast
import os
import re
import traceback
from pathlib import Path

from tradewind.observability.masking import PROCESS_MASKER

_OWN_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_FACADE_FOLDER = os.path.join(os.path.dirname(_OWN_FOLDER), "airflow")
_MAX_FRAMES = 12


def describe(error: BaseException, path: str, *, with_traceback: bool = True) -> str:
    """The traceback of an import that failed, without the frames of the import machinery and of tradewind itself:
    what stays are the author's lines and those of the libraries they call. Without secrets that the file looked up."""
    return PROCESS_MASKER.mask(_described(error, path, with_traceback=with_traceback))


def _described(error: BaseException, path: str, *, with_traceback: bool) -> str:
    if not with_traceback:
        return _as_airflow("".join(traceback.format_exception_only(error)).rstrip("\n"))
    summary = traceback.TracebackException.from_exception(error)
    _shorten(summary, set())
    text = "".join(summary.format()).rstrip("\n")
    hint = provider_hint(error)
    text = text if hint is None else f"{text}\n{hint}"
    if isinstance(error, SyntaxError) or not _has_frames(summary):
        text = (
            text if text.startswith("Traceback") else f"Traceback (most recent call last):\n{_place(path, error)}{text}"
        )
    return _as_airflow(text)


def provider_hint(error: BaseException | None) -> str | None:
    """What to install, when the error is that of a provider package that is not there."""
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    if not missing or not missing.startswith("airflow.providers."):
        return None
    assert error is not None
    parts = _wanted(error, missing).split(".")[2:]
    name = "-".join(parts[:2] if parts[0] in FAMILIES else parts[:1])
    return (
        f"{missing} comes with a provider package that is not installed here: "
        f"`tradewind providers install {name}` installs apache-airflow-providers-{name}, for workers too"
    )


def _wanted(error: BaseException, missing: str) -> str:
    """The whole module path, as the line says it that imports it: the error names no more than the first part that is
    not there."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        found = re.search(re.escape(missing) + r"[\w.]*", frame.line or "")
        if found is not None:
            return found.group(0)
    return missing


FAMILIES = frozenset({"apache", "atlassian", "cncf", "common", "dbt", "microsoft"})
"""First words of providers' names that have a second one."""


def describe_dag_problem(error: BaseException, path: str, dag_id: str) -> str:
    """A fault of a whole DAG (a cycle, a policy's verdict), seen after the import: the place is its definition."""
    line = line_of_text(path, dag_id)
    place = f'  File "{path}", line {line}\n' if line else f'  File "{path}"\n'
    return f"{place}{type(error).__name__}: {error}"


def line_of_text(path: str, text: str) -> int | None:
    """The first line of a Python file with ``text`` as a string literal, or as the name of a function."""
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    lines = [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Constant) and node.value == text)
        or (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == text)
    ]
    return min(lines, default=None)


def died(path: str, reason: str) -> str:
    """The import ended the whole process, or had to be killed: no line is known."""
    return f'  File "{path}", line 1\nDagFileProcessDied: {reason}'


def _shorten(summary: traceback.TracebackException, done: set[int]) -> None:
    if id(summary) in done:
        return
    done.add(id(summary))
    kept = [frame for frame in summary.stack if not _is_noise(frame.filename)]
    # Frames beyond the limit are left out in the middle: the author's line is first, the raising one last.
    if len(kept) > _MAX_FRAMES:
        kept = kept[: _MAX_FRAMES // 2] + kept[-_MAX_FRAMES // 2 :]
    summary.stack = traceback.StackSummary.from_list(kept)
    for inner in (summary.__cause__, summary.__context__):
        if inner is not None:
            _shorten(inner, done)


def _is_noise(filename: str) -> bool:
    return filename.startswith(("<frozen importlib", _OWN_FOLDER + os.sep, _FACADE_FOLDER + os.sep))


def _has_frames(summary: traceback.TracebackException) -> bool:
    return bool(summary.stack)


def _place(path: str, error: BaseException) -> str:
    # A SyntaxError says its own place.
    return "" if isinstance(error, SyntaxError) and error.filename else f'  File "{path}", line 1\n'


def _as_airflow(text: str) -> str:
    """The exceptions are known to people and clients by the names they import."""
    return text.replace("tradewind.sdk.exceptions.", "airflow.exceptions.")
