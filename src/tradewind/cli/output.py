"""Rows as a table, JSON, YAML or plain text, with the shapes that scripts around Airflow's commands read.

Values are texts, except null, lists and mappings: ``"port": "5432"``, ``"is_paused": "True"``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

Row = Mapping[str, Any]


def print_rows(rows: Sequence[Row], output: str, stream: TextIO) -> None:
    """Writes ``rows``, which all have the keys of the first, in one of the four formats."""
    match output:
        case "json":
            stream.write(json.dumps([_plain_row(row) for row in rows], ensure_ascii=False) + "\n")
        case "yaml":
            import yaml  # heavy, and asked for rarely

            stream.write(yaml.safe_dump([_plain_row(row) for row in rows], sort_keys=False, allow_unicode=True))
        case _ if not rows:
            stream.write("No data found\n")
        case "plain":
            _write_plain(rows, stream)
        case _ if stream.isatty():
            _write_colored(rows, stream)
        case _:
            _write_table(rows, stream)


def plain_value(value: Any) -> Any:
    """A value as JSON and YAML show it."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        return {str(key): plain_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain_value(item) for item in value]
    return str(value)


def _plain_row(row: Row) -> dict[str, Any]:
    return {key: plain_value(value) for key, value in row.items()}


def _cell(value: Any) -> str:
    if isinstance(value, list | tuple | set | frozenset):
        return ",".join(str(plain_value(item)) for item in value)
    return str(value if value is None else plain_value(value))


def _write_table(rows: Sequence[Row], stream: TextIO) -> None:
    """The table without colour and without folding: for pipes and files, where a row must stay one line."""
    names = list(rows[0])
    cells = [[_cell(row[name]).replace("\n", " ") for name in names] for row in rows]
    widths = [max(len(name), *(len(line[at]) for line in cells)) for at, name in enumerate(names)]
    stream.write(_joined(names, widths, " | "))
    stream.write("=+=".join("=" * width for width in widths) + "\n")
    for line in cells:
        stream.write(_joined(line, widths, " | "))


def _write_plain(rows: Sequence[Row], stream: TextIO) -> None:
    names = list(rows[0])
    cells = [["" if row[name] is None else str(plain_value(row[name])) for name in names] for row in rows]
    widths = [max(len(name), *(len(line[at]) for line in cells)) for at, name in enumerate(names)]
    for line in (names, *cells):
        stream.write(_joined(line, widths, "  "))


def _joined(cells: Sequence[str], widths: Sequence[int], separator: str) -> str:
    return separator.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip() + "\n"


STATE_COLORS = {
    "success": "green",
    "running": "bright_green",
    "failed": "red",
    "upstream_failed": "orange3",
    "skipped": "magenta",
    "up_for_retry": "yellow",
    "up_for_reschedule": "cyan",
    "queued": "bright_black",
    "scheduled": "bright_black",
    "deferred": "medium_purple",
    "removed": "bright_black",
}
"""State → colour on a terminal, near to the ones that Airflow's pages have."""


def _write_colored(rows: Sequence[Row], stream: TextIO) -> None:
    # rich costs more to import than a command takes: only when somebody looks.
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for name in rows[0]:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(value), style=STATE_COLORS.get(_cell(value), "")) for value in row.values()))
    Console(file=stream).print(table)
