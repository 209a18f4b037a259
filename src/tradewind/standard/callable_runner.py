"""Calling a task's Python function, in the words of providers that bring Python operators of their own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from tradewind.sdk.dataset_events import OutletEventAccessors

from .python import run_callable


class ExecutionCallableRunner:
    """Calls ``func``; what it yields as Metadata becomes extra of ``outlet_events``."""

    def __init__(
        self, func: Callable[..., Any], outlet_events: Any, *, logger: logging.Logger | None = None, **kwargs: Any
    ) -> None:
        self.func = func
        self.outlet_events = outlet_events

    def run(self, *args: Any, **kwargs: Any) -> Any:
        """What the function returns."""
        return run_callable(self.func, self.outlet_events, args, kwargs)


def context_get_outlet_events(context: Mapping[str, Any]) -> Any:
    """The context's accessors of outlet events; new ones for a context without."""
    return context["outlet_events"] if "outlet_events" in context else OutletEventAccessors()
