"""The settings that the guide shows are settings that work."""

from __future__ import annotations

import re
from pathlib import Path

from tradewind.auth.ldap import LdapOptions
from tradewind.auth.oauth import OidcOptions
from tradewind.config.options import OPTIONS
from tradewind.config.settings import load_settings

GUIDE = Path(__file__).parents[3] / "docs/guides/sign-in.md"


def test_the_examples_are_read_as_the_guide_says(tmp_path: Path) -> None:
    blocks = re.findall(r"```ini\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    secret = tmp_path / "secret"
    secret.write_text("geheim")
    text = re.sub(r"/run/secrets/\w+", str(secret), "\n".join(blocks))
    (tmp_path / "airflow.cfg").write_text(text)
    settings = load_settings({"AIRFLOW_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"})
    oidc, ldap = OidcOptions.from_settings(settings), LdapOptions.from_settings(settings)
    assert oidc is not None and ldap is not None
    assert (oidc.client_secret, ldap.bind_password) == ("geheim", "geheim")
    assert oidc.redirect_uri == "https://flows.example.com/auth/callback/oidc"
    assert oidc.admission.roles_of(["flow-users"]) == ("User",)
    assert ldap.admission.roles_of(["cn=ops,dc=example,dc=com"]) == ("Op",)


def test_the_guide_names_every_option() -> None:
    shown = GUIDE.read_text()
    missing = [name for section, name in OPTIONS if section in ("oidc", "ldap") and f"`{name}`" not in shown]
    assert missing == []
