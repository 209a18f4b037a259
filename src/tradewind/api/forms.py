"""Request bodies after the schema check: unknown and missing fields, in the words of Airflow's loader.

The schema check (validation.check_body) happens before authentication, this one inside the handler: clients see the
difference in which error comes first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tradewind.model.times import utc

from .problems import bad_request

MISSING = "Missing data for required field."
UNKNOWN = "Unknown field."
NULL = "Field may not be null."


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a body. ``is_moment``: a date and time, which becomes an aware datetime. ``may_be_null`` False: the
    loader refuses a null that the schema lets pass."""

    name: str
    required: bool = False
    most: int | None = None
    is_moment: bool = False
    may_be_null: bool = True


def complaints(body: Mapping[str, Any], fields: Sequence[Field], *, partial: bool = False) -> dict[str, list[str]]:
    """What is wrong, by field: declared ones in their order, then unknown ones."""
    found: dict[str, list[str]] = {}
    for field in fields:
        value = body.get(field.name)
        if field.name not in body:
            if field.required and not partial:
                found[field.name] = [MISSING]
        elif value is None and not field.may_be_null:
            found[field.name] = [NULL]
        elif field.most is not None and isinstance(value, str) and len(value) > field.most:
            found[field.name] = [f"Longer than maximum length {field.most}."]
        elif field.is_moment and isinstance(value, str) and _moment(value) is None:
            found[field.name] = ["Not a valid datetime."]
    known = {field.name for field in fields}
    found.update({name: [UNKNOWN] for name in body if name not in known})
    return found


def load(
    body: Mapping[str, Any], fields: Sequence[Field], *, partial: bool = False, title: str = "Bad Request"
) -> dict[str, Any]:
    """The body's fields; moments become datetimes. Raises the 400 with all complaints."""
    found = complaints(body, fields, partial=partial)
    if found:
        raise bad_request(str(found), title=title)
    values = dict(body)
    for field in fields:
        if field.is_moment and isinstance(values.get(field.name), str):
            values[field.name] = aware(values[field.name])
    return values


def schema_complaint(sentence: str) -> Exception:
    """The 400 for a rule over several fields."""
    return bad_request(str({"_schema": [sentence]}))


def aware(text: str) -> datetime:
    """The moment, with the offset that was given. Raises the 400 for one without a zone."""
    moment = _moment(text)
    if moment is None:
        raise bad_request(f"Incorrect datetime argument: {text!r}", title="Incorrect datetime argument")
    if moment.tzinfo is None:
        raise bad_request("Naive datetime is disallowed", title="Invalid datetime format")
    return moment


def as_utc(text: str | None) -> datetime | None:
    """A query's date and time in UTC; it has passed the format check."""
    return None if text is None else in_utc(datetime.fromisoformat(text.upper()))


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC. Raises the 400 for one that UTC has no year for."""
    try:
        return utc(moment)
    except OverflowError:
        raise bad_request(f"{moment.isoformat()} is outside the years 1 to 9999 in UTC") from None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
