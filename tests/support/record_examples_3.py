"""Asks a real Airflow 3.3.2 what becomes of its own example DAGs, and prints the answer as golden JSON.

Not a test: run it by hand when the golden file must be made again, with the Python of an environment in which
``apache-airflow==3.3.2`` is installed:

    AIRFLOW3/bin/python tests/support/record_examples_3.py > tests/golden/example_dags_3.json

With ``--structure`` it prints what is in the DAGs instead (tests/golden/example_dags_3_structure.json).
With files as arguments (``tutorial.py standard/example_sensors.py``) only their DAGs are run.
Each DAG runs once by ``dag.test()``, all with the same date, in a process of its own over a temporary SQLite database
into which all of them were registered. DAGs that do not end within the time are left out: they wait for a human, a
service, or another run.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

LOGICAL_DATE = "2024-01-02T00:00:00+00:00"
CONF: dict[str, Any] = {
    "example_params_ui_tutorial": {"required_field": "ten letters"},
    "example_trigger_target_dag": {"message": "Hello World"},
}
"""What is passed to the runs of these DAGs."""
PATIENCE = int(os.environ.get("PATIENCE", "400"))
"""Seconds for a DAG."""


def main() -> None:
    """Make the database, run all, print."""
    if sys.argv[1:] == ["--structure"]:
        json.dump(_structure(), sys.stdout, sort_keys=True, separators=(",", ":"))
        sys.stdout.write("\n")
        return
    home = Path(tempfile.mkdtemp(prefix="examples-3-"))
    os.environ.update(
        {
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "True",
            "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
            "AIRFLOW_CONN_FS_DEFAULT": "fs://",
        }
    )
    try:
        airflow = str(Path(sys.executable).with_name("airflow"))
        for command in (["db", "migrate"], ["dags", "reserialize"]):
            subprocess.run([airflow, *command], check=True, stdout=sys.stderr)
        files: dict[str, Any] = {}
        loaded, errors = _load()
        loaded = [pair for pair in loaded if not sys.argv[1:] or pair[0] in sys.argv[1:]]
        for number, (file, dag) in enumerate(loaded, 1):
            outcome = _outcome_in_a_fork(dag, home)
            sys.stderr.write(f"{number} of {len(loaded)} {dag.dag_id}: {outcome and outcome['run']}\n")
            if outcome is not None:
                files.setdefault(file, {})[dag.dag_id] = outcome
    finally:
        shutil.rmtree(home, ignore_errors=True)
    golden = {"files": files, "errors": errors, "logical_date": LOGICAL_DATE, "version": "3.3.2"}
    json.dump(golden, sys.stdout, indent=1, sort_keys=True)
    sys.stdout.write("\n")


def _load() -> tuple[list[tuple[str, Any]], dict[str, str]]:
    """(file, DAG) of all examples, and the files that cannot be imported. Files of the provider under standard/."""
    import airflow.example_dags
    import airflow.providers.standard.example_dags
    from airflow.dag_processing.dagbag import BundleDagBag
    from airflow.providers_manager import ProvidersManager

    ProvidersManager().initialize_providers_configuration()
    found: list[tuple[str, Any]] = []
    errors: dict[str, str] = {}
    bundles = (
        ("example_dags", "", airflow.example_dags),
        ("apache-airflow-providers-standard-example-dags", "standard/", airflow.providers.standard.example_dags),
    )
    for bundle, prefix, package in bundles:
        folder = Path(next(iter(package.__path__)))
        bag = BundleDagBag(folder, bundle_path=folder, bundle_name=bundle)
        found += [(prefix + Path(dag.fileloc).name, dag) for dag in bag.dags.values()]
        errors |= {prefix + Path(file).name: text.strip().splitlines()[-1] for file, text in bag.import_errors.items()}
    return sorted(found, key=lambda pair: (pair[0], pair[1].dag_id)), errors


def _structure() -> dict[str, Any]:
    """File → DAG id → what load_dag_files.py tells of ours too."""
    loaded, errors = _load()
    files: dict[str, Any] = {}
    for file, dag in loaded:
        files.setdefault(file, {})[dag.dag_id] = {
            "catchup": dag.catchup,
            "start_date": str(dag.start_date),
            "tags": sorted(dag.tags),
            "params": sorted(dag.params),
            "tasks": {task.task_id: _of_task(task) for task in dag.tasks},
        }
    return {"files": files, "errors": errors}


def _of_task(task: Any) -> dict[str, Any]:
    return {
        "type": task.task_type,
        "operator_name": task.operator_name,
        "downstream": sorted(task.downstream_task_ids),
        "rule": str(getattr(task.trigger_rule, "value", task.trigger_rule)),
        "mapped": type(task).__name__ in ("MappedOperator", "DecoratedMappedOperator"),
        "setup": task.is_setup,
        "teardown": task.is_teardown,
        "retries": task.retries,
        "owner": task.owner,
        "outlets": sorted(str(getattr(item, "uri", getattr(item, "name", ""))) for item in task.outlets),
    }


def _outcome_in_a_fork(dag: Any, home: Path) -> dict[str, Any] | None:
    """The outcome of one run; None when it did not end in time."""
    from airflow import settings

    settings.engine.dispose()
    answer = home / "answer.json"
    answer.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        os.setsid()
        signal.alarm(PATIENCE)
        os.dup2(os.open(home / "output", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 1)
        try:
            answer.write_text(json.dumps(_outcome(dag)), encoding="utf-8")
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    return json.loads(answer.read_text(encoding="utf-8")) if answer.exists() else None


def _outcome(dag: Any) -> dict[str, Any]:
    from airflow.sdk import timezone

    conf = CONF.get(dag.dag_id, {})
    run = dag.test(logical_date=timezone.parse(LOGICAL_DATE), run_conf=conf)
    tasks = {
        row.task_id if row.map_index < 0 else f"{row.task_id}[{row.map_index}]": row.state
        for row in run.get_task_instances()
    }
    return {"run": str(run.state), "tasks": tasks, **({"conf": conf} if conf else {})}


if __name__ == "__main__":
    main()
