"""Templates in more forms: undefined names, own environments, nested fields, files, old names, macros."""

import warnings

import jinja2
import pendulum
from airflow.decorators import task
from airflow.models.baseoperator import BaseOperator
from airflow.operators.python import PythonOperator
from airflow.utils.template import literal

from airflow import DAG

BASE = dict(start_date=pendulum.datetime(2024, 1, 1), schedule=None)


class Inner:
    template_fields = ("text",)

    def __init__(self, text, other):
        self.text, self.other = text, other


class Shows(BaseOperator):
    template_fields = ("value", "more")
    template_ext = (".sql",)

    def __init__(self, value=None, more=None, **kwargs):
        super().__init__(**kwargs)
        self.value, self.more = value, more

    def execute(self, context):
        if isinstance(self.value, Inner):
            return [self.value.text, self.value.other]
        return [str(type(self.value).__name__), self.value, self.more]


class Missing(BaseOperator):
    template_fields = ("nowhere",)

    def execute(self, context):
        return 1


class Unset(Shows):
    def execute(self, context):
        return [self.value is None, self.more]


def words(*args, a):
    return [*args, a]


with DAG(
    "templates", user_defined_filters={"loud": lambda text: text.upper()}, user_defined_macros={"ds": "own"}, **BASE
):
    Shows(task_id="inner", value=Inner("{{ ti.task_id }}", "{{ ti.task_id }}"))
    Shows(task_id="list", value=["{{ run_id }}", ("{{ 1 + 1 }}", {"{{ run_id }}": "{{ run_id }}"}), 5, None, True])
    Shows(task_id="set", value=sorted({"{{ run_id }}"}))
    Shows(task_id="filters", value="{{ 'a' | loud }} {{ logical_date | ds }} {{ logical_date | ts_nodash_with_tz }}")
    Shows(task_id="own_macro", value="{{ ds }}")
    Shows(task_id="text_file", value="note.sql", more=["note.sql", "x"])
    Shows(task_id="missing_file", value="nowhere.sql")
    Shows(task_id="literal", value=[literal("{{ run_id }}"), "{{ run_id }}"])
    Shows(task_id="number", value=5, more=2.5)
    Shows(task_id="none", value="{{ none }}")
    Missing(task_id="missing_field")
    PythonOperator(
        task_id="dictionary",
        python_callable=lambda templates_dict: templates_dict,
        templates_dict={"a": "{{ run_id }}", "b": ["{{ ti.try_number }}"]},
    )
    for name, text in {
        "add": "{{ macros.ds_add('2024-02-28', 2) }} {{ macros.ds_add('2024-03-01', -1) }}",
        "format": "{{ macros.ds_format('2024-01-02', '%Y-%m-%d', '%d/%m') }}",
        "humans": "{{ macros.datetime_diff_for_humans(macros.datetime(2024, 1, 2), macros.datetime(2024, 1, 5)) }}",
        "modules": "{{ macros.json.dumps([1]) }} {{ macros.yaml.safe_load('a: 1') }} {{ macros.uuid.UUID(int=1) }}",
        "times": "{{ macros.timedelta(days=1) }} {{ macros.time.gmtime(0).tm_year }} {{ macros.dateutil.parser.parse('2024-05-06') }}",
        "random": "{{ macros.random() < 1 }}",
        "variables": "{{ var.value.get('no', 'd') }} {{ var.json.get('no', {'a': 1}) }} {{ conn.get('no', 'none') }}",
        "run": "{{ dag_run.run_type }} {{ dag_run.conf }} {{ dag_run.external_trigger }} {{ dag.timezone }}",
        "task": "{{ task.retries }} {{ task.owner }} {{ ti.pool }} {{ ti.hostname is string }} {{ ti.state }} {{ ti.operator }}",
        "test": "{{ test_mode }} {{ expanded_ti_count }} {{ inlets }} {{ outlets }} {{ params }}",
        "undefined_attribute": "{{ ti.nobody }}",
        "undefined_key": "{{ {'a': 1}.b }}",
        "undefined_if": "{% if nobody is defined %}a{% else %}b{% endif %}",
        "underscores": "{{ ''.__class__ }}",
        "include": "{% include 'note.sql' %}",
        "loop": "{% for x in [1, 2] %}{{ x }}{% if not loop.last %},{% endif %}{% endfor %}",
    }.items():
        Shows(task_id=f"macro_{name}", value=text)

with DAG("templates_undefined", template_undefined=jinja2.Undefined, **BASE):
    Shows(task_id="nobody", value="a{{ nobody }}b")
    Shows(task_id="nobody_there", value="a{{ nobody.there }}b")
    Shows(task_id="params", value="{{ params.no }}")

with DAG(
    "templates_environment",
    jinja_environment_kwargs={
        "variable_start_string": "<<",
        "variable_end_string": ">>",
        "keep_trailing_newline": False,
    },
    **BASE,
):
    Shows(task_id="shown", value="<< run_id >> {{ run_id }}\n")

with DAG("templates_native", render_template_as_native_obj=True, **BASE):

    @task
    def give():
        return {"a": [1, 2], "t": (1,)}

    given = give()
    Shows(task_id="xcom", value="{{ ti.xcom_pull('give') }}", more="{{ ti.xcom_pull('give')['a'] }}").set_upstream(
        given
    )
    Shows(task_id="texts", value="{{ run_id }}", more=["1.50", "true", "True", "None", "[1", "'q'", "1_000", "007"])
    Shows.partial(task_id="mapped").expand(value=["{{ ti.map_index }}", "{{ [1] }}", "x{{ 1 }}", 5])
    PythonOperator(task_id="kwargs", python_callable=words, op_args=["{{ 5 }}"], op_kwargs={"a": "{{ {'b': 1} }}"})
    PythonOperator.partial(task_id="mapped_kwargs", python_callable=words).expand(
        op_kwargs=[{"a": "{{ [1] }}"}, {"a": "{{ ti.map_index }}"}]
    )

with DAG("templates_old", **BASE):

    @task
    def old(**context):
        names = (
            "execution_date next_ds next_ds_nodash next_execution_date prev_ds prev_ds_nodash prev_execution_date "
            "prev_execution_date_success tomorrow_ds tomorrow_ds_nodash yesterday_ds yesterday_ds_nodash"
        )
        found = {}
        for name in names.split():
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                value = str(context[name])
            found[name] = [
                value,
                sorted({one.category.__name__ for one in caught}),
                len({str(one.message) for one in caught}),
            ]
        return found

    @task
    def by_name(execution_date, next_ds, tomorrow_ds):
        return [str(execution_date), str(next_ds), str(tomorrow_ds)]

    old()
    by_name()

with DAG("templates_params", params={"n": 1, "s": "{{ run_id }}", "d": {"k": [1]}}, **BASE):
    Shows(task_id="shown", value="{{ params.n }} {{ params.s }} {{ params.d['k'][0] }} {{ params }}")
    Shows(task_id="own", params={"n": 2, "m": 3}, value="{{ params.n }} {{ params.m }} {{ params.s }}")

    @task(params={"n": 7})
    def typed(params):
        return [params["n"], params["d"], type(params).__name__]

    typed()
