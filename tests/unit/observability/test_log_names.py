"""Names of log files by ``[logging] log_filename_template``."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tradewind.config.options import OPTIONS
from tradewind.model.errors import ConfigError
from tradewind.observability.log_names import DEFAULT_TEMPLATE, Try, check_template, log_name
from tradewind.observability.task_logs import log_path

DAY = datetime(2024, 3, 5, 6, 7, 8, tzinfo=UTC)
TRY = Try(dag_id="d", run_id="manual__1", task_id="g.t", try_number=2, logical_date=DAY, data_interval_start=DAY)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ ti.dag_id }}/{{ ti.task_id }}/{{ ts }}/{{ try_number }}.log", "d/g.t/2024-03-05T06:07:08+00:00/2.log"),
        ("{{ dag_run.run_id }}/{{ ti.map_index }}-{{ ds_nodash }}-{{ try_number }}", "manual__1/-1-20240305-2"),
        ("{{ logical_date.year }}/{{ task.task_id }}.{{ ti.try_number }}", "2024/g.t.2"),
        ("{dag_id}/{task_id}/{execution_date}/{try_number}.log", "d/g.t/2024-03-05T06:07:08+00:00/2.log"),
        ("{run_id}/{data_interval_start}/{data_interval_end}/{try_number}", "manual__1/2024-03-05T06:07:08+00:00/2"),
        ("/{run_id}//{try_number}.log", "manual__1/2.log"),
    ],
)
def test_both_forms_of_a_template(template: str, expected: str) -> None:
    check_template(template)
    assert log_name(template, TRY) == expected


@pytest.mark.parametrize("template", ["{{ ti.run_id }}/{{ try_number }}", "{run_id}/{try_number}"])
@pytest.mark.parametrize("run_id", ["..", "../../etc", "/etc"])
def test_no_id_leads_out_of_the_folder(template: str, run_id: str) -> None:
    name = log_name(template, Try(dag_id="d", run_id=run_id, task_id="t"))
    assert ".." not in name.split("/")
    assert not name.startswith("/")


def test_the_default_is_the_same_with_and_without_jinja() -> None:
    assert OPTIONS["logging", "log_filename_template"].default == DEFAULT_TEMPLATE
    for map_index in (-1, 3):
        one = Try(dag_id="d", run_id="r", task_id="t", map_index=map_index, try_number=4)
        plain = log_path("d", "r", "t", map_index, 4)
        assert log_name(DEFAULT_TEMPLATE, one) == log_name(None, one) == plain
        assert log_name(DEFAULT_TEMPLATE + ".gz", one) == plain + ".gz"


@pytest.mark.parametrize("template", ["{{ ti.", "{nobody}/{try_number}", "{{ ti.dag_id }}.log"])
def test_a_template_that_cannot_be_used_is_told(template: str) -> None:
    with pytest.raises(ConfigError, match="log_filename_template"):
        check_template(template)
