"""The tables that the compat classes read, in short: name, type, ``!`` for the key. Storage owns them and makes them; a
test holds both equal. Columns of tradewind's own that no class shows are left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Boolean, Column, Float, Integer, LargeBinary, MetaData, Table, Text

from .columns import JsonText, UtcDateTime, ValueText, Words

METADATA = MetaData()

_TYPES: Mapping[str, Any] = {
    "int": Integer,
    "str": Words,
    "text": Text,
    "bool": Boolean,
    "float": Float,
    "time": UtcDateTime,
    "json": JsonText,
    "value": ValueText,
    "bytes": LargeBinary,
}

_OF_INSTANCE = "dag_id:str! run_id:str! task_id:str! map_index:int!"
_INSTANCE = """
    try_number:int start_date:time end_date:time duration:float state:str max_tries:int hostname:str unixname:str
    job_id:int pool:str pool_slots:int queue:str priority_weight:int operator:str custom_operator_name:str
    queued_dttm:time queued_by_job_id:int pid:int executor:str executor_config:json updated_at:time
    rendered_map_index:str external_executor_id:str trigger_id:int trigger_timeout:time next_method:str
    next_kwargs:json task_display_name:str
"""


def _table(name: str, columns: str) -> Table:
    made = []
    for word in columns.split():
        column, _, kind = word.partition(":")
        is_key = kind.endswith("!")
        made.append(Column(column, _TYPES[kind.rstrip("!")], primary_key=is_key, autoincrement=False))
    return Table(name, METADATA, *made)


DAG = _table(
    "dag",
    """dag_id:str! root_dag_id:str is_paused:bool is_subdag:bool is_active:bool last_parsed_time:time last_pickled:time
    last_expired:time scheduler_lock:bool pickle_id:int fileloc:str processor_subdir:str owners:str
    dag_display_name:str description:text default_view:str schedule_interval:json timetable_description:str
    dataset_expression:json max_active_tasks:int max_active_runs:int max_consecutive_failed_dag_runs:int
    has_task_concurrency_limits:bool has_import_errors:bool next_dagrun:time next_dagrun_data_interval_start:time
    next_dagrun_data_interval_end:time next_dagrun_create_after:time""",
)
DAG_TAG = _table("dag_tag", "name:str! dag_id:str!")
DAG_OWNER_ATTRIBUTES = _table("dag_owner_attributes", "dag_id:str! owner:str! link:str")
DAG_CODE = _table("dag_code", "fileloc_hash:int! fileloc:str last_updated:time source_code:text")
SERIALIZED_DAG = _table(
    "serialized_dag",
    "dag_id:str! fileloc:str fileloc_hash:int last_updated:time dag_hash:str processor_subdir:str",
)
IMPORT_ERROR = _table("import_error", "id:int! timestamp:time filename:str stacktrace:text processor_subdir:str")
DAG_WARNING = _table("dag_warning", "dag_id:str! warning_type:str! message:text timestamp:time")
DATASET = _table("dataset", "id:int! uri:str extra:json created_at:time updated_at:time is_orphaned:bool")
DATASET_EVENT = _table(
    "dataset_event",
    """id:int! dataset_id:int extra:json source_task_id:str source_dag_id:str source_run_id:str source_map_index:int
    timestamp:time""",
)
DAG_RUN = _table(
    "dag_run",
    """id:int! dag_id:str queued_at:time execution_date:time start_date:time end_date:time state:str run_id:str
    creating_job_id:int external_trigger:bool run_type:str conf:json data_interval_start:time data_interval_end:time
    last_scheduling_decision:time dag_hash:str log_template_id:int updated_at:time clear_number:int""",
)
TASK_INSTANCE = _table("task_instance", _OF_INSTANCE + _INSTANCE)
TASK_INSTANCE_HISTORY = _table(
    "task_instance_history", "id:int! task_id:str dag_id:str run_id:str map_index:int" + _INSTANCE
)
TASK_FAILURE = _table("task_failure", _OF_INSTANCE + " try_number:int! ended_at:time error:str")
TASK_MAP = _table("task_map", _OF_INSTANCE + " length:int keys:json")
TASK_RESCHEDULE = _table(
    "task_reschedule",
    """id:int! task_id:str dag_id:str run_id:str map_index:int try_number:int start_date:time end_date:time
    duration:int reschedule_date:time""",
)
RENDERED = _table("rendered_task_instance_fields", _OF_INSTANCE + " rendered_fields:json k8s_pod_yaml:json")
XCOM = _table("xcom", "dag_run_id:int " + _OF_INSTANCE + " key:str! value:value timestamp:time")
DAG_RUN_NOTE = _table("dag_run_note", "user_id:int dag_run_id:int! content:str created_at:time updated_at:time")
TASK_INSTANCE_NOTE = _table(
    "task_instance_note", "user_id:int " + _OF_INSTANCE + " content:str created_at:time updated_at:time"
)
SLA_MISS = _table(
    "sla_miss",
    """task_id:str! dag_id:str! execution_date:time! email_sent:bool timestamp:time description:text
    notification_sent:bool""",
)
TRIGGER = _table("trigger", "id:int! classpath:str created_date:time triggerer_id:int")
JOB = _table(
    "job",
    """id:int! dag_id:str state:str job_type:str start_date:time end_date:time latest_heartbeat:time
    executor_class:str hostname:str unixname:str""",
)
SLOT_POOL = _table("slot_pool", "id:int! pool:str slots:int description:text include_deferred:bool")
VARIABLE = _table("variable", "id:int! key:str val:text description:text is_encrypted:bool")
CONNECTION = _table(
    "connection",
    """id:int! conn_id:str conn_type:str description:text host:str schema:str login:text password:text port:int
    is_encrypted:bool is_extra_encrypted:bool extra:text""",
)
LOG = _table(
    "log",
    """id:int! dttm:time dag_id:str task_id:str map_index:int event:str execution_date:time run_id:str owner:str
    owner_display_name:str extra:text try_number:int""",
)
