"""Names of Kerberos principals, and renewing a ticket from a keytab (``airflow.security``)."""

from __future__ import annotations

import socket
import subprocess

from .settings import config_value


def get_components(principal: str) -> list[str] | None:
    """The three parts of ``primary/instance@REALM``; None for what is not of that form."""
    if not principal:
        return None
    parts = principal.replace("@", "/").split("/")
    return parts if len(parts) == 3 else None


def replace_hostname_pattern(components: list[str], host: str | None = None) -> str:
    """The principal, with this machine's name where ``_HOST`` stands."""
    name, instance, realm = components
    if instance.lower() == "_host":
        instance = (host or socket.getfqdn()).lower()
    return f"{name}/{instance}@{realm}"


def renew_from_kt(principal: str | None, keytab: str, exit_on_fail: bool = True) -> int:
    """Get a ticket with ``kinit``; its exit code. Raises SystemExit when that fails and ``exit_on_fail``."""
    program = str(config_value("kerberos", "kinit_path", "kinit"))
    cache = str(config_value("kerberos", "ccache", "/tmp/airflow_krb5_ccache"))
    lifetime = f"{config_value('kerberos', 'reinit_frequency', 3600)}m"
    who = principal or str(config_value("kerberos", "principal", "airflow"))
    command = [program, "-f", "-a", "-r", lifetime, "-k", "-t", keytab, "-c", cache, who]
    code = subprocess.run(command, check=False, close_fds=True).returncode
    if code and exit_on_fail:
        raise SystemExit(code)
    return code
