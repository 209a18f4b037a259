"""Pages, orderings and returned fields, with the rules and words of Airflow 2.10.5."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tradewind.storage.pages import Order, Page

from .problems import Problem, bad_request

_LARGEST_OFFSET = 2**62
SEEK = " seek"
"""Where cursors.py puts a Seek among the query's values; no parameter is called so."""


def page_of(query: Mapping[str, Any], *, maximum: int, fallback: int) -> Page:
    """limit and offset: too much is silently cut, 0 is the fallback, absent is 100 cut."""
    limit = int(query.get("limit", 100))
    if limit < 0:
        raise Problem(400, None, title="Page limit must be a positive integer")
    cut = fallback if limit == 0 else min(limit, maximum)
    return Page(cut, min(int(query.get("offset", 0)), _LARGEST_OFFSET), query.get(SEEK))


def loose_page_of(query: Mapping[str, Any]) -> Page:
    """limit and offset of task instance lists, which know no maximum: 0 is an empty page. A negative limit crashes
    the original; here it is the same 400 as elsewhere."""
    limit = int(query.get("limit", 100))
    if limit < 0:
        raise Problem(400, None, title="Page limit must be a positive integer")
    return Page(min(limit, _LARGEST_OFFSET), min(int(query.get("offset", 0)), _LARGEST_OFFSET), query.get(SEEK))


def order_of(text: str | None, allowed: Mapping[str, str], default: str, *, only_ascending: bool = False) -> Order:
    """The column for ``order_by``; a leading - (or several) means descending. ``allowed``: API name → column.

    ``only_ascending``: roles and users, whose check forgets to strip the sign and so refuses every descending order.
    """
    if text is None:
        return Order(default)
    name = text.lstrip("-")
    wanted = text if only_ascending else name
    if wanted not in allowed:
        raise bad_request(f"Ordering with '{wanted}' is disallowed or the attribute does not exist on the model")
    return Order(allowed[name], text.startswith("-"))


def same(*names: str, **others: str) -> dict[str, str]:
    """A table of allowed names: those that are called as their columns, and those that are not."""
    return {**{name: name for name in names}, **others}


def pick(body: Mapping[str, Any], fields: Sequence[str] | None) -> Mapping[str, Any]:
    """Only the asked fields of a body, in the body's order."""
    if fields is None:
        return body
    wanted = set(fields)
    return {name: value for name, value in body.items() if name in wanted}


def check_dag_fields(fields: Sequence[str] | None, known: Collection[str], schema: str, title: str) -> None:
    """Refuses unknown names in ``fields`` of a DAG request, as Airflow words it."""
    unknown = list(dict.fromkeys(name for name in fields or () if name not in known))
    if unknown:
        raise bad_request(f"Invalid fields for <{schema}(many=False)>: OrderedSet({unknown!r}).", title=title)


def check_run_fields(fields: Sequence[str] | None, known: Collection[str], title: str) -> None:
    """Refuses unknown names in ``fields`` of a DAG run request."""
    for name in fields or ():
        if name not in known:
            raise bad_request(f"{name} not in DAGRunSchema", title=title)
