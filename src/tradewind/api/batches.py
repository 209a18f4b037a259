"""Requests that change more than one short transaction should hold: planned on one look at the database, then carried
out part by part.

With an Idempotency-Key the key is claimed with the first part and the answer kept with the last. A request whose server
died in between is taken up again when it comes again: what is done by then is not selected a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from tradewind.storage.database import Database, Transaction

from .call import Answer, Call
from .idempotency import Once

if TYPE_CHECKING:
    from .table import Operation


@dataclass(frozen=True, slots=True)
class Batched:
    """What is to be done, each part in a transaction of its own, and what is answered after the last."""

    parts: Sequence[Callable[[Transaction], None]]
    answer: Callable[[], Any]


def carry_out(database: Database, operation: Operation, call: Call, once: Once | None) -> Answer:
    """Plan and do it; ``call`` is admitted. What the handler answers at once (a dry run) changes nothing."""
    if once is not None:
        with database.read() as tx:
            earlier = once.earlier(tx)
        if earlier is not None:
            return earlier
    with database.read() as tx:
        call.use(tx)
        planned = operation.handler(call)
    if not isinstance(planned, Batched):
        return _answered(operation, planned)
    return _done(database, operation, planned, once)


def _done(database: Database, operation: Operation, planned: Batched, once: Once | None) -> Answer:
    answer = Answer(b"", 204)
    last = max(len(planned.parts), 1)
    for number in range(last):
        with database.begin() as tx:
            earlier = once.claim(tx) if once is not None and number == 0 else None
            if earlier is not None:
                return earlier
            for part in planned.parts[number : number + 1]:
                part(tx)
            if number + 1 == last:
                answer = _answered(operation, planned.answer())
                if once is not None:
                    once.keep(tx, answer)
    return answer


def _answered(operation: Operation, result: Any) -> Answer:
    return result if isinstance(result, Answer) else Answer(msgspec.json.encode(result), operation.status)
