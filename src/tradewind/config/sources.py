"""Indirect sources of an option's text: the output of a command, a secrets back end."""

from __future__ import annotations

import importlib
import json
import shlex
import subprocess
from collections.abc import Callable

from tradewind.model.errors import ConfigError


def run_command(command: str, where: str) -> str:
    """What the command prints. Raises ConfigError when it fails; its output is not shown, it may be a secret."""
    try:
        done = subprocess.run(shlex.split(command), capture_output=True, text=True, check=False)
    except (OSError, ValueError) as error:
        raise ConfigError(f"the command in {where} cannot be run: {error}") from error
    if done.returncode != 0:
        raise ConfigError(f"the command in {where} ended with code {done.returncode}: {done.stderr.strip()[-500:]}")
    return done.stdout.strip()


def secret_from_backend(class_path: str, kwargs_json: str, where: str) -> Callable[[str], str | None]:
    """The ``get_config`` of the operator's secrets back end. Raises ConfigError when none is configured."""
    if not class_path:
        raise ConfigError(f"{where} asks a secrets back end, but [secrets] backend names none")
    module_name, _, class_name = class_path.rpartition(".")
    try:
        backend = getattr(importlib.import_module(module_name), class_name)
        instance = backend(**json.loads(kwargs_json or "{}"))
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        raise ConfigError(f"[secrets] backend {class_path!r} cannot be made: {error}") from error
    lookup: Callable[[str], str | None] = instance.get_config
    return lookup
