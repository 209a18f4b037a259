"""The log of the template and of what it forks: nothing is imported for it until there is something to say."""

import logging
import os
import sys

import pytest

from tradewind.execution import process_logging
from tradewind.execution.leaving import leave


def said_by_child(speak: str, capfd: pytest.CaptureFixture[str]) -> str:
    """What a child writes that logs on demand: it says ``speak`` itself, or becomes that role first."""
    pid = os.fork()
    if pid == 0:
        try:
            sys.stderr = os.fdopen(2, "w", closefd=False)
            process_logging.log_on_demand("template", "INFO")
            if speak:
                process_logging.log_as(speak)
            logging.getLogger("some.module").info("event=%s", "value")
            logging.getLogger("some.module").debug("too little to be said")
        finally:
            leave(0)
    assert os.waitpid(pid, 0)[1] == 0
    return capfd.readouterr().err


@pytest.mark.parametrize("role", ["", "triggerer"])
def test_the_first_record_sets_up_the_log_of_the_role(role: str, capfd: pytest.CaptureFixture[str]) -> None:
    text = said_by_child(role, capfd)
    assert text.count("\n") == 1, text
    assert "event=value" in text and f'"role": "{role or "template"}"' in text


def test_the_template_does_not_import_what_only_logging_needs() -> None:
    program = (
        "import sys, tradewind.execution.roles as r; print(*sorted({'structlog', 'asyncio', 'ssl'} & set(sys.modules)))"
    )
    with os.popen(f'{sys.executable} -c "{program}"') as output:
        assert output.read().strip() == ""
