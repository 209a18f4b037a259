"""Extra links: pages that the UI offers beside a task."""

from __future__ import annotations

from typing import Any, ClassVar

from .operator import BaseOperator


class BaseOperatorLink:
    """A link that the UI shows beside a task; subclasses give ``name`` and ``get_link``."""

    operators: ClassVar[list[type[BaseOperator]]] = []

    @property
    def name(self) -> str:
        """The link's name, also its key in the API."""
        raise NotImplementedError

    def get_link(self, operator: BaseOperator, *, ti_key: Any) -> str:
        """The address for a task instance."""
        raise NotImplementedError
