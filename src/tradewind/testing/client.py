"""A client of an API for tests: paths below /api/v1, as the administrator unless said."""

from __future__ import annotations

from typing import Any

import requests


class ApiClient:
    """Answers are those of ``requests``, whatever their status."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self.url = url
        """Of the server; the API is below ``/api/v1``."""
        self.auth = (username, password)
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy and no .netrc of whoever runs the tests

    def request(self, method: str, path: str, *, auth: tuple[str, str] | None = None, **more: Any) -> requests.Response:
        """One request below /api/v1."""
        more.setdefault("timeout", 60)
        return self._session.request(method, f"{self.url}/api/v1{path}", auth=auth or self.auth, **more)

    def get(self, path: str, **more: Any) -> requests.Response:
        """GET."""
        return self.request("GET", path, **more)

    def post(self, path: str, json: Any = None, **more: Any) -> requests.Response:
        """POST of a JSON body."""
        return self.request("POST", path, json={} if json is None else json, **more)

    def patch(self, path: str, json: Any, **more: Any) -> requests.Response:
        """PATCH of a JSON body."""
        return self.request("PATCH", path, json=json, **more)

    def delete(self, path: str, **more: Any) -> requests.Response:
        """DELETE."""
        return self.request("DELETE", path, **more)

    def close(self) -> None:
        """Closes its connections."""
        self._session.close()
