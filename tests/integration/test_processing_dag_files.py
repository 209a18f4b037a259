"""Importing DAG files: which DAGs are found, what is recorded of the import, packaged DAGs, listing of folders."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tradewind.execution.bundles import LocalFolder
from tradewind.execution.dag_bag import DagBag
from tradewind.execution.dag_files import LoadOptions, load_file
from tradewind.execution.policies import Policies
from tradewind.sdk.exceptions import AirflowClusterPolicySkipDag, AirflowClusterPolicyViolation
from tradewind.sdk.runtime import RUNTIME
from tradewind.serde.encode import encode

HEAD = """
from datetime import datetime
from tradewind.sdk.dag import DAG
from tradewind.sdk.operator import BaseOperator
"""

RECORD = """
import json, sys
from tradewind.execution.dag_files import LoadOptions, load_file
folder, path = sys.argv[1:]
loaded = load_file(path, LoadOptions(dags_folder=folder, plugins_folder=folder + "/../plugins"))
print(json.dumps({
    "files": sorted(one.path for one in loaded.files),
    "env": sorted(name for kind, name, _ in loaded.lookups if kind == "env"),
    "volatile": loaded.is_volatile,
    "unsafe": loaded.is_fork_unsafe,
    "errors": loaded.errors,
}))
"""


def record(folder: Path, source: str) -> dict[str, Any]:
    """What a real process records of importing a file with this source."""
    path = folder / "watched.py"
    path.write_text(source)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "MY_MODE": "blue"}
    done = subprocess.run(
        [sys.executable, "-c", RECORD, str(folder), str(path)], capture_output=True, text=True, env=env, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert found["errors"] == []
    return found


@pytest.fixture
def dags(tmp_path: Path) -> Path:
    folder = tmp_path / "dags"
    folder.mkdir()
    return folder


def test_modules_data_files_and_listed_folders_below_the_dag_folder_are_dependencies(dags: Path) -> None:
    (dags / "conf").mkdir()
    (dags / "conf" / "a.yaml").write_text("x")
    (dags / "helper_of_watched.py").write_text("import json")
    found = record(
        dags,
        "import glob, os, pathlib\nimport helper_of_watched\nhere = pathlib.Path(__file__).parent\n"
        "for name in glob.glob(str(here / 'conf' / '*.yaml')):\n    open(name).read()\n",
    )
    names = ["conf", "conf/a.yaml", "helper_of_watched.py", "watched.py"]
    assert found["files"] == [str(dags / name) for name in names]
    assert not found["volatile"]


def test_environment_variables_that_are_read_are_recorded_by_name(dags: Path) -> None:
    found = record(
        dags, "import os\nos.environ['MY_MODE']\nos.getenv('NOT_THERE')\nx = {k: 1 for k, v in os.environ.items()}\n"
    )
    assert found["env"] == ["MY_MODE", "NOT_THERE"]


@pytest.mark.parametrize(
    ("source", "volatile", "unsafe"),
    [
        ("import os\n", False, False),
        ("open('/etc/hostname').read()\n", True, False),
        ("import subprocess\nsubprocess.run(['true'])\n", True, False),
        ("import socket\ns = socket.socket()\ns.bind(('127.0.0.1', 0))\ns.close()\n", True, False),
        ("import socket\nkept = socket.socket()\n", False, True),
        (
            "import threading\ne = threading.Event()\nthreading.Thread(target=e.wait, daemon=True).start()\n",
            False,
            True,
        ),
        ("import threading\nt = threading.Thread(target=int)\nt.start()\nt.join()\n", False, False),
        ("import croniter, jinja2, sqlalchemy, requests\n", False, False),
    ],
    ids=["nothing", "file elsewhere", "process", "socket used", "socket left", "thread", "thread done", "libraries"],
)
def test_what_cannot_be_watched_makes_a_file_volatile_and_threads_and_sockets_unsafe_to_fork(
    dags: Path, source: str, volatile: bool, unsafe: bool
) -> None:
    found = record(dags, source)
    assert (found["volatile"], found["unsafe"]) == (volatile, unsafe)


def load(path: Path, **options: Any) -> Any:
    return load_file(str(path), LoadOptions(dags_folder=str(path.parent), watch=False, **options))


def test_dags_made_in_functions_register_themselves_unless_told_not_to(dags: Path) -> None:
    path = dags / "made.py"
    path.write_text(
        HEAD
        + "def make(name, **kw):\n    with DAG(name, schedule=None, **kw):\n        pass\n"
        + "make('auto')\nmake('not_auto', auto_register=False)\n"
        + "def lost():\n    DAG('never_entered', schedule=None)\nlost()\n"
        + "top = DAG('top', schedule=None, auto_register=False)\n"
    )
    loaded = load(path)
    assert [dag.dag_id for dag in loaded.dags] == ["auto", "top"]
    assert {dag.fileloc for dag in loaded.dags} == {str(path)}


def test_two_files_of_one_name_are_two_modules(dags: Path) -> None:
    for folder in ("a", "b"):
        (dags / folder).mkdir()
        (dags / folder / "same.py").write_text(HEAD + f"d = DAG('{folder}', schedule=None)\n")
    found = [load(dags / folder / "same.py").dags[0].dag_id for folder in ("a", "b")]
    assert found == ["a", "b"]


def test_a_file_is_serialised_to_the_same_bytes_each_time(dags: Path) -> None:
    path = dags / "stable.py"
    path.write_text(
        HEAD
        + "class Op(BaseOperator):\n    template_fields = ('args',)\n"
        + "    def __init__(self, args, **kw):\n        super().__init__(**kw)\n        self.args = args\n"
        + "with DAG('d', schedule=None, tags={'x', 'y', 'z'}) as d:\n"
        + "    a = Op(task_id='a', args=[{'p', 'q', 'r'}, lambda: 1, object()])\n"
        + "    a >> [Op(task_id=f't{n}', args=n) for n in range(9)]\n"
    )
    script = (
        "import sys\nfrom tradewind.execution.dag_files import LoadOptions, load_file\n"
        "from tradewind.serde.encode import encode\n"
        "sys.stdout.buffer.write(encode(load_file(sys.argv[1], LoadOptions(watch=False)).dags[0]))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", script, str(path)],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(texts) == 1
    assert b"0x" not in texts.pop()


def test_an_archive_gives_the_dags_of_its_root_modules_and_their_inner_imports(dags: Path) -> None:
    path = dags / "packed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "in_zip_one.py", "# airflow\nimport inner_of_zip.deep\n" + HEAD + "d = DAG('z1', schedule=None)\n"
        )
        archive.writestr("in_zip_bad.py", "# airflow dag\nraise ValueError('in zip')\n")
        archive.writestr("in_zip_plain.py", "raise RuntimeError('not a dag file')\n")
        archive.writestr("inner_of_zip/__init__.py", "")
        archive.writestr("inner_of_zip/deep.py", "# airflow dag\n")
    loaded = load(path, safe_mode=True)
    assert [(dag.dag_id, dag.fileloc) for dag in loaded.dags] == [("z1", f"{path}/in_zip_one.py")]
    assert [where for where, _ in loaded.errors] == [f"{path}/in_zip_bad.py"]


def test_policies_may_change_skip_and_refuse_dags(dags: Path) -> None:
    path = dags / "ruled.py"
    path.write_text(HEAD + "".join(f"{name} = DAG('{name}', schedule=None)\n" for name in ("fine", "skip", "bad")))

    def rule(dag: Any) -> None:
        if dag.dag_id == "skip":
            raise AirflowClusterPolicySkipDag
        if dag.dag_id == "bad":
            raise AirflowClusterPolicyViolation("no owner")
        dag.max_active_runs = 3

    loaded = load(path, policies=Policies(dag=(rule,)))
    assert [(dag.dag_id, dag.max_active_runs) for dag in loaded.dags] == [("fine", 3)]
    assert loaded.errors[0][1].endswith("AirflowClusterPolicyViolation: no owner")


def test_the_runtime_of_the_caller_is_back_afterwards(dags: Path) -> None:
    path = dags / "a.py"
    path.write_text("raise ValueError")
    load(path)
    assert RUNTIME.get() is None


def test_a_dag_bag_has_dags_and_import_errors(dags: Path) -> None:
    (dags / "good.py").write_text("# airflow\n" + HEAD + "d = DAG('good', schedule=None)\n")
    (dags / "twin.py").write_text("# airflow\n" + HEAD + "d = DAG('good', schedule=None)\n")
    (dags / "bad.py").write_text("# airflow dag\nraise ValueError('x')\n")
    (dags / "other.py").write_text("raise RuntimeError('never imported')\n")
    bag = DagBag(str(dags), include_examples=False)
    assert (bag.dag_ids, bag.size()) == (["good"], 1)
    assert sorted(bag.import_errors) == [str(dags / "bad.py"), str(dags / "twin.py")]
    assert bag.get_dag("good") is bag.dags["good"]
    assert bag.get_dag("nope") is None
    (dags / "good.py").write_text("# airflow  \n" + HEAD + "d = DAG('good', schedule=None, description='new')\n")
    renewed = bag.get_dag("good")
    assert renewed is not None
    assert renewed.description == "new"
    assert encode(renewed)


def test_a_folder_is_listed_with_links_without_loops_and_without_what_is_ignored(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "dags", tmp_path / "elsewhere"
    for folder in (root / "sub" / "__pycache__", root / "skipped", elsewhere):
        folder.mkdir(parents=True)
    for name in ("a.py", "sub/b.py", "sub/__pycache__/c.py", "skipped/d.py", "notes.txt", "sub/e.pyc"):
        (root / name).write_text("DAG of Airflow")
    (root / "plain.py").write_text("import os")
    (elsewhere / "linked.py").write_text("airflow dag")
    (root / "link").symlink_to(elsewhere)
    (root / "sub" / "loop").symlink_to(root)
    (root / "dangling.py").symlink_to(tmp_path / "nowhere.py")
    (root / ".airflowignore").write_text("skipped\n[\n")
    with zipfile.ZipFile(root / "packed.zip", "w") as archive:
        archive.writestr("x.py", "")
    folder = LocalFolder(root)
    assert [os.path.relpath(path, root) for path in folder.files()] == [
        "a.py",
        "link/linked.py",
        "packed.zip",
        "sub/b.py",
    ]
    assert folder.links == [str(elsewhere)]
    assert "line 2" in folder.warnings[0]
    (root / "plain.py").write_text("import os  # airflow dag")
    (root / ".airflowignore").unlink()
    assert [os.path.relpath(path, root) for path in folder.files()] == [
        *("a.py", "link/linked.py", "packed.zip", "plain.py", "skipped/d.py", "sub/b.py")
    ]
    assert len(LocalFolder(root, safe_mode=False).files()) == 6


def test_a_file_saved_twice_in_a_second_is_read_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's byte code would be taken for current: same second, same size."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = tmp_path / "twice.py"
    seen = []
    for word in ("old", "new"):
        path.write_text(
            "from datetime import datetime\nfrom tradewind.sdk.dag import DAG\n"
            f"dag = DAG('twice', start_date=datetime(2024, 1, 1), description='{word}')\n"
        )
        os.utime(path, (1_700_000_000, 1_700_000_000))
        [dag] = load_file(str(path), LoadOptions(watch=False)).dags
        seen.append(dag.description)
    assert seen == ["old", "new"]
