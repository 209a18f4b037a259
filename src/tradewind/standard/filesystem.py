"""FSHook: the folder that a connection of type ``fs`` names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tradewind.sdk.lookups import BaseHook


class FSHook(BaseHook):
    """A path of this machine from a connection's extra ``path``."""

    conn_name_attr = "fs_conn_id"
    default_conn_name = "fs_default"
    conn_type = "fs"
    hook_name = "File (path)"

    def __init__(self, fs_conn_id: str = default_conn_name, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        connection = self.get_connection(fs_conn_id)
        self.basepath = connection.extra_dejson.get("path", "")
        self.conn = connection

    @classmethod
    def get_connection_form_widgets(cls) -> dict[str, Any]:
        """The folder that paths are below."""
        # Of the web server that draws forms; without it there are stand-ins while a form is described.
        from flask_appbuilder.fieldwidgets import BS3TextFieldWidget  # type: ignore[import-not-found,unused-ignore]
        from flask_babel import lazy_gettext  # type: ignore[import-not-found,unused-ignore]
        from wtforms import StringField  # type: ignore[import-not-found,import-untyped,unused-ignore]

        return {"path": StringField(lazy_gettext("Path"), widget=BS3TextFieldWidget())}

    @classmethod
    def get_ui_field_behaviour(cls) -> dict[str, Any]:
        """Which fields the connection's form shows."""
        return {
            "hidden_fields": ["host", "schema", "port", "login", "password", "extra"],
            "relabeling": {},
            "placeholders": {},
        }

    def get_conn(self) -> None:
        """There is nothing to open."""

    def get_path(self) -> str:
        """The connection's folder."""
        return str(self.basepath)

    def test_connection(self) -> tuple[bool, str]:
        """Whether the folder exists."""
        path = self.get_path()
        if not path:
            return False, "File Path is undefined."
        if not Path(path).exists():
            return False, f"Path {path} does not exist."
        return True, f"Path {path} is existing."
