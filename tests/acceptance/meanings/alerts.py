"""Callbacks, notifiers and mail in more forms: what their contexts hold, and what a mail says."""

import html
import os
import signal

import pendulum
from airflow.decorators import task
from airflow.exceptions import AirflowFailException, AirflowSkipException
from airflow.notifications.basenotifier import BaseNotifier
from airflow.operators.python import PythonOperator
from airflow.sensors.python import PythonSensor

from airflow import DAG

HOME = os.environ["AIRFLOW_HOME"]
BASE = dict(start_date=pendulum.datetime(2024, 1, 1), schedule=None)


def write(dag_id, who, *words):
    """Append a line to the events of a DAG's task."""
    with open(f"{HOME}/events_{dag_id}_{who}", "a") as file:
        file.write(" ".join(str(word) for word in words) + "\n")


def note(context, *words):
    write(context["dag"].dag_id, context["task"].task_id, *words)


def mail(to, subject, html_content, **kwargs):
    """The mail back end of these DAGs: it writes down what it was given."""
    text = html.unescape(html_content).split("Host:")[0].replace("\n", " ")
    who = subject.split("|")[0].split(".")[-1].split(" ")[0]
    write("mails", who, to, "/", subject.replace(who, "WHO"), "/", text[:45])


class Told(BaseNotifier):
    template_fields = ("message", "other")

    def __init__(self, message, other="", broken=False):
        super().__init__()
        self.message, self.other, self.broken = message, other, broken

    def notify(self, context):
        if self.broken:
            raise ValueError("no")
        note(context, "notified", self.message, self.other)


class Untemplated(BaseNotifier):
    def notify(self, context):
        note(context, "untemplated", context["ti"].state)


def fail():
    raise ValueError("on purpose")


def fail_for_good():
    raise AirflowFailException("for good")


def skip():
    raise AirflowSkipException("no")


def keys_of(kind):
    common = {"exception", "reason", "templates_dict", "try_number", "event"}

    def callback(context):
        note(context, kind, sorted(common & set(context)), context.get("exception").__class__.__name__)

    return callback


with DAG("alerts", default_args={"retry_delay": 0.1}, **BASE):

    def make(task_id, body, **kwargs):
        return PythonOperator(task_id=task_id, python_callable=body, **kwargs)

    make("notified", fail, on_failure_callback=Told("{{ ti.task_id }} {{ ti.try_number }}", "{{ message }}"))
    make("several", fail, on_failure_callback=[Told("one"), Told("two", broken=True), Untemplated(), Told("{{ ds }}")])
    make("unrendered", lambda: 1, on_success_callback=[Told("{{ nobody.there }}"), Told("after")])
    make(
        "keys",
        fail,
        retries=1,
        on_retry_callback=keys_of("retry"),
        on_failure_callback=keys_of("failure"),
        on_execute_callback=keys_of("execute"),
    )
    make("keys_success", lambda: 1, on_success_callback=keys_of("success"))
    make("keys_skipped", skip, on_skipped_callback=keys_of("skipped"), on_success_callback=keys_of("success"))
    make("hook", lambda: 1, pre_execute=lambda c: note(c, "pre"), post_execute=lambda c, r: note(c, "post", r))
    make("hook_fails", lambda: 1, pre_execute=lambda c: fail(), on_failure_callback=keys_of("failure"))
    make("post_fails", lambda: 1, post_execute=lambda c, r: fail(), on_failure_callback=keys_of("failure"))
    make("hook_skips", lambda: 1, pre_execute=lambda c: skip(), on_skipped_callback=keys_of("skipped"))
    make("template_fails", lambda x: 1, op_args=["{{ nobody.there }}"], on_failure_callback=keys_of("failure"))
    PythonSensor(
        task_id="sensor_timeout",
        python_callable=lambda: False,
        poke_interval=0.1,
        timeout=0.2,
        retries=2,
        on_failure_callback=keys_of("failure"),
    )
    PythonSensor(
        task_id="sensor_soft",
        python_callable=lambda: False,
        poke_interval=0.1,
        timeout=0.2,
        soft_fail=True,
        mode="reschedule",
        on_skipped_callback=keys_of("skipped"),
        on_failure_callback=keys_of("failure"),
        on_execute_callback=lambda context: note(context, "execute"),
    )

    @task(on_success_callback=lambda context: note(context, "index", context["ti"].map_index))
    def mapped(x):
        return x

    mapped.expand(x=[1, 2, 3]) >> make("joined", lambda: 1)


with DAG("mails", default_args={"retry_delay": 0.1, "email": "a@example.com, b@example.com"}, **BASE):
    make("both", fail, retries=1)
    make("no_retry_mail", fail, retries=1, email_on_retry=False)
    make("no_failure_mail", fail, retries=1, email_on_failure=False)
    make("for_good", fail_for_good, retries=1, email=["c@example.com"])
    make("killed", lambda: os.kill(os.getpid(), signal.SIGKILL))
    make("skipped", skip)
    make("fine", lambda: 1)
    make("nobody", fail, email=None)
    make("escaped", lambda: exec("raise ValueError('<b>&')"))


def said(name, error=False):
    def callback(context):
        write(context["dag"].dag_id, "dag", name, context["dag_run"].state, context["reason"])
        if error:
            raise ValueError("no")

    return callback


with DAG(
    "alert_lists",
    on_failure_callback=[said("one"), said("two", error=True), said("three")],
    on_success_callback=said("no"),
    **BASE,
):
    make("a", fail) >> make("b", lambda: 1)

with DAG("alert_notifier", on_success_callback=Told("dag {{ dag_run.state }} {{ reason }}"), **BASE):
    make("last", lambda: 1)

with DAG("users", **BASE):
    make("unknown_user", lambda: 1, run_as_user="nobody_there")

    @task(executor_config={"KubernetesExecutor": {"image": "x"}}, resources={"cpus": 2})
    def configured(ti=None, task=None):
        return [ti.executor_config, task.executor_config, task.resources.cpus.qty, task.resources.ram.qty]

    configured()
