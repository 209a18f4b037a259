"""An OpenID provider (oidc-provider-mock) as a process of its own, and a browser that consents."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_CODE = """
import sys
from oidc_provider_mock import User, run_server_in_thread
people = [
    User(sub="ann-1", claims={"preferred_username": "ann", "email": "ann@example.com", "groups": ["ops"]}),
    User(sub="eve-1", claims={"preferred_username": "admin", "email": "eve@example.com", "groups": ["ops"]}),
    User(sub="nameless", claims={}),
]
with run_server_in_thread(require_nonce=True, user_claims=people) as server:
    print(server.server_port, flush=True)
    sys.stdin.read()
"""


@contextmanager
def openid_provider() -> Iterator[str]:
    """The issuer's address; people ann-1 (in group ops), eve-1 (who calls herself admin) and nameless."""
    command = [sys.executable, "-W", "ignore", "-c", _CODE]
    # The provider says http only where its library is told to allow it.
    environ = {**os.environ, "AUTHLIB_INSECURE_TRANSPORT": "1"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, env=environ) as child:
        try:
            assert child.stdout is not None
            yield f"http://localhost:{int(child.stdout.readline())}"
        finally:
            child.terminate()
