"""Small pieces of DAG files give the values and the errors that they gave in Airflow 2.10.5 (golden/authoring.json)."""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path
from typing import Any

import pytest

RECORDED = json.loads((Path(__file__).parents[2] / "golden" / "authoring.json").read_text())


@pytest.mark.parametrize("code", RECORDED["results"])
def test_a_piece_of_a_dag_file(code: str) -> None:
    """``ok`` and the representation of R, or the error's type and message."""
    names: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(RECORDED["before"], names)
        try:
            exec(code, names)
        except Exception as error:
            given = f"{type(error).__name__}: {error}"
        else:
            given = f"ok {names['R']!r}"
    assert re.sub(r"0x[0-9a-f]+", "0x", given) == RECORDED["results"][code]
