"""What one operation of the API is, and the parameters that many share. Data only: the dispatcher does the work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tradewind.auth.permissions import Access

from .validation import Parameter, Schema

if TYPE_CHECKING:
    from .call import Call

Handler = Callable[["Call"], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One row of the table.

    ``path`` in routing's notation. ``access``: every one must be granted; empty: anybody, without authentication.
    ``writes``: the handler gets a write transaction. ``event``: what the audit log says (written also when the handler
    refuses). ``is_slow``: reads files or the like; never run on the event loop.
    """

    id: str
    method: str
    path: str
    handler: Handler
    tag: str
    more_tags: tuple[str, ...] = ()
    summary: str = ""
    query: tuple[Parameter, ...] = ()
    body: Schema | None = None
    body_required: bool = True
    access: tuple[Access, ...] = ()
    writes: bool = False
    event: str | None = None
    is_slow: bool = False
    in_batches: bool = False
    """The handler plans in a read transaction and may answer with what is done part by part (api.batches)."""
    masks_body: bool = False
    """The audit log keeps keys of the body only (variables, connections)."""
    status: int = 200
    responses: Mapping[int, str] = field(default_factory=dict)
    produces: tuple[str, ...] = ("application/json",)
    takes_raw: bool = False
    """The handler gets the body's bytes, whatever they are."""
    takes_any_query: bool = False
    """Parameters of the query that nobody declared are no error; all are texts, the last one counts."""
    may_ask_plugins: bool = False
    """Where the deployment has an XCom back end of its own the handler waits for it: then it is slow."""
    prepare: Handler | None = None
    """Of an operation that writes: called before its write transaction begins, with a reading one. What may take long,
    as asking a plugin, belongs there."""
    is_ours: bool = False
    """An addition of tradewind's, marked x-tradewind in the served document."""

    @property
    def has_parameters(self) -> bool:
        """Airflow refuses unknown query parameters only where an operation has any parameter at all."""
        return bool(self.query) or "{" in self.path


def _string(name: str, **more: Any) -> Parameter:
    return Parameter(name, {"type": "string", **more})


def _moment(name: str) -> Parameter:
    return Parameter(name, {"type": "string", "format": "date-time"})


def _integer(name: str, **more: Any) -> Parameter:
    return Parameter(name, {"type": "integer", **more})


def _number(name: str) -> Parameter:
    return Parameter(name, {"type": "number"})


def _boolean(name: str, **more: Any) -> Parameter:
    return Parameter(name, {"type": "boolean", **more})


def _strings(name: str, *, explode: bool = True) -> Parameter:
    return Parameter(name, {"type": "array", "items": {"type": "string"}}, explode=explode)


LIMIT = _integer("limit", default=100)
OFFSET = Parameter("offset", {"type": "integer", "minimum": 0})
ORDER_BY = _string("order_by")
PAGE = (LIMIT, OFFSET)
ORDERED_PAGE = (LIMIT, OFFSET, ORDER_BY)
FIELDS = _strings("fields")
UPDATE_MASK = _strings("update_mask", explode=False)
TAGS = _strings("tags")
ONLY_ACTIVE = _boolean("only_active", default=True)
PAUSED = _boolean("paused")
STATE = _strings("state")
POOL = _strings("pool")
QUEUE = _strings("queue")
EXECUTOR = _strings("executor")
MAP_INDEX = _integer("map_index")
TRY_NUMBER = _integer("try_number")
BEFORE = _moment("before")
AFTER = _moment("after")
RUN_DATES = tuple(
    _moment(f"{name}_{side}")
    for name in ("execution_date", "start_date", "end_date", "updated_at")
    for side in ("gte", "lte")
)
DURATION = (_number("duration_gte"), _number("duration_lte"))
TASK_FILTERS = (*RUN_DATES, *DURATION, STATE, POOL, QUEUE, EXECUTOR)

string = _string
integer = _integer
boolean = _boolean
strings = _strings
