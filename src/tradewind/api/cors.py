"""Access-Control headers, on every answer once configured, as Airflow sets them (there is no preflight logic)."""

from __future__ import annotations

from .services import ApiOptions


def cors_headers(options: ApiOptions, origin: str | None) -> dict[str, str]:
    """The headers for a request from ``origin``; without an Origin header the first configured one is named."""
    headers: dict[str, str] = {}
    if options.allow_headers:
        headers["access-control-allow-headers"] = options.allow_headers
    if options.allow_methods:
        headers["access-control-allow-methods"] = options.allow_methods
    if options.allow_origins:
        if "*" in options.allow_origins:
            headers["access-control-allow-origin"] = "*"
        elif origin is None:
            headers["access-control-allow-origin"] = options.allow_origins[0]
        elif origin in options.allow_origins:
            headers["access-control-allow-origin"] = origin
    return headers
