"""Tries, timeouts and callbacks where a task waits, is cleared, marked or ended from outside."""

import time
from datetime import timedelta

from airflow.decorators import task
from airflow.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSkipException,
    AirflowTaskTimeout,
)
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator
from airflow.sensors.base import BaseSensorOperator
from airflow.sensors.python import PythonSensor
from airflow.triggers.temporal import TimeDeltaTrigger
from airflow.utils import timezone
from story_parts import PACE, Ended, dag, empty, fail, gate, good, is_there, note, py, skip, there


def noted(kind):
    """A callback that notes what it was given."""

    def callback(context):
        ti, error = context["ti"], context.get("exception")
        index = "" if ti.map_index < 0 else f"[{ti.map_index}]"
        text = "" if isinstance(error, AirflowTaskTimeout) else str(error)[:40]
        told = f" {type(error).__name__}:{text}" if error is not None else ""
        note(f"{ti.dag_id}_{ti.task_id}{index}", f"{kind} {ti.state} {ti.try_number}/{ti.max_tries}{told}")

    return callback


CALLS = {f"on_{kind}_callback": noted(kind) for kind in ("execute", "success", "failure", "retry", "skipped")}


def dag_noted(kind):
    def callback(context):
        run, ti = context["dag_run"], context.get("ti")
        note(f"{run.dag_id}_dag", f"{kind} {run.state} {context.get('reason')} {ti is not None}")

    return callback


DAG_CALLS = {f"on_{kind}_callback": dag_noted(kind) for kind in ("success", "failure")}


class Defers(PythonOperator):
    """Waits for a trigger, then does ``then`` with the event."""

    def __init__(self, how="", timeout=None, then=None, **kwargs):
        super().__init__(python_callable=lambda: None, **kwargs)
        self.how, self.timeout, self.then = how, timeout, then

    def execute(self, context):
        note(f"{self.dag_id}_{self.task_id}", f"begins {context['ti'].try_number}")
        self.defer(trigger=Ended(self.how), method_name="goes_on", timeout=self.timeout)

    def goes_on(self, context, event=None):
        note(f"{self.dag_id}_{self.task_id}", f"goes on {context['ti'].try_number} {event}")
        if self.then:
            return self.then(context["ti"])
        return event


with dag("deferred_calls", default_args={**CALLS}, **DAG_CALLS):
    Defers(how="done", task_id="fires")
    Defers(how="raise", task_id="raises", retries=1)
    Defers(how="nothing", task_id="no_event", retries=1)
    Defers(how="success", task_id="ended_success")
    Defers(how="xcoms", task_id="ended_with_xcoms")
    Defers(how="failed", task_id="ended_failed", retries=1)
    Defers(how="skipped", task_id="ended_skipped")
    Defers(how="done", task_id="goes_on_skips", then=lambda ti: skip())
    Defers(
        how="done", task_id="goes_on_fails", then=lambda ti: (_ for _ in ()).throw(AirflowFailException("x")), retries=1
    )


class Late(Defers):
    def execute(self, context):
        note(f"{self.dag_id}_{self.task_id}", f"begins {context['ti'].try_number}")
        timeout = None if self.execution_timeout else timedelta(seconds=1)
        self.defer(trigger=TimeDeltaTrigger(timedelta(seconds=3000)), method_name="goes_on", timeout=timeout)


with dag("deferred_late", default_args={**CALLS}):
    Late(how="", task_id="late", retries=1)
    Late(how="", task_id="execution_timeout", execution_timeout=timedelta(seconds=2 * PACE))


class Pokes(BaseSensorOperator):
    """Notes its tries; does what it is told at each poke."""

    def __init__(self, does, **kwargs):
        super().__init__(poke_interval=0.2, **kwargs)
        self.does = does

    def poke(self, context):
        ti = context["ti"]
        note(f"{self.dag_id}_{self.task_id}", f"poke {ti.try_number}/{ti.max_tries}")
        return self.does(ti)


pokes = {}


def count_of(ti):
    from story_parts import HOME

    with open(f"{HOME}/events_{ti.dag_id}_{ti.task_id}") as file:
        return sum(line.startswith("poke") for line in file)


def second_poke_fails(ti):
    count = count_of(ti)
    if count == 2:
        raise AirflowException("second poke")
    return count == 4


