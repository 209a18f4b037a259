"""Which operation a method and path mean, with the router's manners of Airflow's web server.

Parts of a template: ``{name}`` is one segment, ``{name:int}`` digits only (no sign), ``{name:path}`` may hold slashes.
Rules with more fixed segments come first; a rule that matches with another method only adds to what is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")
_PART = re.compile(r"\{(\w+)(?::(int|path))?\}")
_PATTERNS = {None: "[^/]+", "int": r"[0-9]+", "path": r"[^/].*?"}


@dataclass(slots=True)
class _Rule(Generic[T]):
    template: str
    pattern: re.Pattern[str]
    integers: tuple[str, ...]
    weight: tuple[int, ...]
    targets: dict[str, T] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """What was found: ``target`` with its path values, or only the methods that the path would take."""

    target: T | None
    values: dict[str, str | int]
    allowed: tuple[str, ...]


def _compile(template: str) -> tuple[re.Pattern[str], tuple[str, ...], tuple[int, ...]]:
    expression, at, integers = "", 0, []
    for part in _PART.finditer(template):
        expression += re.escape(template[at : part.start()]) + f"(?P<{part[1]}>{_PATTERNS[part[2]]})"
        at = part.end()
        if part[2] == "int":
            integers.append(part[1])
    expression += re.escape(template[at:])
    weight = tuple(
        0 if not segment.startswith("{") else 3 if ":path" in segment else 1 if ":int" in segment else 2
        for segment in template.strip("/").split("/")
    )
    return re.compile(expression), tuple(integers), weight


class Router(Generic[T]):
    """Operations by method and template."""

    def __init__(self, operations: Iterable[tuple[str, str, T]]) -> None:
        rules: dict[str, _Rule[T]] = {}
        for method, template, target in operations:
            rule = rules.get(template)
            if rule is None:
                rule = rules[template] = _Rule(template, *_compile(template))
            rule.targets[method] = target
        self._exact: dict[str, _Rule[T]] = {t: r for t, r in rules.items() if "{" not in t}
        self._by_first: dict[str, list[_Rule[T]]] = {}
        for rule in sorted(rules.values(), key=lambda r: r.weight):
            self._by_first.setdefault(_first_segment(rule.template), []).append(rule)

    def match(self, method: str, path: str) -> Match[T]:
        """The operation for a decoded path (beginning with a slash). HEAD is GET."""
        wanted = "GET" if method == "HEAD" else method
        exact = self._exact.get(path)
        if exact is not None and wanted in exact.targets:
            return Match(exact.targets[wanted], {}, ())
        allowed: set[str] = set()
        for rule in self._by_first.get(_first_segment(path), ()):
            found = rule.pattern.fullmatch(path)
            if found is None:
                continue
            target = rule.targets.get(wanted)
            if target is not None:
                values: dict[str, str | int] = dict(found.groupdict())
                for name in rule.integers:
                    # No row has a larger number, and no driver takes one.
                    values[name] = min(int(str(values[name])[:20]), 2**31 - 1)
                return Match(target, values, ())
            allowed.update(rule.targets)
        if allowed:
            allowed.add("OPTIONS")
            if "GET" in allowed:
                allowed.add("HEAD")
        return Match(None, {}, tuple(sorted(allowed)))


def _first_segment(path: str) -> str:
    return path[1:].partition("/")[0]
