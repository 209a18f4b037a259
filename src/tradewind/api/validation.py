"""Requests held against their schemas, worded as Airflow's framework (connexion with jsonschema) words it.

Only the keywords that the v1 document uses. Keywords are looked at in the order in which the schema has them, the
first failure is reported, because that is what clients see. Everything here is pure.
"""

from __future__ import annotations

import pprint
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tradewind.model.times import is_date_time

from .problems import bad_request

Schema = Mapping[str, Any]
Path = tuple[str | int, ...]
Failure = tuple[str, Path]

_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: (
        (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer())
    ),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
}


def _type(expected: Any, value: Any, schema: Schema, path: Path) -> Failure | None:
    if _TYPES[expected](value):
        return None
    return f"{value!r} is not of type {expected!r}", path


def _enum(allowed: Any, value: Any, schema: Schema, path: Path) -> Failure | None:
    if value in allowed:
        return None
    return f"{value!r} is not one of {list(allowed)!r}", path


def _format(name: Any, value: Any, schema: Schema, path: Path) -> Failure | None:
    if name == "date-time" and isinstance(value, str) and not is_date_time(value):
        return f"{value!r} is not a 'date-time'", path
    return None


def _minimum(least: Any, value: Any, schema: Schema, path: Path) -> Failure | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and value < least:
        return f"{value!r} is less than the minimum of {least!r}", path
    return None


def _min_length(least: Any, value: Any, schema: Schema, path: Path) -> Failure | None:
    if isinstance(value, str) and len(value) < least:
        return f"{value!r} should be non-empty" if least == 1 else f"{value!r} is too short", path
    return None


def _min_items(least: Any, value: Any, schema: Schema, path: Path) -> Failure | None:
    if isinstance(value, list) and len(value) < least:
        return f"{value!r} should be non-empty" if least == 1 else f"{value!r} is too short", path
    return None


def _required(names: Any, value: Any, schema: Schema, path: Path) -> Failure | None:
    if isinstance(value, dict):
        for name in names:
            if name not in value:
                return f"{name!r} is a required property", path
    return None


def _read_only(flag: Any, value: Any, schema: Schema, path: Path) -> Failure | None:
    return ("Property is read-only", path) if flag else None


def _properties(properties: Any, value: Any, schema: Schema, path: Path) -> Failure | None:
    if isinstance(value, dict):
        for name, inner in properties.items():
            if name in value and (failure := first_failure(inner, value[name], (*path, name))):
                return failure
    return None


def _items(inner: Any, value: Any, schema: Schema, path: Path) -> Failure | None:
    if isinstance(value, list):
        for index, item in enumerate(value):
            if failure := first_failure(inner, item, (*path, index)):
                return failure
    return None


def _all_of(parts: Any, value: Any, schema: Schema, path: Path) -> Failure | None:
    for part in parts:
        if failure := first_failure(part, value, path):
            return failure
    return None


_KEYWORDS: dict[str, Callable[[Any, Any, Schema, Path], Failure | None]] = {
    "type": _type,
    "enum": _enum,
    "format": _format,
    "minimum": _minimum,
    "minLength": _min_length,
    "minItems": _min_items,
    "required": _required,
    "readOnly": _read_only,
    "properties": _properties,
    "items": _items,
    "allOf": _all_of,
}


def first_failure(schema: Schema, value: Any, path: Path = ()) -> Failure | None:
    """The first thing wrong with the value, as (sentence, path to it), or None."""
    is_null = value is None and schema.get("nullable", False)
    for keyword, argument in schema.items():
        check = _KEYWORDS.get(keyword)
        if check is None or (is_null and keyword in ("type", "enum")):
            continue
        if failure := check(argument, value, schema, path):
            return failure
    return None


def check_body(schema: Schema, value: Any) -> None:
    """Raises the 400 that names the first failure and its place."""
    failure = first_failure(schema, value)
    if failure is not None:
        sentence, path = failure
        place = ".".join(str(part) for part in path)
        raise bad_request(f"{sentence} - '{place}'" if place else sentence)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One query parameter. ``schema`` as in the document, without prose; ``required`` as there."""

    name: str
    schema: Schema
    required: bool = False
    explode: bool = True
    is_ours: bool = False
    """An addition of tradewind's, marked x-tradewind in the served document."""


def _boolean(text: str) -> bool:
    match text.lower():
        case "true":
            return True
        case "false":
            return False
    raise ValueError(text)


LARGEST_INTEGER = 2**31 - 1
"""Beyond it no database column goes; a larger number finds as little as this one."""


def _integer(text: str) -> int:
    return max(-LARGEST_INTEGER, min(int(text), LARGEST_INTEGER))


_COERCIONS: dict[str, Callable[[str], Any]] = {"integer": _integer, "number": float, "boolean": _boolean, "string": str}


def _one(parameter: Parameter, texts: list[str]) -> Any:
    schema = parameter.schema
    kind = schema["type"]
    if kind == "array":
        joined = texts if parameter.explode else texts[-1:]
        return [part for text in joined for part in text.split(",")]
    try:
        value = _COERCIONS[kind](texts[-1])
    except (ValueError, OverflowError):
        raise bad_request(f"Wrong type, expected {kind!r} for query parameter {parameter.name!r}") from None
    for keyword, argument in schema.items():
        check = _KEYWORDS.get(keyword)
        failure = check(argument, value, schema, ()) if check else None
        if failure:
            shown = pprint.pformat(dict(schema), width=72, sort_dicts=False)
            raise bad_request(
                f"{failure[0]}\n\nFailed validating {keyword!r} in schema:\n    {shown}"
                f"\n\nOn instance:\n    {pprint.pformat(value, width=72)}"
            )
    return value


def read_query(parameters: Iterable[Parameter], pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The query as values by name; absent ones are absent. Raises the 400 that Airflow gives."""
    given: dict[str, list[str]] = {}
    for name, text in pairs:
        given.setdefault(name, []).append(text)
    known = list(parameters)
    extra = sorted(set(given) - {parameter.name for parameter in known})
    if extra:
        raise bad_request(f"Extra query parameter(s) {', '.join(extra)} not in spec", title=None)
    values: dict[str, Any] = {}
    for parameter in known:
        if parameter.name in given:
            values[parameter.name] = _one(parameter, given[parameter.name])
        elif parameter.required:
            raise bad_request(f"Missing query parameter {parameter.name!r}")
    return values
