"""ObjectStoragePath over files of this machine and another store, as 2.10.5 does it; and a DAG that passes paths."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from tradewind.sdk import file_systems
from tradewind.sdk.file_systems import attach
from tradewind.sdk.object_storage import ObjectStoragePath


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ObjectStoragePath:
    """A folder with two files."""
    monkeypatch.setattr(file_systems, "STORES", {})
    folder = ObjectStoragePath(f"file://{tmp_path}") / "in"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text("hello\n")
    (folder / "b.bin").write_bytes(b"xyz")
    return folder


def below(path: ObjectStoragePath) -> list[str]:
    return sorted(str(one).removeprefix(str(path) + "/") for one in path.rglob("*"))


def test_a_file_has_a_size_a_time_a_checksum_and_a_key(base: ObjectStoragePath) -> None:
    path = base / "a.txt"
    real, found = os.stat(path), path.stat()
    assert (found.st_size, found.st_mode, found.st_mtime) == (6, real.st_mode, real.st_mtime)
    assert (found["protocol"], found["conn_id"], path.size()) == ("file", None, 6)
    assert path.read_block(0, 3) == b"hel"
    before = path.checksum(), path.ukey()
    assert before == (path.checksum(), path.ukey())
    assert (type(before[0]), len(before[1])) == (int, 64)
    path.write_text("changed")
    assert path.ukey() != before[1]


def test_touch_keeps_what_is_there(base: ObjectStoragePath) -> None:
    path = base / "a.txt"
    path.touch()
    assert path.read_text() == "hello\n"
    with pytest.raises(FileExistsError):
        path.touch(exist_ok=False)
    (base / "new").touch()
    assert (base / "new").size() == 0


def test_folders_are_told_from_files(base: ObjectStoragePath) -> None:
    with pytest.raises(FileExistsError):
        base.mkdir()
    base.mkdir(exist_ok=True)
    for wrong in (lambda: list((base / "a.txt").iterdir()), (base / "a.txt").rmdir):
        with pytest.raises(NotADirectoryError):
            wrong()
    with pytest.raises(FileExistsError):
        (base / "a.txt").mkdir(exist_ok=True)
    with pytest.raises(FileNotFoundError):
        (base / "none" / "x").write_text("1")
    with pytest.raises(FileNotFoundError):
        (base / "none").unlink()
    (base / "none").unlink(missing_ok=True)
    base.rmdir()
    assert not base.exists()


def test_files_are_copied_and_moved_in_their_store(base: ObjectStoragePath) -> None:
    (base / "a.txt").copy(base / "c.txt")
    (base / "a.txt").copy(f"{base}/d.txt")
    assert (base / "c.txt").rename("e.txt") == base / "e.txt"
    assert (base / "d.txt").replace(base / "b.bin") == base / "b.bin"
    assert (base / "b.bin").read_text() == "hello\n"
    (base / "sub").mkdir()
    (base / "e.txt").copy(base / "sub")
    assert below(base) == ["a.txt", "b.bin", "e.txt", "sub", "sub/e.txt"]
    out = base.parent / "out"
    base.copy(out, recursive=True)
    assert below(out) == below(base)


def test_files_and_folders_go_to_another_store_and_back(base: ObjectStoragePath) -> None:
    memory = MemoryFileSystem()
    attach("mem", "shelf", fs=memory)
    shelf = ObjectStoragePath("mem://bk", conn_id="shelf")
    try:
        base.copy(shelf / "not", recursive=False)
        assert not (shelf / "not").exists()
        base.copy(shelf / "dir", recursive=True)
        assert below(shelf / "dir") == ["a.txt", "b.bin"]
        (shelf / "dir" / "a.txt").move(base / "deep" / "a.txt")
        assert not (shelf / "dir" / "a.txt").exists()
        assert (base / "deep" / "a.txt").read_text() == "hello\n"
        with pytest.raises(IsADirectoryError):
            (shelf / "dir").move(base / "moved")
        (shelf / "dir").move(base / "moved", recursive=True)
        assert below(base / "moved") == ["b.bin"]
        assert not (shelf / "dir").exists()
    finally:
        memory.store.clear()  # shared by all of its class
        memory.pseudo_dirs[:] = [""]


DAG_FILE = """
from airflow.decorators import dag, task
from airflow.io.path import ObjectStoragePath
from airflow.models.baseoperator import BaseOperator
import pendulum

BASE = ObjectStoragePath("file://{folder}")
SEEN = []

class Report(BaseOperator):
    template_fields = ("target",)

    def __init__(self, target, **kwargs):
        super().__init__(**kwargs)
        self.target = target

    def execute(self, context):
        self.target.write_text("report")
        return self.target

@dag(schedule=None, start_date=pendulum.datetime(2021, 1, 1, tz="UTC"), catchup=False)
def air():
    @task
    def fetch(logical_date=None) -> ObjectStoragePath:
        BASE.mkdir(exist_ok=True)
        path = BASE / f"air_{{logical_date:%Y}}.txt"
        with path.open("w") as file:
            file.write("12")
        return path

    @task
    def analyse(path: ObjectStoragePath, other: ObjectStoragePath):
        SEEN.append((type(path).__name__, path == BASE / "air_2021.txt", path.read_text(), str(other)))

    analyse(fetch(), Report(task_id="report", target=BASE / "{{{{ ds }}}}.txt").output)

the_dag = air()
"""


def test_paths_are_constants_of_a_dag_file_xcoms_and_templates(tmp_path: Path) -> None:
    (tmp_path / "air_file.py").write_text(DAG_FILE.format(folder=tmp_path / "data"))
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import air_file as f, pendulum; "
        "print(f.the_dag.test(execution_date=pendulum.datetime(2021, 2, 3, tz='UTC')).state.value, f.SEEN)"
    )
    environ = {**os.environ, "AIRFLOW_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=120, env=environ
    )
    assert done.returncode == 0, done.stderr
    seen = f"[('ObjectStoragePath', True, '12', 'file://{tmp_path}/data/2021-02-03.txt')]"
    assert done.stdout.strip().splitlines()[-1] == f"success {seen}", done.stderr
