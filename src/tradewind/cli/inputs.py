"""Reading what people write on a command line: dates, JSON, files. Complaints name the option and show the text."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .session import CommandFailed

FORMATS = {".json": "json", ".yaml": "yaml", ".yml": "yaml", ".env": "env"}


def moment(text: str, default_zone: str) -> datetime:
    """A date as UTC; one without a zone is in ``default_zone`` ([core] default_timezone)."""
    try:
        value = datetime.fromisoformat(text.strip())
    except ValueError:
        raise CommandFailed(f"{text!r} is not a date; expected one like 2024-01-31T12:00:00+00:00") from None
    if value.tzinfo is None:
        value = value.replace(tzinfo=_zone(default_zone))
    return value.astimezone(UTC)


def json_object(text: str | None, option: str) -> dict[str, Any] | None:
    """A JSON object, or None when the option was not given."""
    if text is None:
        return None
    try:
        value = json.loads(text)
    except ValueError as error:
        raise CommandFailed(f"{option} is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise CommandFailed(f"{option} must be a JSON object, not {text!r}")
    return value


def read_mapping(path_text: str) -> dict[str, Any]:
    """A JSON, YAML or env file with one entry a name."""
    path = Path(path_text)
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise CommandFailed(f"{path} is of no known format; its name must end in {', '.join(FORMATS)}")
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CommandFailed(f"{path} cannot be read: {error.strerror}") from None
    value = _parsed(text, kind, path)
    if not isinstance(value, dict):
        raise CommandFailed(f"{path} must hold one object with an entry for each name")
    return {str(key): item for key, item in value.items()}


def _parsed(text: str, kind: str, path: Path) -> Any:
    if kind == "env":
        return dict(_env_line(line, number, path) for number, line in enumerate(text.splitlines(), 1) if _counts(line))
    if kind == "json":
        try:
            return json.loads(text)
        except ValueError as error:
            raise CommandFailed(f"{path} is not JSON: {error}") from None
    import yaml  # heavy, and only for such files

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise CommandFailed(f"{path} is not YAML: {' '.join(str(error).split())}") from None


def _counts(line: str) -> bool:
    return bool(line.strip()) and not line.strip().startswith("#")


def _env_line(line: str, number: int, path: Path) -> tuple[str, str]:
    name, separator, value = line.strip().partition("=")
    if not separator or not name:
        raise CommandFailed(f"line {number} of {path} is not NAME=value")
    return name, value


def _zone(name: str) -> ZoneInfo:
    if name.lower() in {"utc", "system"}:
        return ZoneInfo("UTC")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise CommandFailed(f"[core] default_timezone is {name!r}, which is no time zone") from None


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def duration(text: str, option: str) -> timedelta:
    """A time such as 90s, 30m, 12h, 30d or 4w."""
    number, unit = text.strip()[:-1], text.strip()[-1:]
    if not number.isdecimal() or unit not in _UNITS or not 0 < int(number) * _UNITS[unit] < _LONGEST:
        raise CommandFailed(f"{option}: {text!r} is no time; expected one like 90s, 30m, 12h, 30d or 4w")
    return timedelta(seconds=int(number) * _UNITS[unit])


_LONGEST = 1000 * 365 * 86400
