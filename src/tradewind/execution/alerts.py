"""Mail about attempts that have failed or will be tried again, to the addresses of the task's ``email``."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from tradewind.sdk.settings_reader import conf

log = logging.getLogger("airflow.task")


def is_wanted(task: Any, state: str) -> bool:
    """Whether the task asks for mail when an attempt ends in ``state``."""
    if not task.email:
        return False
    return bool((state == "failed" and task.email_on_failure) or (state == "up_for_retry" and task.email_on_retry))


def send_alert(task: Any, context: Any) -> None:
    """Send the mail; a mail server that does not answer is logged, and changes nothing for the task. What it says is
    rendered from the files of ``[email] subject_template`` and ``html_content_template``, when there are any."""
    from tradewind.sdk.mail import send_email  # smtplib, ssl: only for those who get mail

    try:
        subject = _rendered("subject_template", task, context) or f"Airflow alert: {context['ti']}"
        text = _rendered("html_content_template", task, context) or _text(context)
        send_email(task.email, subject, text)
    except Exception:
        log.exception("Failed to send email to: %s", task.email)


def _rendered(option: str, task: Any, context: Any) -> str | None:
    """The template that an option names, rendered; None without one, or when there is no such file."""
    path = conf.get("email", option, fallback=None)
    if not path:
        return None
    try:
        content = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        log.warning("[email] %s cannot be read, the usual text is sent: %s", option, error)
        return None
    ti = context["ti"]
    exception = context.get("exception", "")
    names = {
        **{name: context[name] for name in context},
        "exception": exception,
        "exception_html": _escaped(exception).replace("\n", "<br>"),
        "try_number": ti.try_number,
        "max_tries": ti.max_tries,
    }
    text: str = task.get_template_env().from_string(content).render(names)
    return text


def _text(context: Any) -> str:
    ti = context["ti"]
    return "<br>".join(
        (
            f"Try {ti.try_number} out of {ti.max_tries + 1}",
            f"Exception:<br>{_escaped(context.get('exception', ''))}",
            f'Log: <a href="{_escaped(ti.log_url)}">Link</a>',
            f"Host: {_escaped(ti.hostname)}",
        )
    )


def _escaped(value: Any) -> str:
    import html  # large

    return html.escape(str(value), quote=True)
