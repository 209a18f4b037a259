"""What a DAG file is imported for (``airflow.utils.dag_parsing_context``)."""

from __future__ import annotations

from typing import NamedTuple


class AirflowParsingContext(NamedTuple):
    """The only DAG, and the only task, that the import is for; None: all that the file has."""

    dag_id: str | None
    task_id: str | None


def get_parsing_context() -> AirflowParsingContext:
    """Always for all: one import of a file serves every attempt of every DAG in it."""
    return AirflowParsingContext(None, None)
