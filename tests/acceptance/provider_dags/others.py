"""Papermill, and decorators of providers whose services are not here: they parse, and a pod's description is built."""

from __future__ import annotations

from datetime import datetime

from airflow.decorators import task
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.providers.papermill.operators.papermill import PapermillOperator

from airflow import DAG

START = datetime(2024, 1, 1)

with DAG("papermill", start_date=START, schedule=None):
    PapermillOperator(
        task_id="run",
        input_nb="{{ var.value.scratch }}/in.ipynb",
        output_nb="{{ var.value.scratch }}/out-{{ ds }}.ipynb",
        parameters={"word": "{{ ds }}"},
    )

with DAG("containers", start_date=START, schedule=None):

    @task.docker(image="python:3.11", auto_remove="success")
    def in_docker() -> int:
        return 1

    @task.kubernetes(image="python:3.11", namespace="default")
    def in_pod() -> int:
        return 2

    in_docker()
    in_pod()

    pod = KubernetesPodOperator(
        task_id="pod", name="pod", image="busybox", cmds=["echo"], arguments=["{{ ds }}"], env_vars={"A": "1"}
    )

with DAG("pods", start_date=START, schedule=None):

    @task
    def described() -> list[str]:
        request = KubernetesPodOperator(
            task_id="inner", name="inner", image="busybox", cmds=["echo"], arguments=["hi"], env_vars={"A": "1"}
        ).build_pod_request_obj()
        container = request.spec.containers[0]
        return [request.kind, container.image, *container.command, *container.args]

    described()
