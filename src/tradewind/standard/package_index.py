"""PackageIndexHook: an index of Python packages that a connection names."""

from __future__ import annotations

import subprocess
import sys
from typing import Any
from urllib.parse import quote, urlsplit

from tradewind.sdk.lookups import BaseHook


class PackageIndexHook(BaseHook):
    """The address of a package index, with the connection's login in it."""

    conn_name_attr = "pi_conn_id"
    default_conn_name = "package_index_default"
    conn_type = "package_index"
    hook_name = "Package Index (Python)"

    def __init__(self, pi_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.pi_conn_id = pi_conn_id
        self.conn: Any = None

    @staticmethod
    def get_ui_field_behaviour() -> dict[str, Any]:
        """Which fields the connection's form shows."""
        return {
            "hidden_fields": ["schema", "port", "extra"],
            "relabeling": {"host": "Package Index URL"},
            "placeholders": {
                "host": "Example: https://my-package-mirror.net/pypi/repo-name/simple",
                "login": "Username for package index",
                "password": "Password for package index (will be masked)",
            },
        }

    def get_conn(self) -> Any:
        """The connection itself."""
        return self.get_connection_url()

    def get_connection_url(self) -> str:
        """The index's address for pip. Raises ValueError when the connection has no host."""
        connection = self.get_connection(self.pi_conn_id)
        if not connection.host:
            raise ValueError("Please provide an index URL.")
        address = connection.host
        if connection.login:
            user = quote(connection.login, safe="")
            password = f":{quote(connection.password, safe='')}" if connection.password else ""
            parts = urlsplit(address)
            address = parts._replace(netloc=f"{user}{password}@{parts.netloc}").geturl()
        return address

    def test_connection(self) -> tuple[bool, str]:
        """Whether pip can search the index."""
        command = [sys.executable, "-m", "pip", "search", "not-existing-test-package", "--no-input", "--index"]
        process = subprocess.run([*command, self.get_connection_url()], capture_output=True, check=False)
        if process.returncode not in (0, 23):  # 23: nothing of that name
            return False, process.stderr.decode().strip() or process.stdout.decode().strip()
        return True, "Connection successfully tested"
