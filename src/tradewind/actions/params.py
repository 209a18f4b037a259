"""A run's conf against the DAG's params: JSON Schema, worded as Airflow words it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tradewind.model.errors import InvalidInput
from tradewind.model.spec import DagSpec
from tradewind.model.times import is_date_time


def check_params(spec: DagSpec, conf: Any) -> None:
    """Raises InvalidInput for the first param whose value (from conf, else its default) its schema refuses."""
    given: Mapping[str, Any] = conf if isinstance(conf, Mapping) else {}
    for name, param in spec.params.items():
        _check(name, param, given)


def _check(name: str, param: Any, given: Mapping[str, Any]) -> None:
    declared: Mapping[str, Any] = param if isinstance(param, Mapping) else {"value": param}
    if name not in given and "value" not in declared:
        raise InvalidInput(f"Invalid input for param {name}: No value passed and Param has no default value")
    schema = declared.get("schema")
    if not schema:
        return
    # jsonschema costs a sixth of a second to import, and most DAGs have no schemas
    from jsonschema import Draft202012Validator, FormatChecker
    from jsonschema.exceptions import SchemaError, ValidationError, best_match

    value = given[name] if name in given else declared["value"]
    try:
        Draft202012Validator.check_schema(schema)
        failure = best_match(Draft202012Validator(schema, format_checker=_formats(FormatChecker())).iter_errors(value))
    except SchemaError as error:
        raise InvalidInput(f"Invalid input for param {name}: {error}") from error
    if isinstance(failure, ValidationError):
        raise InvalidInput(f"Invalid input for param {name}: {failure}")


def _formats(checker: Any) -> Any:
    """The checker with date-time, for which jsonschema wants a library more."""
    checker.checks("date-time")(lambda value: not isinstance(value, str) or is_date_time(value))
    return checker
