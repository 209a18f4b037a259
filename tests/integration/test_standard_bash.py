"""BashOperator and its kin with a real bash."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any

import pendulum
import pytest
from support.standard_fakes import FakeRuntime, as_runtime, context_of

from tradewind.sdk.dag import DAG
from tradewind.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException
from tradewind.standard.bash import BashOperator
from tradewind.standard.other_python import ExternalPythonOperator, PythonVirtualenvOperator
from tradewind.standard.polling import BashSensor


def run(command: str, **more: Any) -> Any:
    dag = DAG("d", schedule=None, start_date=pendulum.datetime(2024, 1, 1))
    task = BashOperator(task_id="t", bash_command=command, dag=dag, **more)
    return task.execute(context_of(task))


@pytest.mark.parametrize(
    ("command", "result"),
    [
        ("echo a; echo b", "b"),
        ("true", ""),
        ("echo out; echo err >&2", "err"),
        ("printf 'a\\n\\n'", ""),
        ("yes | head -1", "y"),
    ],
)
def test_the_last_line_is_the_result(command: str, result: str) -> None:
    assert run(command) == result


def test_a_processor_works_on_the_last_line() -> None:
    assert run("echo 41", output_processor=lambda line: int(line) + 1) == 42


@pytest.mark.parametrize(
    ("more", "code", "error"),
    [
        ({}, 3, AirflowException),
        ({}, 99, AirflowSkipException),
        ({"skip_on_exit_code": [7, 8]}, 8, AirflowSkipException),
        ({"skip_on_exit_code": None}, 99, AirflowException),
    ],
)
def test_the_exit_code_decides(more: Any, code: int, error: type[Exception]) -> None:
    with pytest.raises(error, match=f"exit code {code}"):
        run(f"exit {code}", **more)


def test_the_words_of_a_failure() -> None:
    with pytest.raises(AirflowException) as failure:
        run("exit 3")
    assert str(failure.value) == "Bash command failed. The command returned a non-zero exit code 3."


def test_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OURS", "ours")
    show = 'echo "${OURS:-none} ${MINE:-none} $AIRFLOW_CTX_DAG_ID"'
    assert run(show) == "ours none d"
    assert run(show, env={"MINE": "mine"}) == "none mine d"
    assert run(show, env={"MINE": "mine"}, append_env=True) == "ours mine d"


def test_the_folder(tmp_path: Path) -> None:
    assert run("pwd", cwd=str(tmp_path)) == str(tmp_path)
    assert run("pwd") != os.getcwd()
    with pytest.raises(AirflowException, match="Can not find the cwd"):
        run("pwd", cwd=str(tmp_path / "no"))
    (tmp_path / "file").touch()
    with pytest.raises(AirflowException, match="must be a directory"):
        run("pwd", cwd=str(tmp_path / "file"))


def test_killing_reaches_what_the_command_started(tmp_path: Path) -> None:
    """The reader of the pipe gets end of file only when the whole group is gone."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    task = BashOperator(task_id="t", bash_command=f"bash -c 'exec 3>{pipe}; echo up >&3; sleep 600' & wait")
    errors: list[BaseException] = []

    def execute() -> None:
        try:
            task.execute(context_of(task))
        except AirflowException as error:
            errors.append(error)

    thread = threading.Thread(target=execute)
    thread.start()
    with pipe.open() as reader:
        assert reader.readline() == "up\n"
        task.on_kill()
        assert reader.read() == ""
    thread.join(timeout=30)
    assert "non-zero exit code" in str(errors[0])


@pytest.mark.parametrize(("command", "more", "done"), [("exit 0", {}, True), ("exit 1", {}, False)])
def test_a_bash_sensor_looks_at_the_exit_code(command: str, more: Any, done: bool) -> None:
    sensor = BashSensor(task_id="s", bash_command=command, **more)
    assert sensor.poke(context_of(sensor)) is done


def test_a_bash_sensor_with_a_retry_code_fails_at_any_other() -> None:
    sensor = BashSensor(task_id="s", bash_command="exit 2", retry_exit_code=1)
    with pytest.raises(AirflowFailException):
        sensor.poke(context_of(sensor))
    sensor = BashSensor(task_id="s", bash_command="exit 1", retry_exit_code=1)
    assert sensor.poke(context_of(sensor)) is False


def somewhere_else(x: int, ds: str) -> dict[str, Any]:
    """Called in another Python, so it stands on its own."""
    import sys

    if x == 13:
        raise ValueError("unlucky")
    if x == 99:
        sys.exit(99)
    return {"x": x + 1, "ds": ds, "prefix": sys.prefix}


def external(x: int, **more: Any) -> Any:
    task = ExternalPythonOperator(
        task_id="t", python=sys.executable, python_callable=somewhere_else, op_kwargs={"x": x}, **more
    )
    with as_runtime(FakeRuntime()):
        return task.execute(context_of(task))


def test_a_function_can_be_called_in_another_python() -> None:
    assert external(1) == {"x": 2, "ds": "2024-01-03", "prefix": sys.prefix}


def test_its_error_comes_back() -> None:
    with pytest.raises(AirflowException, match="unlucky"):
        external(13)


def test_its_exit_code_can_mean_skipped() -> None:
    with pytest.raises(AirflowSkipException):
        external(99, skip_on_exit_code=99)


def test_an_environment_is_made_for_a_function(tmp_path: Path) -> None:
    task = PythonVirtualenvOperator(
        task_id="t",
        python_callable=somewhere_else,
        op_kwargs={"x": 1},
        system_site_packages=False,
        venv_cache_path=str(tmp_path),
    )
    with as_runtime(FakeRuntime()):
        prefixes = {task.execute(context_of(task))["prefix"] for _ in range(2)}
    (prefix,) = prefixes
    assert prefix.startswith(str(tmp_path))
