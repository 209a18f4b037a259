"""From an ASGI request to an operation's answer, in Airflow's order of checks: routing, body and query, who, may, do.

Handlers are synchronous. Short reads of SQLite run on the event loop (a thread hop costs more than the read); writes,
files, password hashing, and everything on a database across a network run in a small pool of threads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl, quote

import msgspec
import structlog

from tradewind.auth.admission import Unreachable
from tradewind.auth.throttle import TooManyFailures
from tradewind.model import errors
from tradewind.wire.plugin_messages import PluginFailed

from . import audit
from .batches import carry_out
from .call import Answer, Call
from .compression import packed
from .cors import cors_headers
from .idempotency import KeyReused, Once, once_of, wants_once
from .json_text import json_text
from .problems import METHOD_NOT_ALLOWED, PlainAnswer, Problem, bad_request, unknown_url
from .routing import Match, Router
from .services import Services
from .streaming import send_stream
from .table import Operation
from .validation import check_body, read_query

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_log = structlog.get_logger(__name__)
_HTML = "text/html; charset=utf-8"
NO_NUL = "A text may not hold the character NUL: PostgreSQL cannot store it"


class ClientGone(Exception):
    """The client left before its request was here: there is nobody to answer, and nothing is done."""


class Api:
    """The ASGI application of one table of operations below one prefix."""

    def __init__(self, services: Services, operations: Iterable[Operation], prefix: str = "/api/v1") -> None:
        self._services = services
        self._prefix = prefix
        self._router = Router((operation.method, operation.path, operation) for operation in operations)
        self._pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="api")
        self._reads_are_quick = services.database.dialect == "sqlite"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        reply = cors_headers(self._services.options, headers.get("origin"))
        try:
            answer = await self._answer(scope, receive, headers, reply)
        except ClientGone:
            return
        except (Problem, PlainAnswer) as refusal:
            answer = _answer_of(refusal)
        except Exception:
            # The edge of a request: whatever went wrong is logged here, and never told to the client.
            _log.exception("request.failed", method=scope["method"], path=scope["path"])
            answer = Answer(Problem(500).body(), 500, "application/problem+json")
        if "cookie" in headers:
            answer = packed(answer, headers)
        await self._send(scope, receive, send, answer, reply)

    async def _answer(self, scope: Scope, receive: Receive, headers: dict[str, str], reply: dict[str, str]) -> Answer:
        path = scope["path"][len(self._prefix) :]
        if "\0" in path:
            raise unknown_url()
        match = self._match(scope, path)
        if match.target is None:
            if scope["method"] == "OPTIONS":
                return Answer(b"", 200, _HTML, {"allow": ", ".join(match.allowed)})
            problem = Problem(405, METHOD_NOT_ALLOWED, blank=True)
            problem.headers["allow"] = ", ".join(match.allowed)
            raise problem
        operation = match.target
        body = await _read_body(receive, self._services.options.max_body_bytes) if _has_body(headers) else b""
        call = Call(self._services, match.values, {}, None, headers, scope["method"], _target(scope))
        call.address, call.base, call.reply = _address(scope), scope.get("root_path", "") + "/", reply
        if operation.body is not None:
            call.body = _parse_body(operation, body, headers.get("content-type", ""))
        elif operation.takes_raw:
            call.body = body
        if operation.takes_any_query:
            call.query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        elif operation.has_parameters:
            if b"%00" in scope["query_string"]:
                raise bad_request(NO_NUL)
            pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
            call.query = read_query(operation.query, pairs)
        if self._is_quick(operation, headers):
            return self._perform(operation, call)
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._perform, operation, call)

    def _match(self, scope: Scope, path: str) -> Match[Operation]:
        match = self._router.match(scope["method"], path) if path.startswith("/") else None
        if match is not None and (match.target is not None or match.allowed):
            return match
        merged = path
        while "//" in merged:
            merged = merged.replace("//", "/")
        if merged != path and merged.startswith("/"):
            found = self._router.match(scope["method"], merged)
            if found.target is not None or found.allowed:
                raise _redirect(scope, self._prefix + merged)
        raise unknown_url()

    def _is_quick(self, operation: Operation, headers: dict[str, str]) -> bool:
        if operation.writes or operation.in_batches or operation.is_slow or wants_once(operation.method, headers):
            return False
        if operation.may_ask_plugins and self._services.options.has_xcom_backend:
            return False
        if not operation.access:
            return True
        return self._reads_are_quick and self._services.authenticator.is_quick(headers)

    def _perform(self, operation: Operation, call: Call) -> Answer:
        """Authentication, permission, handler. Domain errors become problems."""
        try:
            if not operation.access:
                return _as_answer(operation, operation.handler(call))
            if operation.in_batches:
                return self._write_in_batches(operation, call)
            if operation.writes or wants_once(call.method, call.headers):
                return self._write(operation, call)
            with self._services.database.read() as tx:
                call._tx = tx
                self._admit(operation, call)
                return _as_answer(operation, operation.handler(call))
        except errors.TradewindError as error:
            raise _problem_of(error) from error

    def _write(self, operation: Operation, call: Call) -> Answer:
        database = self._services.database
        with database.read() as tx:
            call._tx = tx
            self._admit(operation, call)
            if operation.prepare is not None:
                call.prepared = operation.prepare(call)
        once = once_of(call, call.target)
        try:
            with database.begin() as tx:
                call._tx = tx
                earlier = None if once is None else once.claim(tx)
                if earlier is not None:
                    return earlier
                audit.record(tx, operation, call)
                answer = _as_answer(operation, operation.handler(call))
                if once is not None:
                    once.keep(tx, answer)
        except (Problem, PlainAnswer, errors.TradewindError) as refusal:
            self._note_refusal(operation, call, once, refusal)
            raise
        for action in call.after_commit:
            action()
        return answer

    def _write_in_batches(self, operation: Operation, call: Call) -> Answer:
        with self._services.database.read() as tx:
            call.use(tx)
            self._admit(operation, call)
        return carry_out(self._services.database, operation, call, once_of(call, call.target))

    def _note_refusal(self, operation: Operation, call: Call, once: Once | None, refusal: Exception) -> None:
        """Airflow logs what was permitted and parsed, also when it is then refused; the refusal undid our rows."""
        if isinstance(refusal, errors.DatabaseUnavailable) or (operation.event is None and once is None):
            return
        with self._services.database.begin() as tx:
            audit.record(tx, operation, call)
            answer = _answer_of(refusal)
            is_kept = once is not None and answer.status < 500 and not isinstance(refusal, KeyReused)
            if once is not None and is_kept and once.claim(tx) is None:
                once.keep(tx, answer)

    def _admit(self, operation: Operation, call: Call) -> None:
        # What a GET of the experimental API changes is as worth protecting as a POST.
        method = "POST" if operation.writes else call.method
        identity = self._services.authenticator.authenticate(call.tx, call.headers, method=method, address=call.address)
        if identity is None:
            raise self._unknown()
        call.user = identity
        if identity.proof:
            call.reply["www-authenticate"] = identity.proof
        dag_id = call.path.get("dag_id")
        for access in operation.access:
            if not identity.may(access, dag_id):
                raise Problem(403)

    def _unknown(self) -> Problem:
        problem = Problem(401)
        if self._services.authenticator.challenge:
            problem.headers["www-authenticate"] = self._services.authenticator.challenge
        return problem

    @staticmethod
    async def _send(scope: Scope, receive: Receive, send: Send, answer: Answer, more: dict[str, str]) -> None:
        content = answer.content if isinstance(answer.content, bytes) else json_text(answer.content)
        headers = [(b"content-type", answer.media_type.encode("latin-1"))]
        if answer.status != 204 and answer.stream is None:
            headers.append((b"content-length", str(len(content)).encode()))
        for name, value in {**more, **answer.headers}.items():
            headers.append((name.encode("latin-1"), value.encode("latin-1")))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        if answer.stream is not None and scope["method"] != "HEAD":
            await send_stream(answer.stream, receive, send)
            return
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else content})


def _redirect(scope: Scope, path: str) -> Problem:
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "localhost")
    query = scope["query_string"].decode("latin-1")
    problem = _Moved(308)
    # The path came decoded: as it is, it could end the header and begin another.
    where = quote(scope.get("root_path", "") + path, safe="/!$&'()*+,;=:@")
    problem.headers["location"] = f"{scope.get('scheme', 'http')}://{host}{where}" + (f"?{query}" if query else "")
    return problem


class _Moved(Problem):
    """Not an error: the address without doubled slashes. Its page is HTML, as the original's."""

    def __init__(self, status: int) -> None:
        super().__init__(status, None, title="Permanent Redirect", blank=True)
        self.headers["content-type"] = _HTML

    def body(self) -> bytes:
        return b"<!doctype html>\n<title>Redirecting...</title>\n<h1>Redirecting...</h1>\n"


