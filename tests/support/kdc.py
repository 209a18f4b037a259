"""A realm of Kerberos on loopback: MIT's KDC from Debian's packages, unpacked into ``.cache`` of the checkout (no root
needed), and the Python packages of the extra kerberos, which are compiled there once (about a minute): on Linux gssapi
and krb5 have no wheels."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .ports import free_port, listens

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache"
REALM = "TRADEWIND.TEST"
_WANTED = ("krb5-kdc", "krb5-user", "krb5-admin-server", "libkrb5-dev", "libverto-libev1")
_OURS = re.compile(r"(krb5-|comerr-dev|lib(krb5|gssapi|gssrpc|k5crypto|kadm5|kdb5|verto|ev4|com-err|ss2|keyutils))")
_DISTRIBUTIONS = ("decorator", "gssapi", "krb5", "pyspnego")


@dataclass(frozen=True, slots=True)
class Realm:
    """A running KDC. ``environ`` is what any process needs that takes part; ``folder`` holds keytabs and tickets."""

    folder: Path
    programs: Path
    environ: dict[str, str]

    def add(self, principal: str) -> Path:
        """Makes a principal with a random key: its keytab."""
        keytab = self.folder / f"{re.sub('[^a-z0-9]', '-', principal.lower())}.keytab"
        for request in (f"addprinc -randkey {principal}", f"ktadd -norandkey -k {keytab} {principal}"):
            self.call("kadmin.local", "-r", REALM, "-q", request)
        return keytab

    def call(self, program: str, *words: str, **more: str) -> str:
        """Runs one of MIT's programs; what it said."""
        found = next(
            self.programs / part / program for part in ("bin", "sbin") if (self.programs / part / program).exists()
        )
        done = subprocess.run(
            [str(found), *words], env={**self.environ, **more}, check=True, capture_output=True, text=True
        )
        return done.stdout


@contextmanager
def kdc(folder: Path) -> Iterator[Realm]:
    """A realm of its own, empty but for what every realm has."""
    tools = _tools()
    port = free_port()
    realm = Realm(folder, tools / "unpacked/usr", _environ(tools, folder))
    plugins = next((tools / "unpacked/usr/lib").glob("*-linux-gnu")) / "krb5/plugins"
    (folder / "krb5.conf").write_text(_KRB5_CONF.format(realm=REALM, port=port, plugins=plugins))
    (folder / "kdc.conf").write_text(_KDC_CONF.format(realm=REALM, port=port, folder=folder, plugins=plugins))
    realm.call("kdb5_util", "create", "-r", REALM, "-s", "-P", "a master key of a test")
    with subprocess.Popen(
        [str(realm.programs / "sbin/krb5kdc"), "-n", "-r", REALM], env=realm.environ, stderr=subprocess.DEVNULL
    ) as server:
        try:
            assert listens(server, port), "krb5kdc does not listen"
            yield realm
        finally:
            server.terminate()


_KRB5_CONF = """\
[libdefaults]
 default_realm = {realm}
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
 udp_preference_limit = 1
 plugin_base_dir = {plugins}
[realms]
 {realm} = {{
  kdc = 127.0.0.1:{port}
 }}
"""
_KDC_CONF = """\
[kdcdefaults]
 kdc_listen = 127.0.0.1:{port}
 kdc_tcp_listen = 127.0.0.1:{port}
[realms]
 {realm} = {{
  database_name = {folder}/principal
  key_stash_file = {folder}/stash
  acl_file = {folder}/acl
 }}
[dbmodules]
 db_module_dir = {plugins}/kdb
[logging]
 kdc = FILE:{folder}/kdc.log
 admin_server = FILE:{folder}/admin.log
"""


def _environ(tools: Path, folder: Path) -> dict[str, str]:
    # Only what is needed: nobody's tickets, realms or configuration of tradewind.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "KRB5", "TRADEWIND"))}
    source = [str(ROOT / "src"), str(ROOT / "tests"), str(tools / "site")]
    return {
        **kept,
        "KRB5_CONFIG": str(folder / "krb5.conf"),
        "KRB5_KDC_PROFILE": str(folder / "kdc.conf"),
        "KRB5CCNAME": f"FILE:{folder / 'tickets'}",
        "KRB5RCACHENAME": f"file2:{folder / 'replays'}",
        "LD_LIBRARY_PATH": _libraries(tools / "unpacked"),
        "PYTHONPATH": os.pathsep.join(source),
    }


def _libraries(unpacked: Path) -> str:
    return os.pathsep.join(str(path) for path in unpacked.glob("usr/lib/*-linux-gnu"))


# Set-up ---------------------------------------------------------------------------------------------------------------


def _tools() -> Path:
    """The folder with ``unpacked`` (of Debian) and ``site`` (of Python); several processes may ask at the same time."""
    folder = CACHE / "krb5-{}.{}".format(*sys.version_info)
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "kerberos.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            shutil.rmtree(folder, ignore_errors=True)
            (folder / "debs").mkdir(parents=True)
            _unpack(folder)
            _compile(folder)
            (folder / "ready").touch()
    return folder


def _unpack(folder: Path) -> None:
    apt = shutil.which("apt-get")
    assert apt is not None, "this test needs MIT Kerberos from Debian's packages, and apt-get to fetch them"
    depends = ["apt-cache", "depends", "--recurse", *_no("recommends", "suggests", "conflicts", "breaks", "replaces")]
    listed = subprocess.run([*depends, "--no-enhances", *_WANTED], check=True, capture_output=True, text=True).stdout
    names = sorted({line for line in listed.splitlines() if _OURS.match(line)} - {"krb5-config"})
    subprocess.run([apt, "-q", "download", *names], cwd=folder / "debs", check=True, capture_output=True)
    for package in (folder / "debs").glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", str(package), str(folder / "unpacked")], check=True)
    # The script tells compilers where the headers are: not where Debian would have put them.
    script = (folder / "unpacked/usr/bin/krb5-config.mit").read_text().replace("/usr", f"{folder}/unpacked/usr")
    (folder / "bin").mkdir()
    (folder / "bin/krb5-config").write_text(script)
    (folder / "bin/krb5-config").chmod(0o755)


def _no(*kinds: str) -> list[str]:
    return [f"--no-{kind}" for kind in kinds]


def _compile(folder: Path) -> None:
    locked = {entry["name"]: entry.get("version") for entry in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
    wanted = [f"{name}=={locked[name]}" for name in _DISTRIBUTIONS]
    libraries = _libraries(folder / "unpacked")
    environ = {
        **os.environ,
        "PATH": f"{folder}/bin{os.pathsep}{os.environ['PATH']}",
        "CFLAGS": f"-O0 -g0 -I{folder}/unpacked/usr/include",
        "LDFLAGS": f"-L{libraries}",
        "LD_LIBRARY_PATH": libraries,
    }
    command = [*_installer(), "--quiet", "--no-deps", "--target", str(folder / "site"), *wanted]
    subprocess.run(command, env=environ, check=True, capture_output=True)


def _installer() -> list[str]:
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "install"]
    with_uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    assert with_uv is not None, "neither pip nor uv is here to fetch gssapi"
    return [with_uv, "pip", "install", "--python", sys.executable]
