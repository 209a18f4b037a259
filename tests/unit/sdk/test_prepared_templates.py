"""What a zygote compiles ahead renders the same, and texts without templates are not compiled at all."""

from __future__ import annotations

import copy
from contextvars import copy_context
from typing import Any

import jinja2
import pytest

from tradewind.sdk import prepared_templates
from tradewind.sdk.jinja import make_environment
from tradewind.sdk.operator import BaseOperator


class Texts(BaseOperator):
    template_fields = ("value",)

    def __init__(self, *, value: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.value = value


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that Jinja's compiler was called for."""
    texts: list[str] = []
    generate = jinja2.Environment._generate

    def noted(self: Any, source: Any, *args: Any, **kwargs: Any) -> Any:
        texts.append(str(source))
        return generate(self, source, *args, **kwargs)

    monkeypatch.setattr(jinja2.Environment, "_generate", noted)
    return texts


def in_context(work: Any) -> Any:
    """Run with preparations of one's own."""
    return copy_context().run(work)


@pytest.mark.parametrize("text", ["plain", "", "a } b", "two\nlines", "%s and $x", "  spaces  "])
def test_a_text_without_templates_is_kept_without_compiling(text: str, compiled: list[str]) -> None:
    environment = make_environment()
    assert environment.is_kept(text)  # type: ignore[attr-defined]
    assert jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(text).render() == text
    assert len(compiled) == 1


@pytest.mark.parametrize("text", ["{{ ds }}", "{% if 1 %}x{% endif %}", "{# note #}", "ends\n", "dos\r\nline", "{"])
def test_a_text_that_jinja_may_change_is_not(text: str) -> None:
    assert not make_environment().is_kept(text)  # type: ignore[attr-defined]


def test_environments_with_options_or_native_values_keep_nothing() -> None:
    assert not make_environment(native=True).is_kept("1")  # type: ignore[attr-defined]
    assert not make_environment(options={"variable_start_string": "<<"}).is_kept("<< ds >>")  # type: ignore[attr-defined]


@pytest.mark.parametrize("native", [False, True], ids=["text", "native"])
def test_what_was_compiled_ahead_is_not_compiled_again(
    new_dag: Any, context_for: Any, compiled: list[str], native: bool
) -> None:
    with new_dag(render_template_as_native_obj=native) as dag:
        made = Texts(task_id="t", value=["{{ 1 + 1 }}", {"key": ("plain", "{{ params.x }}")}], params={"x": 3})

    def work() -> None:
        assert prepared_templates.prepare([dag])
        ahead = len(compiled)
        context = context_for(made)
        context["task"].render_template_fields(context)
        two, three = (2, 3) if native else ("2", "3")
        assert context["task"].value == [two, {"key": ("plain", three)}]
        assert len(compiled) == ahead + native  # a native environment compiles the plain text

    in_context(work)


def test_an_environment_is_given_once_and_only_for_that_very_dag(new_dag: Any) -> None:
    with new_dag() as dag:
        Texts(task_id="t", value="{{ ds }}")

    def work() -> None:
        prepared_templates.prepare([dag])
        assert prepared_templates.taken(copy.copy(dag)) is None
        first = dag.get_template_env()
        first.filters["mine"] = str
        assert "mine" not in dag.get_template_env().filters

    in_context(work)


def test_filters_of_the_author_are_called_when_the_task_runs(new_dag: Any, context_for: Any) -> None:
    calls: list[str] = []
    with new_dag(user_defined_filters={"noted": lambda text: calls.append(text) or text}) as dag:
        made = Texts(task_id="t", value="{{ 'x' | noted }}")

    def work() -> None:
        assert prepared_templates.prepare([dag])
        assert calls == []
        context = context_for(made)
        context["task"].render_template_fields(context)
        assert (calls, context["task"].value) == (["x"], "x")

    in_context(work)


def test_a_template_with_a_mistake_fails_when_it_is_rendered(new_dag: Any, context_for: Any) -> None:
    with new_dag() as dag:
        made = Texts(task_id="t", value="{{ broken")

    def work() -> None:
        assert prepared_templates.prepare([dag])
        context = context_for(made)
        with pytest.raises(jinja2.TemplateSyntaxError):
            context["task"].render_template_fields(context)

    in_context(work)


def test_a_file_without_templates_has_none(new_dag: Any) -> None:
    with new_dag() as dag:
        Texts(task_id="t", value=["plain", 3, None])
    assert not in_context(lambda: prepared_templates.prepare([dag]))