def _target(scope: Scope) -> str:
    query: bytes = scope["query_string"]
    return f"{scope['path']}?{query.decode('latin-1')}"


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""


def _has_body(headers: dict[str, str]) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


async def _read_body(receive: Receive, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            # What came so far may look whole, and is not what was meant.
            raise ClientGone
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            raise Problem(413, f"The request body is larger than {most} bytes.", blank=True)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def _is_json(content_type: str) -> bool:
    media = content_type.split(";", 1)[0].strip().lower()
    return media == "application/json" or (media.startswith("application/") and media.endswith("+json"))


def _parse_body(operation: Operation, raw: bytes, content_type: str) -> Any:
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    # The original's framework has taken a form's body away before anybody looks for JSON in it.
    if not raw or content_type.lower().startswith("multipart/form-data"):
        if operation.body_required:
            raise bad_request("Request body must not be empty")
        return None
    if not _is_json(content_type):
        shown = content_type.split(";", 1)[0].strip()
        raise Problem(415, f"Invalid Content-type ({shown}), expected JSON data", blank=True)
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise bad_request("Request body is not valid JSON") from None
    if body is None:
        raise bad_request("Request body is not valid JSON")
    if b"\\u0000" in raw and _has_nul(body):
        raise bad_request(NO_NUL)
    if operation.body is not None:
        check_body(operation.body, body)
    return body


def _has_nul(value: Any) -> bool:
    match value:
        case str():
            return "\0" in value
        case list():
            return any(_has_nul(item) for item in value)
        case dict():
            return any(_has_nul(key) or _has_nul(item) for key, item in value.items())
    return False


def _as_answer(operation: Operation, result: Any) -> Answer:
    if isinstance(result, Answer):
        return result
    return Answer(json_text(result), operation.status)


def _answer_of(refusal: Exception) -> Answer:
    if isinstance(refusal, PlainAnswer):
        return Answer(refusal.text.encode(), refusal.status, _HTML)
    problem = _problem_of(refusal) if isinstance(refusal, errors.TradewindError) else refusal
    assert isinstance(problem, Problem)
    return Answer(problem.body(), problem.status, "application/problem+json", problem.headers)


def _problem_of(error: errors.TradewindError) -> Problem:
    match error:
        case errors.NotFound():
            return Problem(404, str(error))
        case errors.AlreadyExists() | errors.Conflict():
            return Problem(409, str(error))
        case errors.InvalidInput() | PluginFailed():
            return Problem(400, str(error))
        case errors.Forbidden():
            return Problem(403, str(error))
        case TooManyFailures():
            problem = Problem(429, str(error), blank=True)
            problem.headers["retry-after"] = str(error.retry_after)
            return problem
        case Unreachable():
            return Problem(503, str(error))
        case errors.DatabaseUnavailable():
            _log.warning("database.unavailable", error=str(error))
            return Problem(503, "The database cannot be reached at the moment; nothing was changed. Try again.")
    _log.error("request.failed", error=repr(error))
    return Problem(500)
