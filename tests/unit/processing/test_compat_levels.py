"""Which compat level a DAG file has: the deployment's, or that of the folder it lies in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradewind.execution.dag_files import LoadOptions, load_file
from tradewind.model.compat import level_of, levels_of_folders
from tradewind.model.errors import ConfigError
from tradewind.processing.children import request_for
from tradewind.processing.options import ProcessorOptions
from tradewind.processing.stamps import Stamps
from tradewind.serde.decode import decode
from tradewind.serde.encode import encode

FOLDERS = "new=3, new/old = 2, /elsewhere=3,"


@pytest.mark.parametrize(
    ("path", "level"),
    [
        ("/dags/a.py", 2),
        ("/dags/new/a.py", 3),
        ("/dags/newer/a.py", 2),
        ("/dags/new/old/deep/a.py", 2),
        ("/elsewhere/a.py", 3),
    ],
)
def test_the_innermost_folder_decides(path: str, level: int) -> None:
    assert level_of(path, "/dags/", 2, FOLDERS) == level
    options = ProcessorOptions(dags_folder="/dags", compat_level=2, compat_level_of_folders=FOLDERS)
    assert request_for(path, options).compat_level == level


def test_without_folders_it_is_the_deployments() -> None:
    assert [level_of("/dags/a.py", "/dags", level, "") for level in (2, 3)] == [2, 3]


@pytest.mark.parametrize("text", ["new", "new=4", "=3", "a=3;b=2"])
def test_what_cannot_be_read_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ConfigError, match="FOLDER=LEVEL"):
        levels_of_folders(text)


def test_another_level_parses_the_files_again() -> None:
    options = [ProcessorOptions(dags_folder="/dags", compat_level_of_folders=text) for text in ("", "new=3")]
    assert len({Stamps().salt(each) for each in options}) == 2


@pytest.mark.parametrize(("level", "kind"), [(2, "cron_interval"), (3, "cron_trigger")])
@pytest.mark.parametrize("place", ["airflow", "airflow.sdk"])
def test_a_file_has_the_defaults_of_its_level_wherever_it_imports_from(
    tmp_path: Path, level: int, kind: str, place: str
) -> None:
    path = tmp_path / "file.py"
    path.write_text(
        f"from datetime import datetime\nfrom {place} import DAG\n"
        "dag = DAG('d', start_date=datetime(2024, 1, 1), schedule='@daily')\n",
        encoding="utf-8",
    )
    loaded = load_file(str(path), LoadOptions(dags_folder=str(tmp_path), compat_level=level, watch=False))
    spec = decode(encode(loaded.dags[0]))
    assert (spec.timetable.kind, spec.catchup, spec.compat_level) == (kind, level == 2, level)
