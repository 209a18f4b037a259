"""Values of users ↔ JSON text: XComs, params, conf, trigger kwargs. Airflow 2.10's notation, read and written.

What JSON has is written as it is; everything else as ``{"__classname__", "__version__", "__data__"}``. As in Airflow a
tuple inside a list or dict becomes a list, a tuple as the whole value keeps its type. Anything without a codec is a
TypeError here, in the process of the author, and not somewhere later.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import importlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .codecs import codec_for, codec_named

CLASSNAME = "__classname__"
VERSION = "__version__"
DATA = "__data__"
MAX_DEPTH = 200


@dataclasses.dataclass(frozen=True, slots=True)
class AllowedClasses:
    """Which classes (beyond the registered kinds) may be imported to read a value: ``[core]
    allowed_deserialization_classes`` (globs) and ``allowed_deserialization_classes_regexp``."""

    globs: tuple[str, ...] = ("airflow.*",)
    regexps: tuple[str, ...] = ()

    @classmethod
    def from_options(cls, globs: str, regexps: str = "") -> AllowedClasses:
        """From the two options as written: patterns separated by blanks."""
        return cls(tuple(globs.split()), tuple(regexps.split()))

    def permits(self, classname: str) -> bool:
        """Whether this class may be imported and made."""
        return any(fnmatch.fnmatchcase(classname, glob) for glob in self.globs) or any(
            re.match(regexp, classname) for regexp in self.regexps
        )


DEFAULT_ALLOWED = AllowedClasses()


def dumps(value: Any, *, keep_tuples: bool = False) -> str:
    """``value`` as JSON text. Raises TypeError for what cannot be kept (bytes, functions, generators, plain objects),
    ValueError for a list or dict that contains itself.

    ``keep_tuples``: tuples inside lists and dicts keep their type too. XComs do not do that (as in Airflow); kwargs of
    triggers and of resumed methods do.
    """
    if keep_tuples or isinstance(value, tuple):
        value = to_plain(value, keep_tuples=keep_tuples)
    elif isinstance(value, dict) and CLASSNAME in value:
        raise AttributeError(f"reserved key {CLASSNAME} found in dict to serialize")
    # What JSON has needs no walk of ours: the encoder asks for the rest, and goes as deep as Airflow's does.
    return json.dumps(value, default=_as_plain)


def loads(text: str, *, allowed: AllowedClasses = DEFAULT_ALLOWED) -> Any:
    """The value of a JSON text made by dumps (or by a real Airflow).

    Raises ImportError for a class that is not allowed or not there, ValueError for text that is no JSON.
    """
    if CLASSNAME not in text:
        return json.loads(text)
    return from_plain(json.loads(text), allowed=allowed)


def to_plain(value: Any, *, keep_tuples: bool = False) -> Any:
    """``value`` as JSON-able data in the notation."""
    if type(value) in (str, int, float, bool, type(None)):
        return value
    if isinstance(value, tuple):
        return _wrapped("builtins.tuple", 1, [_plain(item, True, 1) for item in value])
    return _plain(value, keep_tuples, 0)


def _as_plain(value: Any) -> Any:
    return _plain_object(value, 0)


def _plain(value: Any, keep_tuples: bool, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise RecursionError(f"a value is nested more than {MAX_DEPTH} levels deep, or contains itself")
    if value is None or isinstance(value, str | int | float):
        return _scalar(value)
    if isinstance(value, dict):
        return _plain_dict(value, keep_tuples, depth)
    if isinstance(value, tuple):
        items = [_plain(item, keep_tuples, depth + 1) for item in value]
        return _wrapped("builtins.tuple", 1, items) if keep_tuples else items
    if isinstance(value, list):
        return [_plain(item, keep_tuples, depth + 1) for item in value]
    return _plain_object(value, depth)


def _scalar(value: Any) -> Any:
    # An Enum that is also a str or int is written as its value; numpy's float64 is a float and written as one.
    codec = None if type(value) in (str, int, float, bool, type(None)) else codec_for(value)
    if codec is None or isinstance(value, float):
        return value
    return _wrapped(codec.classname, codec.version, codec.encode(value))


def _plain_dict(value: dict[Any, Any], keep_tuples: bool, depth: int) -> dict[Any, Any]:
    result = {}
    for key, item in value.items():
        if not (key is None or isinstance(key, str | int | float)):
            raise TypeError(f"keys must be str, int, float, bool or None, not {_shown_name(type(key))}")
        if key == CLASSNAME:
            raise AttributeError(f"reserved key {CLASSNAME} found in dict to serialize")
        result[key] = _plain(item, keep_tuples, depth + 1)
    return result


def _plain_object(value: Any, depth: int) -> Any:
    """An object in the notation; its members keep their types, tuples too, as Airflow does below an object."""
    codec = codec_for(value)
    if codec is not None:
        return _wrapped(codec.classname, codec.version, _member(codec.encode(value), depth))
    # Lazy sequences of ours (the results of a mapped task) are passed on as the list of their values.
    if isinstance(value, Sequence) and type(value).__module__.startswith("tradewind."):
        return [_plain(item, False, depth + 1) for item in value]
    data, version = _members_of(value)
    # What serialize() returns is up to the class; a dict's keys stay as they are.
    members = (
        {key: _member(item, depth) for key, item in data.items()} if type(data) is dict else _plain(data, False, 1)
    )
    return _wrapped(_name_of(type(value)), version, members)


def _member(value: Any, depth: int) -> Any:
    return _plain(value, True, depth + 1)


def _members_of(value: Any) -> tuple[Any, int]:
    cls = type(value)
    version = int(getattr(cls, "__version__", 0)) if isinstance(getattr(cls, "__version__", 0), int) else 0
    serialize = getattr(value, "serialize", None)
    if callable(serialize) and not isinstance(value, type):
        return serialize(), version
    if isinstance(value, type):
        raise TypeError(f"Object of type {cls.__name__} is not JSON serializable")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value), version  # dataclasses inside it come back as dicts, as in Airflow
    if hasattr(cls, "__attrs_attrs__"):
        return {attribute.name: getattr(value, attribute.name) for attribute in cls.__attrs_attrs__}, version
    if hasattr(cls, "model_dump") and hasattr(cls, "model_validate"):
        return value.model_dump(), version
    raise TypeError(f"Object of type {cls.__name__} is not JSON serializable")


def _shown_name(cls: type) -> str:
    return cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"


def _name_of(cls: type) -> str:
    declared = getattr(cls, "__serde_name__", None)
    return declared if isinstance(declared, str) else f"{cls.__module__}.{cls.__qualname__}"


def _wrapped(classname: str, version: int, data: Any) -> dict[str, Any]:
    return {CLASSNAME: classname, VERSION: version, DATA: data}


def from_plain(value: Any, *, allowed: AllowedClasses = DEFAULT_ALLOWED) -> Any:
    """The value of JSON-able data in the notation."""
    return _value(value, allowed, in_dict=False)


def _value(value: Any, allowed: AllowedClasses, *, in_dict: bool) -> Any:
    if isinstance(value, list):
        return [_value(item, allowed, in_dict=in_dict) for item in value]
    if not isinstance(value, dict):
        return value
    if CLASSNAME not in value or VERSION not in value:
        return {key: _value(item, allowed, in_dict=True) for key, item in value.items()}
    result = _object(value, allowed)
    # Airflow gives a frozenset inside a dict or an object back as a list; code written for it may rely on that.
    return list(result) if in_dict and isinstance(result, frozenset) else result


def _object(value: Mapping[str, Any], allowed: AllowedClasses) -> Any:
    classname, version = str(value[CLASSNAME]), int(value[VERSION])
    data = _value(value.get(DATA), allowed, in_dict=True)
    codec = codec_named(classname)
    if codec is not None:
        if version > codec.version:
            raise TypeError(f"serialized {version} of {classname} > {codec.version}")
        return codec.decode(classname, version, data)
    if not allowed.permits(classname):
        raise ImportError(
            f"{classname} was not found in allow list for deserialization imports. "
            "To allow it, add it to allowed_deserialization_classes in the configuration"
        )
    return _make(_import(classname), version, data)


def _import(classname: str) -> Any:
    module_name, _, name = classname.rpartition(".")
    try:
        return getattr(importlib.import_module(module_name), name)
    except (AttributeError, ValueError) as error:
        raise ImportError(f"cannot read a value: there is no class {classname!r}") from error


def _make(cls: Any, version: int, data: Any) -> Any:
    expected = getattr(cls, "__version__", 0)
    if isinstance(expected, int) and not hasattr(cls, "model_validate") and version > expected:
        raise TypeError(
            f"serialized version of {cls.__qualname__} is newer than module version ({version} > {expected})"
        )
    if hasattr(cls, "deserialize"):
        return cls.deserialize(data, version)
    if hasattr(cls, "model_validate"):
        return cls.model_validate(data)
    if dataclasses.is_dataclass(cls) or hasattr(cls, "__attrs_attrs__"):
        return cls(**data)
    raise TypeError(f"No deserializer found for {_name_of(cls)}")
