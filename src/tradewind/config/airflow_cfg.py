"""Reads airflow.cfg: sections and keys in lower case, ``%%`` and ``%(name)s`` as Airflow reads them."""

from __future__ import annotations

import configparser
from pathlib import Path

from tradewind.model.errors import ConfigError


def read_airflow_cfg(path: Path) -> dict[tuple[str, str], str]:
    """(section, key) → text. A file that does not exist has none. Raises ConfigError with file, line and reason."""
    parser = configparser.ConfigParser(strict=False)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    try:
        parser.read_string(text, source=str(path))
    except configparser.Error as error:
        raise ConfigError(f"{path} is not a configuration file: {error}") from error
    return {
        (section.lower(), key.lower()): _value(parser, section, key, path)
        for section in parser.sections()
        for key in parser[section]
    }


def _value(parser: configparser.ConfigParser, section: str, key: str, path: Path) -> str:
    try:
        return parser.get(section, key)
    except configparser.InterpolationError as error:
        raise ConfigError(f"[{section}] {key} in {path}: {error}; write %% for a percent sign") from error
