"""``tradewind providers install`` by pip and by uv, from a folder of wheels instead of an index."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.tryout_wheel import plain_wheel, wheel

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Place:
    """An environment with tradewind's wheel, an installer, and wheels to be found."""

    python: Path
    installer: str
    environ: dict[str, str]

    def install(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """``providers install``."""
        return self.command("install", *words, **environ)

    def command(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """``providers …``."""
        return subprocess.run(
            [str(self.python), "-m", "tradewind", "providers", *words],
            check=False, capture_output=True, text=True, timeout=300, env=self.environ | environ,
        )  # fmt: skip

    def there(self) -> set[str]:
        """Distributions with their versions."""
        found = self.python.parents[1].glob("lib/python*/site-packages/*.dist-info")
        return {re.sub(r"[-_.]+", "-", path.name.removesuffix(".dist-info")) for path in found}

    def airflow(self) -> str:
        """The version that is imported."""
        command = [str(self.python), "-c", "import airflow; print(airflow.__version__)"]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=self.environ).stdout.strip()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """tradewind's wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        check=True, capture_output=True, cwd=ROOT, timeout=600, env=os.environ | {"TRADEWIND_SKIP_UI": "for a test"},
    )  # fmt: skip
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Providers of several generations, what they ask for, and a real Airflow to be kept out."""
    folder = tmp_path_factory.mktemp("index")
    wheel(folder, requires=["apache-airflow>=2.10.0", "apache-airflow-providers-standard>=1"])
    wheel(folder, requires=["apache-airflow>=3.0.0"], version="3.0.0")
    plain_wheel(folder, "apache-airflow", "3.3.2")
    plain_wheel(folder, "apache-airflow-providers-standard", "1.9", requires=["apache-airflow>=2.10"])
    plain_wheel(folder, "apache-airflow-providers-git", "1.0", requires=["apache-airflow>=3.0.0"])
    plain_wheel(folder, "apache-airflow-providers-old", "1.0", requires=["apache-airflow-providers-standard<1"])
    plain_wheel(folder, "apache-airflow-providers-celery", "1.0", requires=["apache-airflow>=2.10"])
    plain_wheel(folder, "lazy-object-proxy", "1.0")
    return folder


@pytest.fixture(scope="module", params=["pip", "uv"])
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, built: Path, index: Path
) -> Iterator[Place]:
    tmp_path = tmp_path_factory.mktemp(f"by-{request.param}")
    python = tmp_path / "venv/bin/python"
    venv.create(tmp_path / "venv", with_pip=request.param == "pip")
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*command, str(built)], check=True, timeout=300)
    site = next((tmp_path / "venv/lib").glob("python*/site-packages"))
    # What we depend on, from the environment of the tests: behind the wheel's own files in the path.
    (site / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    tools = tmp_path / "tools"
    tools.mkdir()
    if request.param == "uv":
        found = shutil.which("uv") or os.path.join(os.path.dirname(sys.executable), "uv")
        (tools / "uv").symlink_to(_program(found))
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PIP_", "UV_"))}
    environ.pop("PYTHONPATH", None)
    yield Place(
        python,
        str(request.param),
        environ
        | {"PATH": str(tools), "AIRFLOW_HOME": str(tmp_path / "home"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        # uv does not see dependencies.pth, and needs the index for what tradewind itself asks for.
        | {"PIP_FIND_LINKS": str(index), "PIP_NO_INDEX": "1", "UV_FIND_LINKS": str(index)},
    )


def _program(path: str) -> str:
    """The program behind a shim, which would need a shell to find it."""
    command = [path, "run", "--no-project", "python", "-c", "import os; print(os.environ['UV'])"]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd="/").stdout.strip()


def test_a_provider_comes_with_its_companions_in_a_version_that_fits(place: Place) -> None:
    """With the provider that it asks for, and what that one imports without asking for it; Airflow stays ours."""
    before = place.there()
    shown = place.install("tryout", "--dry-run")
    assert (shown.returncode, place.there()) == (0, before)
    assert "apache-airflow-providers-tryout" in shown.stdout
    done = place.install("tryout")
    assert done.returncode == 0, done.stderr
    new = place.there() - before
    assert "apache-airflow-providers-tryout-1-2-3" in new
    for name in ("apache-airflow-providers-standard-1", "lazy-object-proxy-1"):
        assert [one for one in new if one.startswith(name)], (name, new)
    assert place.airflow() == "2.11.2"
    assert '"apache-airflow-providers-tryout"' in place.command("list", "-o", "json").stdout
    again = place.install("tryout", "--upgrade")
    assert again.returncode == 0, again.stderr
    assert place.airflow() == "2.11.2"
    assert "apache-airflow-3-3-2" not in place.there()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["tryout==3.0.0"], "stands in for Apache Airflow 2.11.2"),
        (["git"], "stands in for Apache Airflow 2.11.2"),
        (["nonsense"], "apache-airflow-providers-nonsense"),
        (["tryout==1.2.3", "old"], "apache-airflow-providers-standard"),
        (["tryout==1.2.4"], "1.2.4"),
    ],
    ids=["newer Airflow", "only newer Airflow", "unknown", "conflict", "no such version"],
)
def test_what_cannot_be_installed_is_refused_and_nothing_changes(place: Place, words: list[str], said: str) -> None:
    before = place.there()
    done = place.install(*words)
    assert done.returncode == 1
    assert re.search(r"(pip|uv) cannot install this beside tradewind, and nothing was changed", done.stderr)
    assert said in done.stderr
    assert place.there() == before


def test_without_an_index_it_says_so(place: Place) -> None:
    nowhere = {"PIP_FIND_LINKS": "", "UV_FIND_LINKS": "", "PIP_NO_INDEX": "0"}
    addresses = {"PIP_INDEX_URL": "http://127.0.0.1:1/simple", "UV_DEFAULT_INDEX": "http://127.0.0.1:1/simple"}
    done = place.install("redis", **nowhere, **addresses, PIP_RETRIES="0", UV_HTTP_RETRIES="0")
    assert done.returncode == 1
    assert "nothing was changed" in done.stderr
    assert "127.0.0.1" in done.stderr or "No matching distribution" in done.stderr


def test_a_companion_that_cannot_be_had_does_not_stop_the_provider(place: Place) -> None:
    done = place.install("celery")
    assert done.returncode == 0, done.stderr
    if place.installer == "pip":
        assert "not installed, though some of their modules import them: lockfile" in done.stdout
    assert [one for one in place.there() if one.startswith("apache-airflow-providers-celery-")]
