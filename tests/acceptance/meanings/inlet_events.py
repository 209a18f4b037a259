"""What a task reads of the events of its inlets, and says with its outlets."""

import pendulum
from airflow.datasets import Dataset, DatasetAlias
from airflow.datasets.metadata import Metadata
from airflow.decorators import task
from airflow.models.dag import DAG
from airflow.operators.bash import BashOperator

A = Dataset("s3://inlets/a")
B = Dataset("s3://inlets/b")
THROUGH = DatasetAlias("inlets_alias")


def probed(*questions):
    """label → the answer, or the error, of each question."""
    answers = {}
    for label, question in questions:
        try:
            answers[label] = question()
        except Exception as error:
            answers[label] = f"{type(error).__name__}: {error}"
    return answers


def extras(events):
    return [event.extra for event in events]


with DAG("inlet_events", start_date=pendulum.datetime(2021, 1, 1, tz="UTC"), schedule=None):

    @task(outlets=[A])
    def zero(*, outlet_events=None):
        outlet_events[A].extra = {"i": 0}

    @task(outlets=[A])
    def one():
        yield Metadata(A, {"i": 1})

    @task(outlets=[A])
    def two(*, outlet_events=None):
        outlet_events["s3://inlets/a"].extra["i"] = 2

    @task(outlets=[THROUGH])
    def aliased(*, outlet_events=None):
        outlet_events[THROUGH].add(B, extra={"via": "alias"})
        return repr(outlet_events[THROUGH])

    @task(inlets=[A, THROUGH, B])
    def read(*, inlet_events=None, **context):
        events = inlet_events[A]
        return probed(
            ("kind", lambda: type(events).__name__),
            ("length and truth", lambda: [len(events), bool(events)]),
            ("ends", lambda: [events[0].extra, events[-1].extra, events[-3].extra]),
            ("all", lambda: extras(events)),
            ("backwards", lambda: extras(reversed(events))),
            ("from 1", lambda: extras(events[1:])),
            ("up to the last two", lambda: extras(events[:-2])),
            ("the last two", lambda: extras(events[-2:])),
            ("the middle", lambda: extras(events[1:2])),
            ("a slice of a slice", lambda: extras(events[1:][1:])),
            ("nothing", lambda: extras(events[5:])),
            ("turned", lambda: extras(events[::-1])),
            ("kind of a slice", lambda: type(events[1:]).__name__),
            ("every second", lambda: extras(events[::2])),
            ("too far", lambda: events[3]),
            ("too far back", lambda: events[-4]),
            ("by a name", lambda: events["x"]),
            ("equal", lambda: [events == list(events), events[0] in events]),
            ("by position", lambda: extras(inlet_events[0])),
            ("by position from the end", lambda: extras(inlet_events[-1])),
            ("by URI", lambda: extras(inlet_events["s3://inlets/a"])),
            ("through the alias", lambda: [[event.uri, event.extra] for event in inlet_events[THROUGH]]),
            ("by the alias's name", lambda: extras(inlet_events["inlets_alias"])),
            ("of the alias's dataset", lambda: [[event.extra, event.source_task_id] for event in inlet_events[B]]),
            ("of another dataset", lambda: inlet_events[Dataset("s3://inlets/other")]),
            ("of another alias", lambda: inlet_events[DatasetAlias("inlets_other")]),
            ("of another position", lambda: inlet_events[7]),
            ("inlets", lambda: [len(inlet_events), [repr(key) for key in inlet_events]]),
            (
                "an event",
                lambda: [
                    events[0].source_dag_id,
                    events[0].source_task_id,
                    events[0].source_run_id,
                    events[0].source_map_index,
                    events[0].uri,
                    events[0].dataset.uri,
                ],
            ),
            ("whose", lambda: [events[0].source_task_instance.task_id, events[0].source_dag_run.run_id]),
        )

    @task
    def without(*, inlet_events=None, outlet_events=None):
        return probed(
            ("inlets", lambda: len(inlet_events)),
            ("an inlet", lambda: inlet_events[A]),
            ("an outlet", lambda: [outlet_events[A].extra, len(outlet_events), A in outlet_events]),
            ("in words", lambda: repr(outlet_events[A])),
        )

    classic = BashOperator(
        task_id="classic",
        inlets=[A],
        bash_command="echo '{{ inlet_events['s3://inlets/a'][-1].extra | tojson }}'",
    )
    unknown = BashOperator(
        task_id="unknown", inlets=[A], bash_command="echo '{{ inlet_events[Dataset('s3://inlets/a')][-1].extra }}'"
    )
    zero() >> one() >> two() >> aliased() >> [read(), without(), classic, unknown]
