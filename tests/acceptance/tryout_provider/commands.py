"""Commands of the command line, an executor that brings some too, and a back end of API authentication."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow.cli.cli_config import ActionCommand, Arg, GroupCommand
from airflow.executors.base_executor import BaseExecutor


def hello(args: Any) -> None:
    """``airflow tryout hello``."""
    print(f"hello {args.name} {args.times}")


def fails(args: Any) -> None:
    """``airflow tryout fails``."""
    raise SystemExit(f"no luck, {args.name}")


_ARGS = (Arg(("name",), help="whom"), Arg(("-t", "--times"), help="how often", type=int, default=1))


def get_tryout_commands() -> list[GroupCommand]:
    """Those of the package."""
    return [
        GroupCommand(
            name="tryout",
            help="Try things out",
            subcommands=[
                ActionCommand(name="hello", help="Say hello", func=hello, args=_ARGS),
                ActionCommand(name="fails", help="Fail", func=fails, args=_ARGS[:1]),
            ],
        )
    ]


class TryoutExecutor(BaseExecutor):
    """Runs nothing."""

    @staticmethod
    def get_cli_commands() -> list[ActionCommand]:
        """A command of those who have chosen it."""
        return [ActionCommand(name="tryout-worker", help="Work", func=hello, args=_ARGS)]


def init_app(app: Any) -> None:
    """Nothing to prepare."""


def requires_authentication(function: Callable[..., Any]) -> Callable[..., Any]:
    """Lets in whoever says the word."""

    def decorated(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return decorated
