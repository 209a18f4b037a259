"""Params with their checks; templates, filters, files, native objects."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any, NamedTuple

import jinja2
import pytest

from tradewind.sdk.decorators import dag, task
from tradewind.sdk.exceptions import ParamValidationError, RemovedInAirflow3Warning
from tradewind.sdk.operator import BaseOperator
from tradewind.sdk.params import Param, ParamsDict
from tradewind.sdk.templating import literal


class T(BaseOperator):
    template_fields = ("value",)
    template_ext = (".sh",)

    def __init__(self, *, value: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.value = value


class Inner:
    template_fields = ("inside",)

    def __init__(self, inside: Any) -> None:
        self.inside = inside


class Pair(NamedTuple):
    first: str
    second: str


def rendered(new_dag: Any, context_for: Any, value: Any, *, conf: str | None = None, **dag_options: Any) -> Any:
    with new_dag(**dag_options):
        made = T(task_id="t", value=value)
    context = context_for(made, **({"conf": conf} if conf else {}))
    context["task"].render_template_fields(context)
    return context["task"].value


def test_a_wrong_value_is_named_with_jsonschemas_words():
    with pytest.raises(ParamValidationError) as caught:
        ParamsDict({"a": Param(3, type="string")}).validate()
    assert str(caught.value).startswith(
        "Invalid input for param a: 3 is not of type 'string'\n\nFailed validating 'type' in schema:"
    )


def test_assigning_checks_against_the_schema():
    params = ParamsDict({"a": Param(3, type="integer", minimum=1)})
    params["a"] = 5
    assert params["a"] == 5
    with pytest.raises(ParamValidationError, match="Invalid input for param a: 'x' is not of type 'integer'"):
        params["a"] = "x"


def test_a_param_without_value_fails_when_it_is_needed():
    with pytest.raises(ParamValidationError, match="No value passed and Param has no default value"):
        Param(type="string").resolve()
    assert Param(type="string").resolve(suppress_exception=True) is None


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("date-time", "2024-01-01T00:00:00+00:00", "2024-01-01"),
        ("date", "2024-01-01", "1 January"),
        ("time", "10:00:00", "25:00"),
    ],
)
def test_formats_are_checked(kind, good, bad):
    assert Param(good, type="string", format=kind).resolve() == good
    with pytest.raises(ParamValidationError):
        Param(bad, type="string", format=kind).resolve()


def test_what_is_no_json_warns():
    with pytest.warns(RemovedInAirflow3Warning, match="non-json-serializable params is deprecated"):
        Param({1, 2})


def test_params_behave_like_a_dict():
    params = ParamsDict({"a": 1, "b": Param(2, description="two")})
    assert dict(params) == {"a": 1, "b": 2}
    assert params == {"a": 1, "b": 2}
    assert params.get("c", 7) == 7
    assert params.get_param("b").description == "two"
    assert params.pop("a") == 1
    assert "a" not in params
    assert copy.deepcopy(params) == params
    with pytest.raises(KeyError):
        _ = params["zz"]


def test_the_runs_conf_overrides_params(new_dag, context_for):
    assert rendered(new_dag, context_for, "{{ params.a }}", params={"a": 1}, conf='{"a": 2}') == "2"


def test_conf_that_does_not_fit_fails(new_dag, context_for):
    with pytest.raises(ParamValidationError, match="Invalid input for param a"):
        rendered(new_dag, context_for, "x", params={"a": Param(1, type="integer")}, conf='{"a": "b"}')


def test_a_dag_function_gets_promises_of_params(context_for):
    @dag(schedule=None, start_date=datetime(2024, 1, 1, tzinfo=UTC), dag_id="d")
    def mine(p=3):
        @task
        def tell(x):
            return x

        tell(p)

    for conf, expected in ((None, 3), ('{"p": 8}', 8)):
        made = mine().get_task("tell")
        context = context_for(made, **({"conf": conf} if conf else {}))
        context["task"].render_template_fields(context)
        assert context["task"].execute(context) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ ds }} {{ ds_nodash }}", "2024-03-05 20240305"),
        ("{{ ts }}", "2024-03-05T06:07:08+00:00"),
        ("{{ ts_nodash }} {{ ts_nodash_with_tz }}", "20240305T060708 20240305T060708+0000"),
        ("{{ task_instance_key_str }}", "d__t__20240305"),
        ("{{ logical_date | ds }} {{ logical_date | ts_nodash }}", "2024-03-05 20240305T060708"),
        ("{{ data_interval_start | ds }}..{{ data_interval_end | ds }}", "2024-03-04..2024-03-05"),
        ("{{ macros.ds_add(ds, 5) }}", "2024-03-10"),
        ("{{ macros.ds_format(ds, '%Y-%m-%d', '%m-%d-%y') }}", "03-05-24"),
        ("{{ dag.dag_id }}.{{ task.task_id }} {{ run_id }} {{ ti.try_number }}", "d.t r 1"),
        ("{{ dag_run.conf.get('k', 'none') }}", "none"),
        ("{{ missing | default('d') }}", "d"),
        ("{% for n in range(3) %}{{ n }}{% endfor %}", "012"),
        ("{{ var.value.get('nope', 'fallback') }}", "fallback"),
        ("{{ ti._log is none or true }}", "True"),
    ],
)
def test_names_and_filters(new_dag, context_for, text, expected):
    assert rendered(new_dag, context_for, text) == expected


def test_nested_values_are_rendered_keys_are_not(new_dag, context_for):
    value = {"{{ ds }}": ["{{ ds }}", ("{{ ds }}", {"{{ ds }}"})], "p": Pair("{{ ds }}", "-"), "n": 3}
    got = rendered(new_dag, context_for, value)
    day = "2024-03-05"
    assert got == {"{{ ds }}": [day, (day, {day})], "p": Pair(day, "-"), "n": 3}
    assert isinstance(got["p"], Pair)


def test_objects_with_template_fields_are_rendered_inside(new_dag, context_for):
    assert rendered(new_dag, context_for, Inner(["{{ ds }}"])).inside == ["2024-03-05"]


def test_literal_protects(new_dag, context_for):
    assert rendered(new_dag, context_for, ["{{ ds }}", literal("{{ ds }}")]) == ["2024-03-05", "{{ ds }}"]


def test_undefined_names_fail(new_dag, context_for, caplog):
    with pytest.raises(jinja2.UndefinedError, match="'nope' is undefined"):
        rendered(new_dag, context_for, "{{ nope }}")


def test_the_sandbox_holds(new_dag, context_for, caplog):
    with pytest.raises(jinja2.exceptions.SecurityError):
        rendered(new_dag, context_for, "{{ ''.__class__.__mro__ }}")


def test_macros_and_filters_of_the_dag(new_dag, context_for):
    got = rendered(
        new_dag,
        context_for,
        "{{ twice(2) }} {{ 'a' | shout }}",
        user_defined_macros={"twice": lambda n: n * 2},
        user_defined_filters={"shout": str.upper},
    )
    assert got == "4 A"


def test_a_file_is_found_by_its_ending(new_dag, context_for, tmp_path):
    (tmp_path / "hello.sh").write_text("echo {{ ds }}\n")
    options = {"template_searchpath": str(tmp_path)}
    assert rendered(new_dag, context_for, "hello.sh", **options) == "echo 2024-03-05"
    assert rendered(new_dag, context_for, "hello.sh ", **options) == "hello.sh "
    with new_dag(**options) as d:
        made = T(task_id="t", value="hello.sh")
    d.resolve_template_files()
    assert made.value == "echo {{ ds }}\n"


def test_a_missing_file_fails_the_task_not_the_dag(new_dag, context_for, caplog):
    with new_dag() as d:
        made = T(task_id="t", value="nope.sh")
    d.resolve_template_files()
    assert "Failed to resolve template field" in caplog.text
    context = context_for(made)
    with pytest.raises(jinja2.TemplateNotFound):
        context["task"].render_template_fields(context)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ params.n }}", 3),
        ("{{ params.l }}", [1, 2]),
        ("{{ none }}", None),
        ("{{ 1 }}-{{ 2 }}", "1-2"),
        ("{{ ds }}", "2024-03-05"),
        ("{{ params.s }}", "007"),
        ("12", 12),
        ('{"x": 1}', {"x": 1}),
    ],
)
def test_native_rendering(new_dag, context_for, text, expected):
    got = rendered(
        new_dag, context_for, text, params={"n": 3, "l": [1, 2], "s": "007"}, render_template_as_native_obj=True
    )
    assert got == expected
    assert type(got) is type(expected)


def test_a_field_that_is_not_set_is_named(new_dag, context_for):
    class Broken(BaseOperator):
        template_fields = ("nowhere",)

    with new_dag():
        made = Broken(task_id="t")
    context = context_for(made)
    with pytest.raises(AttributeError, match="'nowhere' is configured as a template field but Broken does not have"):
        context["task"].render_template_fields(context)


def test_conf_overrides_params_only_when_configured(new_dag, context_for, runtime):
    runtime.config[("core", "dag_run_conf_overrides_params")] = "False"
    assert rendered(new_dag, context_for, "{{ params.a }}", params={"a": 1}, conf='{"a": 2}') == "1"
