"""The façade: every row of its tables leads somewhere, signatures are Airflow's, and importing it costs nothing."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from airflow import _finder

GOLDEN = Path(__file__).parents[1] / "golden" / "facade_signatures.json"
SIGNATURES: dict[str, list[str]] = json.loads(GOLDEN.read_text(encoding="utf-8"))

LATER = frozenset(
    {
        # These need the scheduler's database models, which have their own issue.
        "airflow.api.common.trigger_dag:trigger_dag",
        "airflow.utils.helpers:alchemy_to_dict",
        "airflow.utils.helpers:parse_template_string",
        "airflow.utils.helpers:render_log_filename",
        # Takes what DAG takes, as keywords.
        "airflow.decorators:dag",
    }
)

POSITIONAL = frozenset({"k", "__string", "max_depth"})
"""Parameters of helpers that nobody gives by name; ours are called otherwise, or are not there."""

ROWS = [
    (module, name, row)
    for module, rows in _finder.names().modules.items()
    for name, row in rows.items()
    # A provider's class is there when its package is installed.
    if not row.startswith("airflow.providers.")
]


@pytest.mark.parametrize(("module", "name", "row"), ROWS, ids=[f"{module}.{name}" for module, name, _ in ROWS])
def test_each_name_of_the_tables_leads_to_something(module: str, name: str, row: str) -> None:
    _finder.resolve(row)  # raises ImportError, with a sentence


@pytest.mark.parametrize("module", sorted(_finder.names().modules))
def test_each_module_of_the_tables_can_be_imported(module: str) -> None:
    assert import_module(module).__name__ == module


def test_the_same_object_stands_in_all_places() -> None:
    """Providers compare and subclass across old and new paths."""
    import airflow.models
    import airflow.models.baseoperator
    import airflow.sdk
    from airflow.hooks.base import BaseHook

    assert airflow.models.BaseOperator is airflow.models.baseoperator.BaseOperator is airflow.sdk.BaseOperator
    assert BaseHook is airflow.sdk.BaseHook
    assert airflow.DAG is airflow.models.DAG is airflow.sdk.DAG


def _object(path: str) -> Any:
    module, _, names = path.partition(":")
    found: Any = import_module(module)
    for name in names.split("."):
        found = getattr(found, name)
    return found


def _parameters(found: Any) -> set[str]:
    """Names that can be given: of a class, those of its bases' constructors too, which it takes as ``**kwargs``."""
    if not inspect.isclass(found):
        return set(inspect.signature(found).parameters)
    names = set(inspect.signature(found).parameters)
    for base in found.__mro__[:-1]:
        if "__init__" in vars(base):
            names |= set(inspect.signature(base.__init__).parameters)
    return names


@pytest.mark.parametrize("path", sorted(set(SIGNATURES) - LATER))
def test_signatures_have_all_of_airflows_parameters(path: str) -> None:
    wanted = [name for name in SIGNATURES[path] if not name.startswith("*") and name not in POSITIONAL]
    assert [name for name in wanted if name not in _parameters(_object(path))] == []


def test_importing_airflow_loads_few_modules_and_changes_nothing(tmp_path: Path) -> None:
    """No configuration, logging, database, socket, process or folder: providers import it in their first line. As
    nothing heavy is loaded, it takes a millisecond or two."""
    code = """
import os, sys
before, environ = set(sys.modules), dict(os.environ)
seen = ("open", "os.mkdir", "socket.connect", "socket.__new__", "subprocess.Popen", "os.fork")
done = []
sys.addaudithook(lambda event, args: done.append((event, args[0] if args else "")) if event in seen else None)
import airflow
loaded = set(sys.modules) - before
others = [f"{event} {what}" for event, what in done if not str(what).endswith((".py", ".pyc"))]
heavy = loaded & {"logging", "configparser", "asyncio", "threading", "json", "re", "sqlalchemy", "pendulum", "typing"}
print(len(loaded), others, sorted(heavy), os.environ == environ, airflow.__version__)
"""
    environ = {**os.environ, "AIRFLOW_HOME": str(tmp_path / "home")}
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environ)
    count, rest = answer.stdout.split(" ", 1)
    assert int(count) < 15
    assert rest.strip() == "[] [] True 2.11.2"
    assert answer.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_left_out_on_purpose_says_why() -> None:
    with pytest.raises(ImportError, match="DAGs are not pickled"):
        import_module("airflow.models.dagpickle")
    with pytest.raises(ImportError, match="REST API"):
        exec("from airflow.api import client")


def test_a_name_that_never_was_is_an_ordinary_import_error() -> None:
    with pytest.raises(ImportError, match=r"cannot import name 'Nonsense' from 'airflow\.models'"):
        exec("from airflow.models import Nonsense")
    with pytest.raises(ModuleNotFoundError, match=r"airflow\.nonsense"):
        import_module("airflow.nonsense")
    assert not hasattr(import_module("airflow.models"), "Nonsense")


def test_old_places_still_work_and_warn() -> None:
    from airflow.exceptions import RemovedInAirflow3Warning
    from airflow.operators.empty import EmptyOperator

    with pytest.warns(RemovedInAirflow3Warning, match=r"airflow\.operators\.empty"):
        exec(
            "from airflow.operators.dummy_operator import DummyOperator; found.append(DummyOperator)",
            found := {"found": []},
        )
    assert found["found"] == [EmptyOperator]


def test_an_old_place_of_a_provider_class_names_the_package_to_install() -> None:
    with pytest.raises(ImportError, match="pip install apache-airflow-providers-postgres"):
        exec("from airflow.hooks.postgres_hook import PostgresHook")


def test_provider_wheels_share_the_namespace(tmp_path: Path) -> None:
    """A wheel brings airflow/providers/NAME without __init__.py above it; ours and theirs are found together."""
    package = tmp_path / "airflow" / "providers" / "fancy"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("from airflow import __version__ as core\n", encoding="utf-8")
    code = (
        "from airflow.providers.fancy import core;"
        "from airflow.providers.standard.operators.empty import EmptyOperator;"
        "print(core, EmptyOperator.__name__)"
    )
    source = Path(_finder.__file__).parents[1]
    answer = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": f"{source}:{tmp_path}"},
    )
    assert answer.stdout.split() == ["2.11.2", "EmptyOperator"]


def test_star_imports_give_the_rows() -> None:
    space: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec("from airflow.operators.bash import *", space)
    assert "BashOperator" in space
