"""The names that a task's context has (Airflow 2.10's)."""

from __future__ import annotations

CONTEXT_KEYS: frozenset[str] = frozenset(
    {
        "conf",
        "conn",
        "dag",
        "dag_run",
        "data_interval_end",
        "data_interval_start",
        "ds",
        "ds_nodash",
        "expanded_ti_count",
        "inlet_events",
        "inlets",
        "logical_date",
        "macros",
        "map_index_template",
        "outlet_events",
        "outlets",
        "params",
        "prev_data_interval_end_success",
        "prev_data_interval_start_success",
        "prev_end_date_success",
        "prev_start_date_success",
        "run_id",
        "task",
        "task_instance",
        "task_instance_key_str",
        "test_mode",
        "ti",
        "triggering_dataset_events",
        "ts",
        "ts_nodash",
        "ts_nodash_with_tz",
        "var",
    }
)

DEPRECATED_KEYS: dict[str, tuple[str, ...]] = {
    "execution_date": ("data_interval_start", "logical_date"),
    "next_ds": ("{{ data_interval_end | ds }}",),
    "next_ds_nodash": ("{{ data_interval_end | ds_nodash }}",),
    "next_execution_date": ("data_interval_end",),
    "prev_ds": (),
    "prev_ds_nodash": (),
    "prev_execution_date": (),
    "prev_execution_date_success": ("prev_data_interval_start_success",),
    "tomorrow_ds": (),
    "tomorrow_ds_nodash": (),
    "yesterday_ds": (),
    "yesterday_ds_nodash": (),
}
"""Old names, and what to use instead."""

OCCASIONAL_KEYS: frozenset[str] = frozenset(
    {"exception", "reason", "templates_dict", "try_number", "yesterday_ds", "triggering_asset_events"}
)

KNOWN_CONTEXT_KEYS: frozenset[str] = CONTEXT_KEYS | frozenset(DEPRECATED_KEYS) | OCCASIONAL_KEYS
"""Parameters of these names are filled from the context."""

KEYS_OF_3: frozenset[str] = frozenset(
    {"asset_state_store", "partition_key", "start_date", "task_reschedule_count", "task_state_store"}
)
"""More of them, at compat level 3."""
