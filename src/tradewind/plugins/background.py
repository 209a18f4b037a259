"""Asking the plugin host without waiting: for the scheduler, whose loop one slow plugin must not hold up.

A question whose answer is not there yet raises AnswerPending and is put to the host by a thread; when the answer has
come ``fileno`` becomes readable, ``drain`` says for whom, and the same question is answered at once.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import structlog

from tradewind.model.spec import TimetableSpec
from tradewind.model.times import Clock
from tradewind.timetables import registry
from tradewind.timetables.base import Timetable
from tradewind.wire.framing import encode
from tradewind.wire.news import News
from tradewind.wire.plugin_messages import (
    AnswerPending,
    Found,
    HostQuestion,
    IntervalFound,
    NextRunInfo,
    Nothing,
    PluginFailed,
    PluginHost,
)

from .hosted import HostedTimetable

log = structlog.get_logger(__name__)

KEEP_SECONDS = 5.0
"""How long an answer stands: a timetable may look at the time."""
RETRY_SECONDS = 60.0
"""After how long a plugin that failed is asked again."""
THREADS = 4
"""Questions at a time; more wait."""

Answer = Nothing | IntervalFound | Found


@dataclass(slots=True)
class _Known:
    answer: Answer | PluginFailed
    until: float
    askers: set[str] = field(default_factory=set)


class BackgroundTimetables:
    """Builds timetables whose plugin questions are asked in the background. ``asker`` names who is told."""

    def __init__(self, host: PluginHost, clock: Clock) -> None:
        self._host = host
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[bytes, _Known] = {}
        self._asked: dict[bytes, set[str]] = {}
        self._news = News()
        self._pool: ThreadPoolExecutor | None = None

    def build(self, spec: TimetableSpec, asker: str = "") -> Timetable:
        """The timetable; methods of a plugin's raise AnswerPending, and PluginFailed."""
        return registry.build(spec, lambda custom: HostedTimetable(custom, lambda question: self._ask(question, asker)))

    def fileno(self) -> int:
        """Readable when answers have come."""
        return self._news.fileno()

    def drain(self) -> set[str]:
        """Who has an answer now."""
        return self._news.drain()

    def expired(self) -> set[str]:
        """Forget what is too old; who is to ask again because a plugin had failed."""
        now = self._clock.monotonic()
        with self._lock:
            old = {key: known for key, known in self._known.items() if known.until <= now}
            for key in old:
                del self._known[key]
        return {asker for known in old.values() if isinstance(known.answer, PluginFailed) for asker in known.askers}

    def close(self) -> None:
        """Wait for nobody any more; what is still being asked tells nobody."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        self._news.close()

    def _ask(self, question: HostQuestion, asker: str) -> Answer:
        key = encode(question)
        with self._lock:
            known = self._known.get(key)
            if known is None or known.until <= self._clock.monotonic():
                self._put(key, question, asker)
                raise AnswerPending(f"{type(question).__name__} is being asked")
        if not isinstance(known.answer, PluginFailed):
            return known.answer
        if isinstance(question, NextRunInfo):
            return Nothing()  # told of when it failed; the DAG has no next run until it is asked again
        raise known.answer

    def _put(self, key: bytes, question: HostQuestion, asker: str) -> None:
        askers = self._asked.get(key)
        if askers is not None:
            askers.add(asker)
            return
        self._asked[key] = {asker}
        if self._pool is None:
            self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="plugin-host")
        self._pool.submit(self._work, key, question)

    def _work(self, key: bytes, question: HostQuestion) -> None:
        """In a thread of the pool."""
        answer: Answer | PluginFailed
        try:
            answer = self._host.ask(question)
        except PluginFailed as problem:
            answer = problem
        except Exception as problem:  # the asker waits for an answer, whatever went wrong
            log.exception("plugin.question_failed", question=type(question).__name__)
            answer = PluginFailed(repr(problem))
        keep = KEEP_SECONDS
        if isinstance(answer, PluginFailed):
            keep = RETRY_SECONDS
        with self._lock:
            askers = self._asked.pop(key)
            if isinstance(answer, PluginFailed):
                log.warning("timetable.failed", dag_ids=sorted(askers), reason=str(answer), again_in=keep)
            self._known[key] = _Known(answer, self._clock.monotonic() + keep, askers)
        self._news.tell(askers)
