"""A hook with a form of its own, and a SQL dialect."""

from __future__ import annotations

from typing import Any

from airflow.hooks.base import BaseHook


class TryoutHook(BaseHook):
    """Speaks to nobody."""

    conn_name_attr = "tryout_conn_id"
    default_conn_name = "tryout_default"
    conn_type = "tryout"
    hook_name = "Tryout Service"

    def __init__(self, tryout_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.connection = self.get_connection(tryout_conn_id)

    @classmethod
    def get_connection_form_widgets(cls) -> dict[str, Any]:
        """Two further fields."""
        from flask_appbuilder.fieldwidgets import BS3PasswordFieldWidget, BS3TextFieldWidget
        from flask_babel import lazy_gettext
        from wtforms import PasswordField, StringField

        return {
            "zone": StringField(lazy_gettext("Zone"), widget=BS3TextFieldWidget(), default="north"),
            "key": PasswordField(lazy_gettext("Key"), widget=BS3PasswordFieldWidget()),
        }

    @classmethod
    def get_ui_field_behaviour(cls) -> dict[str, Any]:
        """Without a port."""
        return {"hidden_fields": ["port"], "relabeling": {"host": "Where"}, "placeholders": {"login": "somebody"}}

    def test_connection(self) -> tuple[bool, str]:
        """Whether there is a host."""
        return bool(self.connection.host), f"asked {self.connection.host}"

    def said(self) -> str:
        """What the connection says."""
        return f"{self.connection.login}@{self.connection.host} in {self.connection.extra_dejson.get('zone')}"


class TryoutDialect:
    """How common-sql would speak to it."""

    @property
    def name(self) -> str:
        """Its own."""
        return "tryout"
