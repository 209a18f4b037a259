"""Small functions over lists and dicts that authors and providers use (offered as ``airflow.utils.helpers``)."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from functools import reduce
from typing import Any, TypeVar

T = TypeVar("T")
S = TypeVar("S")


def is_container(obj: Any) -> bool:
    """Whether it can be iterated and is no text."""
    return hasattr(obj, "__iter__") and not isinstance(obj, str)


def as_tuple(obj: Any) -> tuple[Any, ...]:
    """A container as tuple, anything else as tuple of one."""
    return tuple(obj) if is_container(obj) else (obj,)


def chunks(items: list[T], chunk_size: int) -> Generator[list[T], None, None]:
    """Slices of ``chunk_size`` in order, the last one shorter. Raises ValueError for a size below 1."""
    if chunk_size <= 0:
        raise ValueError("Chunk size must be a positive integer")
    for start in range(0, len(items), chunk_size):
        yield items[start : start + chunk_size]


def reduce_in_chunks(fn: Callable[[S, list[T]], S], iterable: list[T], initializer: S, chunk_size: int = 0) -> S:
    """``functools.reduce`` over chunks of the list; 0 takes all at once."""
    if not iterable:
        return initializer
    return reduce(fn, chunks(iterable, chunk_size or len(iterable)), initializer)


def as_flattened_list(iterable: Iterable[Iterable[T]]) -> list[T]:
    """The members of the members, one level."""
    return list(itertools.chain.from_iterable(iterable))


def partition(pred: Callable[[T], bool], iterable: Iterable[T]) -> tuple[Iterator[T], Iterator[T]]:
    """Those for which ``pred`` is false, and those for which it is true."""
    first, second = itertools.tee(iterable)
    return itertools.filterfalse(pred, first), filter(pred, second)


def merge_dicts(dict1: dict[Any, Any], dict2: dict[Any, Any]) -> dict[Any, Any]:
    """A new dict of both; the second wins, dicts under the same key are merged in turn."""
    merged = dict1.copy()
    for key, value in dict2.items():
        both = isinstance(merged.get(key), dict) and isinstance(value, dict)
        merged[key] = merge_dicts(merged[key], value) if both else value
    return merged


def prune_dict(val: Any, mode: str = "strict") -> Any:
    """Without ``None`` (mode strict) or without everything false (mode truthy), at all depths of dicts and lists.
    Raises ValueError for another mode."""
    if mode not in ("strict", "truthy"):
        raise ValueError(f"prune_dict: mode is 'strict' or 'truthy', got {mode!r}")

    def kept(value: Any) -> bool:
        return bool(value) if mode == "truthy" else value is not None

    if isinstance(val, dict):
        pruned = {key: prune_dict(value, mode) for key, value in val.items() if kept(value)}
        return {key: value for key, value in pruned.items() if kept(value)}
    if isinstance(val, list):
        return [value for value in (prune_dict(item, mode) for item in val if kept(item)) if kept(value)]
    return val


def prevent_duplicates(kwargs1: dict[str, Any], kwargs2: Mapping[str, Any], *, fail_reason: str) -> None:
    """Raise TypeError when both have the same argument."""
    twice = set(kwargs1).intersection(kwargs2)
    if twice:
        label = "arguments" if len(twice) > 1 else "argument"
        raise TypeError(f"{fail_reason} {label}: {', '.join(sorted(twice))}")


def exactly_one(*args: Any) -> bool:
    """Whether one argument is true and the others are not."""
    if is_container(args[0]):
        raise ValueError("Not supported for iterable args. Use `*` to unpack your iterable in the function call.")
    return sum(map(bool, args)) == 1


def at_most_one(*args: Any) -> bool:
    """Whether no argument, or only one, is given: neither None nor NOTSET, and true."""
    return sum(bool(arg) and type(arg).__name__ != "ArgNotSet" for arg in args) <= 1


def copy_without(mapping: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """A shallow copy without these keys."""
    return {key: copy.copy(value) for key, value in mapping.items() if key not in keys}
