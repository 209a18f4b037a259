"""The wheel as users install it: both packages, both distributions, small, and never beside a real Airflow."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from acceptance.live_server import LiveServer
from support.ports import free_port

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Installed:
    wheel: Path
    python: Path

    @property
    def scripts(self) -> Path:
        return self.python.parent


def called(*words: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    inherited = {key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "PYTHONHOME"}}
    return subprocess.run(
        [str(word) for word in words], check=False, capture_output=True, text=True, env=inherited | environ, timeout=120
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    built = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, timeout=600)
    assert built.returncode == 0, built.stderr
    (wheel,) = (folder / "dist").glob("*.whl")
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv/bin/python"
    done = called(
        *[sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel]
    )
    assert done.returncode == 0, done.stderr
    return Installed(wheel, python)


def test_the_wheel_is_small_and_carries_both_packages(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
        size = sum(item.file_size for item in archive.infolist())
    assert {"tradewind", "airflow"} <= tops
    assert installed.wheel.stat().st_size < 8 * 2**20
    assert size < 30 * 2**20


def test_both_distributions_are_found_with_their_versions(installed: Installed) -> None:
    code = (
        "from importlib.metadata import distribution as d;"
        "print(d('tradewind').version, d('apache-airflow').version, d('apache-airflow').read_text('INSTALLER'))"
    )
    done = called(installed.python, "-c", code)
    assert done.stdout.split() == ["0.1.0", "2.11.2", "tradewind"]


def test_a_requirement_on_airflow_is_met(installed: Installed) -> None:
    done = called(sys.executable, "-m", "pip", "--python", installed.python, "check")
    assert "apache-airflow" not in done.stdout.replace("apache-airflow-", "")


@pytest.mark.parametrize("name", ["tradewind", "airflow"])
def test_both_commands_answer_without_any_dependency(installed: Installed, name: str) -> None:
    done = called(installed.scripts / name, "version")
    assert (done.returncode, done.stdout) == (0, "2.11.2+tradewind.0.1.0\n"), done.stderr


def test_version_imports_almost_nothing(installed: Installed) -> None:
    code = (
        "import sys; before = set(sys.modules); from tradewind.cli.main import main; main(['version']);"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = called(installed.python, "-I", "-c", code)
    heavy = {"argparse", "json", "re", "rich", "sqlalchemy", "structlog", "msgspec"}
    imported = set(done.stdout.splitlines()[1].split())
    assert "tradewind.cli.main" in imported, done.stderr
    assert imported & heavy == set()
    assert len(imported) < 20


@pytest.mark.parametrize("folder", ["apache_airflow-2.10.5.dist-info", "apache_airflow_core-3.0.0.dist-info"])
def test_beside_a_real_airflow_we_say_so_and_stop(installed: Installed, tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir()
    done = called(installed.scripts / "tradewind", "version", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert "real Apache Airflow" in done.stderr
    assert folder in done.stderr


def test_uninstalling_takes_both_away(installed: Installed, tmp_path: Path) -> None:
    python = tmp_path / "venv/bin/python"
    venv.create(tmp_path / "venv", with_pip=False)
    pip = [sys.executable, "-m", "pip", "--python", python]
    assert called(*pip, "install", "--quiet", "--no-deps", "--no-index", installed.wheel).returncode == 0
    assert called(*pip, "uninstall", "--quiet", "--yes", "tradewind").returncode == 0
    left = [path.name for path in (tmp_path / "venv").glob("lib/*/site-packages/*") if "airflow" in path.name]
    assert left == []


def test_the_installed_wheel_shows_its_interface_without_node(installed: Installed, tmp_path: Path) -> None:
    """Every file that the page names is there and is what it says, also what those files name."""
    # What we depend on, from the environment of the tests: behind the wheel's own files in the path.
    site = next((installed.python.parents[1] / "lib").glob("python*/site-packages"))
    (site / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    environ = {"PATH": str(tmp_path / "nothing"), "PYTHONPATH": "", "PYTHONWARNINGS": "default"}
    server = LiveServer(tmp_path / "home", free_port(), environ=environ, python=str(installed.python))
    server.start()
    try:
        page = fetched(server.port, "/dags")
        assert page.type == "text/html; charset=utf-8"
        assert '"base":"/"' in page.text
        names = set(re.findall(r'(?:src|href)="\./([^"]+)"', page.text))
        assert any(name.endswith(".js") for name in names)
        known = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
        for name in names:
            assert fetched(server.port, f"/{name}").type.split(";")[0] == known[Path(name).suffix], name
        scripts = [name for name in zipfile.ZipFile(installed.wheel).namelist() if "/web/dist/static/" in name]
        for name in scripts:
            fetched(server.port, "/static/" + name.rpartition("/")[2])
        packed = fetched(server.port, next(f"/{name}" for name in names if name.endswith(".js")), "br")
        assert packed.encoding == "br"
    finally:
        server.stop()


@dataclass(frozen=True)
class Fetched:
    type: str
    encoding: str | None
    text: str


def fetched(port: int, path: str, accepted: str = "identity") -> Fetched:
    """What is at an address; the test fails when nothing is."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", path, headers={"accept-encoding": accepted})
        answer = connection.getresponse()
        body = answer.read()
    assert answer.status == 200, path
    return Fetched(answer.headers["content-type"], answer.headers["content-encoding"], body.decode(errors="replace"))
