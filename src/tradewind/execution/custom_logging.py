"""The operator's own dictionary of logging (``[logging] logging_config_class``), in the process of an attempt.

As in Airflow, the handlers of its logger ``airflow.task`` hear all records of the process, those of its root logger
none. The handler "task" is ours, with the dictionary's formatter and filters; when its class is somebody's, it is
also fed as remote logs are (``remote_logs``).
"""

from __future__ import annotations

import copy
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from logging.config import DictConfigurator
from typing import Any

from tradewind.sdk.loading import import_string
from tradewind.sdk.maskers import SecretsMasker

TASK_LOGGER = "airflow.task"
_NOT_OF_TASKS = ("task", "processor", "processor_to_stdout")


@dataclass(slots=True, kw_only=True)
class CustomLogging:
    """What a dictionary asks for. ``problem``: why there is none of it."""

    formatter: logging.Formatter | None = None
    filters: tuple[logging.Filter, ...] = ()
    handlers: dict[str, list[logging.Handler]] = field(default_factory=dict)
    """Of loggers by name; of ``airflow.task`` for all records."""
    levels: dict[str, str | int] = field(default_factory=dict)
    problem: str = ""

    def close(self) -> None:
        """The process has nothing more to say."""
        for handlers in self.handlers.values():
            for handler in handlers:
                handler.close()


NONE = CustomLogging()


def custom_logging(config: Mapping[str, Mapping[str, Any]]) -> CustomLogging:
    """Of this process. Handlers that write to standard output get the one that is there now."""
    dotted = config.get("logging", {}).get("logging_config_class")
    if not dotted:
        return NONE
    try:
        with _stdout_of_now():
            return _made(import_string(str(dotted)))
    except Exception as error:  # the operator's dictionary: a log in our form is better than none
        return CustomLogging(problem=f"[logging] logging_config_class {dotted} cannot be used: {error}")


@contextmanager
def _stdout_of_now() -> Iterator[None]:
    """Descriptors 1 and 2 will lead into the log: who is made here keeps those of now."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (open(os.dup(number), "w", buffering=1, encoding="utf-8") for number in (1, 2))  # noqa: SIM115
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _made(dictionary: Any) -> CustomLogging:
    if not isinstance(dictionary, Mapping):
        raise TypeError(f"expected a dictionary, not {type(dictionary).__name__}")
    maker = _Maker(copy.deepcopy(dict(dictionary)))
    task = maker.options("handlers").get("task", {})
    found = CustomLogging(
        formatter=maker.formatter(task.get("formatter")),
        # Our own handler hides secrets without being told.
        filters=tuple(one for one in maker.filters(task.get("filters", ())) if type(one) is not SecretsMasker),
    )
    for name, options in maker.options("loggers").items():
        names = [one for one in options.get("handlers", ()) if one not in _NOT_OF_TASKS]
        found.handlers[name] = [maker.handler(one) for one in names]
        if "level" in options:
            found.levels[name] = options["level"]
    return found


class _Maker:
    """Makes the parts that are wanted, each once."""

    def __init__(self, dictionary: dict[str, Any]) -> None:
        self._configurator: Any = DictConfigurator(dictionary)
        self._handlers: dict[str, logging.Handler] = {}

    def options(self, kind: str) -> Any:
        return self._configurator.config.get(kind, {})

    def formatter(self, name: str | None) -> logging.Formatter | None:
        if name is None:
            return None
        formatters = self.options("formatters")
        if not isinstance(formatters[name], logging.Formatter):
            formatters[name] = self._configurator.configure_formatter(formatters[name])
        found: logging.Formatter = formatters[name]
        return found

    def filters(self, names: Any) -> Iterator[logging.Filter]:
        filters = self.options("filters")
        for name in names:
            if isinstance(filters[name], Mapping):
                filters[name] = self._configurator.configure_filter(filters[name])
            yield filters[name]

    def handler(self, name: str) -> logging.Handler:
        if name not in self._handlers:
            options = self.options("handlers")[name]
            self.formatter(options.get("formatter"))
            list(self.filters(options.get("filters", ())))
            handler: logging.Handler = self._configurator.configure_handler(options)
            handler.name = name
            if not any(isinstance(one, SecretsMasker) for one in handler.filters):
                handler.addFilter(SecretsMasker())
            self._handlers[name] = handler
        return self._handlers[name]


@contextmanager
def applied(custom: CustomLogging) -> Iterator[None]:
    """Its handlers hear what is logged in the block."""
    root = logging.getLogger()
    added: list[tuple[logging.Logger, logging.Handler]] = []
    for name, handlers in custom.handlers.items():
        logger = root if name == TASK_LOGGER else logging.getLogger(name)
        added += [(logger, handler) for handler in handlers]
    for name, level in custom.levels.items():
        logging.getLogger(name).setLevel(level)
    for logger, handler in added:
        logger.addHandler(handler)
    try:
        if custom.problem:
            logging.getLogger(TASK_LOGGER).warning("%s", custom.problem)
        yield
    finally:
        for logger, handler in added:
            logger.removeHandler(handler)
        custom.close()
