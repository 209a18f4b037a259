"""Mail about attempts that have failed or will be tried again, to the addresses of the task's ``email``."""

from __future__ import annotations

import logging
from typing import Any

log = logging.getLogger("airflow.task")


def is_wanted(task: Any, state: str) -> bool:
    """Whether the task asks for mail when an attempt ends in ``state``."""
    if not task.email:
        return False
    return bool((state == "failed" and task.email_on_failure) or (state == "up_for_retry" and task.email_on_retry))


def send_alert(task: Any, context: Any) -> None:
    """Send the mail; a mail server that does not answer is logged, and changes nothing for the task."""
    import html  # large

    from tradewind.sdk.mail import send_email  # smtplib, ssl: only for those who get mail

    ti = context["ti"]
    link = html.escape(str(ti.log_url), quote=True)
    text = "<br>".join(
        (
            f"Try {ti.try_number} out of {ti.max_tries + 1}",
            f"Exception:<br>{html.escape(str(context.get('exception', '')))}",
            f'Log: <a href="{link}">Link</a>',
            f"Host: {html.escape(str(ti.hostname))}",
        )
    )
    try:
        send_email(task.email, f"Airflow alert: {ti}", text)
    except Exception:
        log.exception("Failed to send email to: %s", task.email)
