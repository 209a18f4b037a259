"""The commands and options are those of Airflow 2.10.5 (recorded from its own parser)."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from tradewind.cli.dispatch import TREE
from tradewind.cli.tree import Command, Group, build_parser

RECORDED: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parents[2] / "golden/airflow-2.10.5-cli.json").read_text(encoding="utf-8")
)

LATER = {
    "connections create-default-connections",
    "dags show-dependencies",
    "db downgrade",
}
"""Commands that other issues bring."""


def commands() -> dict[str, Command]:
    found: dict[str, Command] = {}
    for node in TREE:
        if isinstance(node, Group):
            found |= {f"{node.name} {command.name}": command for command in node.commands}
        else:
            found[node.name] = node
    return found


def flags_of(command: Command) -> set[str]:
    flags = {flag for item in command.arguments for flag in item.flags}
    return flags | {"-v", "--verbose"}


def test_every_command_of_airflow_is_here_or_named_as_coming_later() -> None:
    assert set(RECORDED) - set(commands()) == LATER


@pytest.mark.parametrize("name", sorted(set(RECORDED) - LATER))
def test_a_command_takes_the_options_that_airflow_takes(name: str) -> None:
    command = commands()[name]
    ours = flags_of(command)
    color = {"--color"} if name.startswith("connections") else set()
    wanted = {flag for option in RECORDED[name] for flag in option["flags"]} - color
    assert wanted - ours == set()


@pytest.mark.parametrize("name", sorted(set(RECORDED) - LATER))
def test_an_option_takes_a_value_where_airflow_does(name: str) -> None:
    command = commands()[name]
    for item in command.arguments:
        for option in RECORDED[name]:
            if set(item.flags) & set(option["flags"]):
                takes_value = item.options.get("action") not in {"store_true", "store_false"}
                assert takes_value == option["takes_value"], item.flags


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_has_a_function(name: str) -> None:
    module, _, function = commands()[name].handler.partition(":")
    assert callable(getattr(importlib.import_module(f"tradewind.cli.{module}"), function))


def test_the_whole_tree_makes_one_parser() -> None:
    parser = build_parser("tradewind", TREE)
    args = parser.parse_args(["dags", "trigger", "d", "-c", "{}", "-r", "r1", "-o", "json"])
    assert (args.command.handler, args.dag_id, args.run_id, args.output) == ("dags:trigger", "d", "r1", "json")


def test_a_wrong_option_is_one_line_and_code_two(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        build_parser("tradewind", TREE).parse_args(["dags", "list", "-o", "xml"])
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "invalid choice: 'xml'" in error
