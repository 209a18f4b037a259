"""What an attempt's log holds: no secrets, whoever wrote them; groups; lines as ``[logging]`` wants them. One worker
serves all tests of this file."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator

import pytest
from support.attempts import Setting, worker_of
from support.fake_scheduler import FakeScheduler
from support.worker_home import WorkerHome

from tradewind.wire.messages import Finish

LOGGING = {
    "logging_level": "DEBUG",
    "log_format": "%(levelname)s|%(message)s",
    "file_task_handler_new_file_permissions": "0o600",
    "file_task_handler_new_folder_permissions": "0o700",
}


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WorkerHome, FakeScheduler]]:
    options = {"logging": LOGGING, "core": {"sensitive_var_conn_names": "colour, shape"}}
    with worker_of(tmp_path_factory, options) as made:
        yield made


@pytest.fixture
def setting(worker: tuple[WorkerHome, FakeScheduler], request: pytest.FixtureRequest) -> Setting:
    return Setting(*worker, re.sub(r"\W+", "_", request.node.name))


TALK = """
import logging, subprocess, sys
from airflow.utils.log.secrets_masker import mask_secret

def work():
    os.system("echo before")
    mask_secret("open-sesame")
    print("printed open-sesame")
    print("open-", end="")
    print("sesame")
    os.system("echo program open-sesame")
    logging.getLogger("mine").debug("args %s %s", "open-sesame", {"password": "never-told", "k": [1]})
    logging.info("named %(token)s", {"token": "never-told"})
    logging.info("mine %s", {"Colour_of_door": "never-told"})
    logging.warning({"deep": [{"secret": "never-told"}]})
    subprocess.run([sys.executable, "-c", "import sys; print('x' * 70000 + 'open-sesame')"], check=True)
    os.write(2, b"without an end open-sesame")
    try:
        raise ValueError("inner open-sesame")
    except ValueError as error:
        raise RuntimeError("outer open-sesame") from error

PythonOperator(task_id="t", python_callable=work)
"""


def test_no_secret_gets_into_a_log_whoever_writes_it(setting: Setting) -> None:
    finish = setting.finish(setting.dag(TALK), "t")
    log = setting.log("t")
    assert "outer ***" in str(finish.outcome)
    assert "sesame" not in log
    assert "never-told" not in log
    wanted = [
        "before",
        "INFO|printed ***",
        "INFO|***",
        "program ***",
        "DEBUG|args *** {'password': '***', 'k': [1]}",
        "INFO|named ***",
        "INFO|mine {'Colour_of_door': '***'}",
        "WARNING|{'deep': [{'secret': '***'}]}",
        "x" * 70000 + "***",
        "ValueError: inner ***",
        "RuntimeError: outer ***",
        "without an end ***",
    ]
    lines = log.splitlines()
    assert [line for line in lines if line in wanted] == wanted


OTHER_PYTHON = """
import sys
from airflow.utils.log.secrets_masker import mask_secret

@task.external_python(python=sys.executable, expect_airflow=False)
def t(word):
    import sys
    print("there", word)
    print("err", word, file=sys.stderr)
    return word

@task
def word():
    return "open-sesame"

mask_secret("open-sesame")
t("open-sesame")
"""


def test_what_another_interpreter_prints_is_masked_as_here(setting: Setting) -> None:
    finish = setting.finish(setting.dag(OTHER_PYTHON), "t")
    assert finish.outcome.kind == "succeeded", setting.log("t")
    log = setting.log("t")
    assert "sesame" not in log
    assert "INFO|there ***" in log.splitlines()
    assert "INFO|err ***" in log.splitlines()


def headings(log: str) -> list[str]:
    """Marks of groups, and the lines that they are known by."""
    found = re.findall(
        r"\|(::group::.*|::endgroup::|Starting|Exporting|own words|Task failed|Marking task as \w+|Task exited)", log
    )
    return list(found)


def test_what_is_not_the_tasks_own_is_in_groups(setting: Setting) -> None:
    path = setting.dag(
        """
def fine():
    print("own words")
def wrong():
    fine()
    raise ValueError("no")
PythonOperator(task_id="fine", python_callable=fine)
PythonOperator(task_id="wrong", python_callable=wrong)
PythonOperator(task_id="unrendered", python_callable=fine, op_args=["{{ nobody.knows }}"])
"""
    )
    for task_id in ("fine", "wrong", "unrendered"):
        setting.finish(path, task_id)
        setting.scheduler.seen.clear()
    before = ["::group::Pre task execution logs", "Starting", "Exporting", "::endgroup::"]
    after = ["::group::Post task execution logs"]
    assert headings(setting.log("fine")) == [
        *before, "own words", *after, "Marking task as SUCCESS", "Task exited", "::endgroup::",
    ]  # fmt: skip
    failed = ["Task failed", "Marking task as FAILED", *after, "Task exited", "::endgroup::"]
    assert headings(setting.log("wrong")) == [*before, "own words", *failed]
    assert headings(setting.log("unrendered")) == [*before[:2], "::endgroup::", *failed]


def test_files_and_folders_of_logs_have_their_modes(setting: Setting) -> None:
    path = setting.dag('PythonOperator(task_id="t", python_callable=print)')
    assert isinstance(setting.finish(path, "t"), Finish)
    folder = setting.home.home / "logs" / "dag_id=d" / f"run_id={setting.name}" / "task_id=t"
    assert stat.S_IMODE((folder / "attempt=1.log").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_log_of_a_killed_process_says_so(setting: Setting) -> None:
    path = setting.dag(
        """
def die():
    print("own words")
    os.kill(os.getpid(), signal.SIGKILL)
PythonOperator(task_id="t", python_callable=die)
"""
    )
    setting.exited(setting.launch(path, "t"))
    lines = setting.log("t").splitlines()
    assert lines[-3] == "INFO|own words"
    assert "ERROR - The task's process ended before it finished: killed by SIGKILL, likely because memory" in lines[-2]
    assert lines[-1].endswith("INFO - Task exited with return code -9")
