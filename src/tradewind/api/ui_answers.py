"""What all reads of /ui/v1 have in common: their row in the table, ETag and 304, compression, compact values."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tradewind.auth.identity import Identity
from tradewind.auth.permissions import Access, on, on_dag

from .call import Answer, Call
from .compression import packed
from .json_text import json_text
from .table import Operation
from .validation import Parameter

_OF_THE_MOMENT = ("rev", "now", "since")
"""What differs in each answer and is no change: a tag does not tell it."""
CHARS: Mapping[str | None, str] = {
    "success": "s",
    "failed": "f",
    "running": "r",
    "queued": "q",
    "scheduled": "h",
    "up_for_retry": "y",
    "up_for_reschedule": "e",
    "upstream_failed": "u",
    "skipped": "k",
    "deferred": "d",
    "restarting": "t",
    "removed": "x",
    None: "n",
}
"""States of task instances in compact texts; "." is no task instance at all."""
ABSENT = "."
WORST_FIRST = "fuytrdqehnskx."
"""Of several states the one that a summary shows."""
_RANKS = {char: rank for rank, char in enumerate(WORST_FIRST)}


def char(state: str | None) -> str:
    """A state's character."""
    return CHARS.get(state, "n")


def worst(chars: Any) -> str:
    """The character of the worst of some states."""
    return min(chars, key=_RANKS.__getitem__, default=ABSENT)


def rounded(seconds: float | None, digits: int = 3) -> float | None:
    """A moment or a duration in seconds, without digits that nobody sees."""
    if seconds is None:
        return None
    short = round(seconds, digits)
    return int(short) if short.is_integer() else short


def seconds_of(moment: datetime | None) -> float | None:
    """A moment as seconds since 1970."""
    return None if moment is None else rounded(moment.timestamp())


def view(
    id: str,
    path: str,
    handler: Callable[[Call], Any],
    *access: Access,
    query: tuple[Parameter, ...] = (),
) -> Operation:
    """A read: one GET, answered from a thread, kept by the browser until it changed."""

    def answer(call: Call) -> Answer:
        return revalidated(call, handler(call))

    return Operation(
        id=f"ui_{id}",
        method="GET",
        path=path,
        handler=answer,
        tag="UI",
        access=access,
        query=query,
        is_slow=True,
        is_ours=True,
    )


def revalidated(call: Call, body: Any) -> Answer:
    """The answer, or 304 when the client has it."""
    content = tagged = body if isinstance(body, bytes) else json_text(body)
    if isinstance(body, dict) and any(name in body for name in _OF_THE_MOMENT):
        tagged = json_text({name: value for name, value in body.items() if name not in _OF_THE_MOMENT})
    tag = f'W/"{hashlib.blake2b(tagged, digest_size=12).hexdigest()}"'
    headers = {"etag": tag, "cache-control": "private, no-cache", "vary": "accept-encoding, authorization, cookie"}
    known = {part.strip() for part in call.headers.get("if-none-match", "").split(",")}
    if tag in known:
        return Answer(b"", 304, headers=headers)
    return packed(Answer(content, headers=headers), call.headers)


_LETTERS: tuple[tuple[str, Access], ...] = (
    ("e", on_dag("PUT")),
    ("t", on_dag("POST", "RUN")),
    ("d", on_dag("DELETE")),
    ("c", on_dag("PUT", "TASK_INSTANCE")),
    ("r", on_dag("GET", "RUN")),
    ("i", on_dag("GET", "TASK_INSTANCE")),
    ("l", on_dag("GET", "TASK_LOGS")),
    ("x", on_dag("GET", "XCOM")),
    ("s", on_dag("GET", "CODE")),
    ("m", on_dag("PUT", "RUN")),
    ("k", on_dag("DELETE", "RUN")),
)


def perms(user: Identity, dag_id: str) -> str:
    """What a user may do with a DAG: edit and pause, trigger, delete, clear and mark tasks, read runs, task
    instances, logs, XComs, source, mark runs, delete (kill) runs."""
    found = "".join(letter for letter, access in _LETTERS if user.may(access, dag_id))
    if "l" in found and not user.may(on("GET", "Task Logs")):
        found = found.replace("l", "")
    return found
