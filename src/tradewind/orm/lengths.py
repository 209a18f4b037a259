"""Widths of columns, for packages that declare tables of their own beside ours."""

from __future__ import annotations

from typing import Any

ID_LEN = 250
COLLATION_ARGS: dict[str, Any] = {}
