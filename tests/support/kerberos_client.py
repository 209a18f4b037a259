"""Asks a server with a Kerberos ticket, in a process that has gssapi: `python kerberos_client.py HOSTNAME URL [twice]`.

Writes JSON: of each request its status, its challenge, whether the server proved who it is, and the body.
"""

from __future__ import annotations

import base64
import json
import sys
from typing import Any

import requests
import spnego


def ask(hostname: str, url: str, times: int = 1) -> list[dict[str, Any]]:
    """The same token ``times`` over."""
    context = spnego.client(hostname=hostname, service="airflow", protocol="negotiate")
    token = base64.b64encode(context.step() or b"").decode()
    found = []
    for _ in range(times):
        answer = requests.get(url, headers={"Authorization": f"Negotiate {token}"}, timeout=30)
        scheme, _, proof = answer.headers.get("WWW-Authenticate", "").partition(" ")
        if proof and not context.complete:
            context.step(base64.b64decode(proof))
        found.append(
            {
                "status": answer.status_code,
                "scheme": scheme,
                "is_mutual": bool(proof) and context.complete,
                "body": answer.json(),
            }
        )
    return found


if __name__ == "__main__":
    print(json.dumps(ask(sys.argv[1], sys.argv[2], 2 if "twice" in sys.argv else 1)))