with dag("sensor_tries", default_args=CALLS):
    Pokes(does=second_poke_fails, task_id="reschedule", mode="reschedule", retries=1)
    Pokes(does=second_poke_fails, task_id="poke", mode="poke", retries=1)
    Pokes(does=lambda ti: False, task_id="soft", mode="reschedule", timeout=0.1, soft_fail=True, retries=1)
    Pokes(does=lambda ti: fail(), task_id="silent", silent_fail=True, timeout=0.1)
    Pokes(does=lambda ti: fail(), task_id="silent_soft", silent_fail=True, soft_fail=True, timeout=0.1)
    Pokes(does=lambda ti: skip(), task_id="skips", mode="reschedule")
    Pokes(does=lambda ti: (_ for _ in ()).throw(AirflowFailException("x")), task_id="never", never_fail=True, retries=1)

with dag("reschedules", default_args=CALLS):

    def thrice(ti):
        note(f"{ti.dag_id}_{ti.task_id}", f"try {ti.try_number}/{ti.max_tries}")
        from story_parts import HOME

        count = sum(line.startswith("try") for line in open(f"{HOME}/events_{ti.dag_id}_{ti.task_id}"))
        if count < 3:
            raise AirflowRescheduleException(timezone.utcnow() + timedelta(seconds=0.2))
        if count == 3:
            raise AirflowException("then fails")

    py("raises", thrice, retries=1)

with dag("cleared_calls", default_args=CALLS, **DAG_CALLS):

    @task(retries=1)
    def twice(ti=None):
        if not there("cleared_calls"):
            raise ValueError("twice")

    twice() >> py("after")

with dag("run_marked", default_args=CALLS, **DAG_CALLS):
    py("slow", lambda: gate("nobody")) >> py("after")

with dag("task_marked_failed", default_args=CALLS, **DAG_CALLS):
    py("slow", lambda: gate("nobody"), retries=2) >> py("after")

with dag("task_marked_success", default_args=CALLS, **DAG_CALLS):
    py("slow", lambda: gate("nobody"), retries=2) >> py("after")

with dag("task_marked_skipped", default_args=CALLS, **DAG_CALLS):
    py("slow", lambda: gate("nobody"), retries=2) >> py("after")

with dag("run_late", dagrun_timeout=timedelta(seconds=8 * PACE), default_args=CALLS, **DAG_CALLS):
    py("quick") >> py("slow", lambda: gate("nobody")) >> py("after")
    Pokes(does=lambda ti: False, task_id="rescheduled", mode="reschedule")
    py("retried", fail, retries=3, retry_delay=100)

with dag("scheduler_ends", default_args=CALLS, **DAG_CALLS):
    # Ends that the scheduler decides call nothing of the task, the DAG's call has one of them as its task.
    empty("empty") >> py("skips", skip) >> py("skipped")
    py("fails", fail) >> py("upstream_failed")

with dag("mapped_calls", default_args=CALLS, **DAG_CALLS):

    def each(x):
        if x == 1:
            fail()
        if x == 2:
            skip()

    PythonOperator.partial(task_id="each", python_callable=each, retries=1).expand(op_args=[[0], [1], [2]])

with dag(
    "calls_raise",
    on_success_callback=[dag_noted("first"), lambda context: fail(), dag_noted("third")],
    default_args={"on_success_callback": [noted("one"), lambda context: fail(), noted("three")]},
):
    py("a")
    killed = BashOperator(
        task_id="killed", bash_command="kill -9 $PPID", on_failure_callback=[noted("one"), noted("two")]
    )
    killed >> py("last", trigger_rule="all_done")

with dag("callback_errors", default_args=CALLS):
    py("in_pre", good, pre_execute=lambda context: fail(), retries=1)
    py("in_post", good, post_execute=lambda context, result=None: skip())
    py("in_template", good, templates_dict={"a": "{{ 1 / 0 }}"}, retries=1)
    py("fail_in_success", good, on_success_callback=lambda context: fail())
    py("skip_in_execute", good, on_execute_callback=lambda context: skip())

with dag("execution_timeouts", default_args=CALLS):

    def sleeps_once(ti):
        if ti.try_number == 1:
            try:
                time.sleep(30 * PACE)
            finally:
                note("execution_timeouts_finally", "put away")

    py("retried", sleeps_once, execution_timeout=timedelta(seconds=PACE), retries=1)
    PythonSensor(
        task_id="sensor",
        python_callable=lambda: time.sleep(30 * PACE),
        execution_timeout=timedelta(seconds=PACE),
        soft_fail=True,
    )

with dag("retry_waits"):

    def in_time(ti):
        note(f"retry_waits_{ti.task_id}", ti.try_number)
        if ti.try_number <= 2:
            raise AirflowSkipException if ti.task_id == "skips_second" and ti.try_number == 2 else AirflowException("x")

    py("number", in_time, retries=2, retry_delay=0)
    py("skips_second", in_time, retries=2)
    py("exponential", in_time, retries=2, retry_delay=0.1, retry_exponential_backoff=True, max_retry_delay=0.5)

is_there(__file__)
