"""Forms of connections, described by hooks with classes of a web server that is not there."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tradewind.plugins import forms, providers
from tradewind.plugins.form_stand_ins import stand_ins
from tradewind.plugins.providers import HookInfo


class HookWithForm:
    """As providers write them."""

    @classmethod
    def get_connection_form_widgets(cls) -> dict[str, Any]:
        from flask_appbuilder.fieldwidgets import BS3TextFieldWidget  # type: ignore[import-not-found,unused-ignore]
        from flask_babel import lazy_gettext  # type: ignore[import-not-found,unused-ignore]
        from wtforms import BooleanField, SelectField, StringField  # type: ignore[import-not-found,unused-ignore]
        from wtforms.validators import Optional  # type: ignore[import-not-found,unused-ignore]

        return {
            "region": StringField(lazy_gettext("Region"), widget=BS3TextFieldWidget(), validators=[Optional()]),
            "extra__x__secure": BooleanField(label=lazy_gettext("Secure"), default=True, description="by TLS"),
            "mode": SelectField("Mode", choices=[("a", "First"), ("b", "Second")]),
        }

    @staticmethod
    def get_ui_field_behaviour() -> dict[str, Any]:
        return {"hidden_fields": ["port"], "relabeling": {"host": "Address"}, "placeholders": {"login": "me"}}


class HookThatRaises:
    @classmethod
    def get_connection_form_widgets(cls) -> dict[str, Any]:
        raise ImportError("no such library")


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        HookInfo("x", "p.HookWithForm", "x_conn_id", "provider-x", "X", HookWithForm),
        HookInfo("y", "p.HookThatRaises", "y_conn_id", "provider-y", "Y", HookThatRaises),
    ]
    monkeypatch.setattr(providers, "hooks", lambda: found)


def test_a_form_has_the_fields_that_the_hook_describes(hooks: None) -> None:
    form, plain = forms.forms()
    assert form["extra_fields"] == [
        {"name": "region", "label": "Region", "type": "string", "description": None, "default": None},
        {"name": "secure", "label": "Secure", "type": "boolean", "description": "by TLS", "default": True},
        {
            "name": "mode",
            "label": "Mode",
            "type": "choice",
            "description": None,
            "default": None,
            "choices": [["a", "First"], ["b", "Second"]],
        },
    ]
    assert (form["hidden_fields"], form["labels"], form["placeholders"]) == (
        ["port"],
        {"host": "Address"},
        {"login": "me"},
    )
    assert plain["extra_fields"] == []


def test_widgets_are_named_as_airflow_names_them(hooks: None) -> None:
    found = {
        name: (hook, package, forms.field_type(field)) for name, (hook, field, package, _) in forms.widgets().items()
    }
    assert found == {
        "extra__x__region": ("HookWithForm", "provider-x", "StringField"),
        "extra__x__secure": ("HookWithForm", "provider-x", "BooleanField"),
        "extra__x__mode": ("HookWithForm", "provider-x", "SelectField"),
    }


def test_the_stand_ins_are_gone_afterwards() -> None:
    before = {name for name in sys.modules if name.startswith(("wtforms", "flask_appbuilder", "flask_babel"))}
    with stand_ins():
        import wtforms  # type: ignore[import-not-found,unused-ignore]  # noqa: F401
    after = {name for name in sys.modules if name.startswith(("wtforms", "flask_appbuilder", "flask_babel"))}
    assert after == before
