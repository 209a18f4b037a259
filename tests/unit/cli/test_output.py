"""The four formats, as Airflow 2.10.5 writes them."""

from __future__ import annotations

import io
import json

import pytest

from tradewind.cli.output import print_rows

ROWS = [
    {"dag_id": "demo", "owners": ["a", "b"], "is_paused": True, "note": None},
    {"dag_id": "d2", "owners": ["c"], "is_paused": False, "note": ""},
]


def printed(rows: list[dict[str, object]], output: str) -> str:
    stream = io.StringIO()
    print_rows(rows, output, stream)
    return stream.getvalue()


def test_a_table_has_one_line_a_row_and_a_double_rule() -> None:
    assert printed(ROWS, "table").splitlines() == [
        "dag_id | owners | is_paused | note",
        "=======+========+===========+=====",
        "demo   | a,b    | True      | None",
        "d2     | c      | False     |",
    ]


def test_plain_leaves_null_out() -> None:
    assert printed(ROWS, "plain").splitlines() == [
        "dag_id  owners      is_paused  note",
        "demo    ['a', 'b']  True",
        "d2      ['c']       False",
    ]


def test_json_values_are_texts_but_for_null_and_lists() -> None:
    assert json.loads(printed(ROWS, "json"))[0] == {
        "dag_id": "demo",
        "owners": ["a", "b"],
        "is_paused": "True",
        "note": None,
    }


def test_yaml_says_the_same_as_json() -> None:
    assert printed(ROWS[1:], "yaml").splitlines()[0] == "- dag_id: d2"


@pytest.mark.parametrize(
    ("output", "expected"), [("table", "No data found\n"), ("plain", "No data found\n"), ("json", "[]\n")]
)
def test_nothing_is_said_to_be_nothing(output: str, expected: str) -> None:
    assert printed([], output) == expected


def test_a_terminal_gets_colour() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    print_rows([{"state": "success"}], "table", stream)
    assert "success" in stream.getvalue()
