"""A function's source without its task decorators, and the script that calls it in another Python."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

_SCRIPT = """\
from __future__ import annotations

import sys
import {serializer}

with open(sys.argv[1], "rb") as file:
    given = {serializer}.load(file)
with open(sys.argv[3], encoding="utf-8") as file:
    virtualenv_string_args = file.read().splitlines()

{source}

try:
    result = {name}(*given["args"], **given["kwargs"])
except Exception as error:
    with open(sys.argv[4], "w", encoding="utf-8") as file:
        file.write(str(error))
    raise
with open(sys.argv[2], "wb") as file:
    if result is not None:
        {serializer}.dump(result, file)
"""


def callable_source(function: Callable[..., Any]) -> str:
    """The source of a function, dedented; ``@task…``, ``@setup`` and ``@teardown`` decorators are left away."""
    source = textwrap.dedent(inspect.getsource(function))
    definition = ast.parse(source).body[0]
    if not isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef):
        return source
    drop: set[int] = set()
    for decorator in definition.decorator_list:
        if _root(decorator) in ("task", "setup", "teardown"):
            drop.update(range(decorator.lineno, (decorator.end_lineno or decorator.lineno) + 1))
    return "\n".join(line for number, line in enumerate(source.splitlines(), 1) if number not in drop)


def _root(node: ast.expr) -> str:
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute):
            node = node.value
        else:
            return ""
    return node.id


def script_text(source: str, name: str, serializer: str) -> str:
    """The script; its arguments are the files for input, output, string arguments and error."""
    return _SCRIPT.format(source=source, name=name, serializer=serializer)
