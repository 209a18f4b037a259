"""Extra links: pages that the UI offers beside a task."""

from __future__ import annotations

from .operator import BaseOperatorLink

__all__ = ["BaseOperatorLink"]
