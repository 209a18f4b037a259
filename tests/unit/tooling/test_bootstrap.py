"""The set-up script reads pip's configuration as pip does, and the lock file names nobody's own servers."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, with an empty home and no pip variables."""
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "scripts/bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("PIP_INDEX_URL", "PIP_CONFIG_FILE", "PIP_CERT", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    return module


def test_the_environment_wins_over_the_users_file(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config/pip").mkdir(parents=True)
    (tmp_path / "config/pip/pip.conf").write_text("[global]\nindex-url = https://mirror.invalid/simple\n")
    assert bootstrap.pip_option("index-url") == "https://mirror.invalid/simple"
    assert not bootstrap.is_public_index()
    monkeypatch.setenv("PIP_INDEX_URL", bootstrap.DEFAULT_INDEX + "/")
    assert bootstrap.is_public_index()


def test_a_named_configuration_file_is_read(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own.conf").write_text("[install]\ncert = /own.pem\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "own.conf"))
    assert bootstrap.certificates() == {"SSL_CERT_FILE": "/own.pem"}


def test_a_password_in_an_address_is_not_shown(bootstrap: ModuleType) -> None:
    assert bootstrap.without_password("https://u:p@mirror.invalid/simple") == "https://mirror.invalid/simple"


def test_the_newest_pip_of_a_folder_index_is_taken_and_its_hash_checked(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = tmp_path / "simple/pip"
    index.mkdir(parents=True)
    names = ["pip-9.0.3-py3-none-any.whl", "pip-24.2-py3-none-any.whl"]
    links = "".join(f'<a href="{name}">{name}</a>' for name in names)
    (index / "index.html").write_text(links)
    for name in names:
        (index / name).write_text(name)
    monkeypatch.setenv("PIP_INDEX_URL", f"file://{tmp_path}/simple")
    assert bootstrap.fetch_pip_wheel(tmp_path).read_text() == names[1]
    (index / "index.html").write_text(f'<a href="{names[1]}#sha256=00">x</a>')
    with pytest.raises(SystemExit, match="sha256 differs"):
        bootstrap.fetch_pip_wheel(tmp_path)


def test_the_lock_file_names_only_the_public_index() -> None:
    hosts = set(re.findall(r"https?://([^/\"]+)", (ROOT / "uv.lock").read_text(encoding="utf-8")))
    assert hosts <= {"pypi.org", "files.pythonhosted.org"}
