"""The operator's policies of the stories."""

from airflow.exceptions import AirflowClusterPolicyViolation

SEEN = "mutated"


def task_policy(task):
    if task.dag_id == "policed":
        task.retries = 1
        task.params["by_policy"] = 5
    if task.dag_id == "policed_away" and task.owner == "airflow":
        raise AirflowClusterPolicyViolation("an owner, please")


def dag_policy(dag):
    if dag.dag_id == "policed":
        dag.tags = [*dag.tags, "policed"]


def task_instance_mutation_hook(task_instance):
    if task_instance.dag_id == SEEN:
        if task_instance.try_number >= 1:
            task_instance.pool_slots = 2
            task_instance.queue = "default"
        task_instance.priority_weight = 70 + task_instance.try_number


def get_airflow_context_vars(context):
    if context["dag"].dag_id == "policed":
        return {"team": "blue", "AIRFLOW_CTX_COST": context["ti"].task_id}
    return {}


def get_dagbag_import_timeout(dag_file_path):
    return 77 if dag_file_path.endswith("hooks.py") else 60.0
