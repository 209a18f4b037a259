"""OpenLDAP's slapd on a free port: the installed one, else Debian's package unpacked into a folder (no root needed)."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .certificates import write_certificate
from .ports import free_port, listens

_PACKAGES = ("slapd", "libltdl7", "libwrap0", "libodbc2", "libargon2-1", "libsasl2-2", "libldap-2.5-0")
BASE = "dc=example,dc=com"
_ENTRIES = f"""\
dn: {BASE}
objectClass: domain
dc: example

dn: uid=ann,{BASE}
objectClass: inetOrgPerson
uid: ann
cn: Ann Ames
givenName: Ann
sn: Ames
mail: ann@example.com
userPassword: ann-geheim

dn: uid=admin,{BASE}
objectClass: inetOrgPerson
uid: admin
cn: Eve
sn: Eve
userPassword: eve-geheim

dn: cn=ops,{BASE}
objectClass: groupOfNames
cn: ops
member: uid=ann,{BASE}
"""


@contextmanager
def slapd(folder: Path) -> Iterator[str]:
    """The address of a directory with ann (in group ops) and admin; cn=root, root-geheim may search.

    It offers STARTTLS with the certificate cert.pem of the folder, for the name localhost."""
    root = Path("/") if Path("/usr/sbin/slapd").exists() else _unpacked(folder / "debian")
    environ = {**os.environ, "LD_LIBRARY_PATH": ":".join(str(path) for path in root.glob("usr/lib/*-linux-gnu"))}
    data = folder / "data"
    data.mkdir()
    config = folder / "slapd.conf"
    schemas = [f"include {root}/etc/ldap/schema/{name}.schema" for name in ("core", "cosine", "inetorgperson")]
    rules = ["access to attrs=userPassword by anonymous auth by * none", "access to * by * none"]
    store = ["database mdb", f"suffix {BASE}", f"directory {data}", f"rootdn cn=root,{BASE}", "rootpw root-geheim"]
    modules = [f"modulepath {root}/usr/lib/ldap", "moduleload back_mdb"]
    write_certificate(folder)
    tls = [f"TLSCertificateFile {folder}/cert.pem", f"TLSCertificateKeyFile {folder}/key.pem"]
    config.write_text("\n".join([*schemas, f"pidfile {folder}/slapd.pid", *tls, *modules, *store, *rules, ""]))
    program = str(root / "usr/sbin/slapd")
    add = [program, "-T", "add", "-f", str(config)]
    subprocess.run(add, input=_ENTRIES, text=True, check=True, env=environ, capture_output=True)
    port = free_port()
    address = f"ldap://127.0.0.1:{port}"
    with subprocess.Popen(
        [program, "-f", str(config), "-h", address, "-d", "0"], env=environ, stderr=subprocess.DEVNULL
    ) as server:
        try:
            assert listens(server, port), "slapd does not listen"
            yield address
        finally:
            server.terminate()


def _unpacked(folder: Path) -> Path:
    apt = shutil.which("apt-get")
    assert apt is not None, "this test needs slapd: install it, or run on Debian, whose package it unpacks"
    folder.mkdir()
    subprocess.run([apt, "-q", "download", *_PACKAGES], cwd=folder, check=True, capture_output=True)
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", str(package), str(folder)], check=True)
    return folder
