"""Errors as RFC 7807 bodies, worded as Airflow 2.10.5 words them (recorded in tests/conformance)."""

from __future__ import annotations

from typing import Any

import msgspec

DOCS = "https://airflow.apache.org/docs/apache-airflow/2.10.5/stable-rest-api-ref.html#section/Errors/"
"""Clients match on these links; the version is that of the API we speak."""

KINDS: dict[int, str] = {
    400: "BadRequest",
    401: "Unauthenticated",
    403: "PermissionDenied",
    404: "NotFound",
    409: "AlreadyExists",
    500: "Unknown",
}
TITLES: dict[int, str] = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Request Entity Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
URL_NOT_FOUND = (
    "The requested URL was not found on the server. If you entered the URL manually please check your spelling and "
    "try again."
)
METHOD_NOT_ALLOWED = "The method is not allowed for the requested URL."
_ABSENT = object()


class Problem(Exception):
    """An answer of status 4xx or 5xx. ``title`` defaults to the status's name; ``blank``: type is about:blank, as what
    the router says."""

    def __init__(self, status: int, detail: str | None = None, *, title: Any = _ABSENT, blank: bool = False) -> None:
        super().__init__(detail or status)
        self.status = status
        self.detail = detail
        self.title: str | None = TITLES[status] if title is _ABSENT else title
        self.type = "about:blank" if blank or status not in KINDS else DOCS + KINDS[status]
        self.headers: dict[str, str] = {}

    def body(self) -> bytes:
        """The JSON document."""
        return msgspec.json.encode(
            {"detail": self.detail, "status": self.status, "title": self.title, "type": self.type}
        )


class PlainAnswer(Exception):
    """A text answer that is no problem document: what Airflow says through its framework (406, a disabled feature)."""

    def __init__(self, status: int, text: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def bad_request(detail: str | None, *, title: Any = _ABSENT) -> Problem:
    """400."""
    return Problem(400, detail, title=title)


def not_found(title: str = "Not Found", detail: str | None = None) -> Problem:
    """404; most of Airflow's texts are in the title."""
    return Problem(404, detail, title=title)


def forbidden(detail: str | None = None) -> Problem:
    """403."""
    return Problem(403, detail)


def conflict(detail: str) -> Problem:
    """409."""
    return Problem(409, detail)


def unknown_url() -> Problem:
    """404 of the router."""
    return Problem(404, URL_NOT_FOUND, blank=True)
