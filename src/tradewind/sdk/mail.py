"""Mails by SMTP, from settings or a connection (offered as ``airflow.utils.email``)."""

from __future__ import annotations

import logging
import re
import smtplib
import ssl
from collections.abc import Callable, Iterable
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import formatdate
from pathlib import Path
from typing import Any

from tradewind.sdk.exceptions import AirflowNotFoundException
from tradewind.sdk.lookups import BaseHook
from tradewind.sdk.settings_reader import conf

log = logging.getLogger(__name__)

Addresses = str | Iterable[str]


def send_email(to: Addresses, subject: str, html_content: str, files: list[str] | None = None, **kwargs: Any) -> Any:
    """Send by the function that ``[email] email_backend`` names (SMTP)."""
    backend: Callable[..., Any] | None = None
    path = conf.get("email", "email_backend", fallback=None)
    if path and path != "airflow.utils.email.send_email_smtp":
        backend = conf.getimport("email", "email_backend")
    conn_id = kwargs.pop("conn_id", None) or conf.get("email", "email_conn_id", fallback="smtp_default")
    return (backend or send_email_smtp)(
        get_email_address_list(to),
        subject,
        html_content,
        files=files,
        conn_id=conn_id,
        from_email=conf.get("email", "from_email", fallback=None),
        **kwargs,
    )


def send_email_smtp(
    to: Addresses,
    subject: str,
    html_content: str,
    files: list[str] | None = None,
    dryrun: bool = False,
    cc: Addresses | None = None,
    bcc: Addresses | None = None,
    mime_subtype: str = "mixed",
    mime_charset: str = "utf-8",
    conn_id: str = "smtp_default",
    from_email: str | None = None,
    custom_headers: dict[str, Any] | None = None,
    **kwargs: Any,
) -> None:
    """Build the mail and send it; only log it with ``dryrun``."""
    sender = from_email or conf.get_mandatory_value("smtp", "smtp_mail_from")
    message, recipients = build_mime_message(
        mail_from=sender,
        to=to,
        subject=subject,
        html_content=html_content,
        files=files,
        cc=cc,
        bcc=bcc,
        mime_subtype=mime_subtype,
        mime_charset=mime_charset,
        custom_headers=custom_headers,
    )
    send_mime_email(e_from=sender, e_to=recipients, mime_msg=message, conn_id=conn_id, dryrun=dryrun)


def build_mime_message(
    mail_from: str | None,
    to: Addresses,
    subject: str,
    html_content: str,
    files: list[str] | None = None,
    cc: Addresses | None = None,
    bcc: Addresses | None = None,
    mime_subtype: str = "mixed",
    mime_charset: str = "utf-8",
    custom_headers: dict[str, Any] | None = None,
) -> tuple[MIMEMultipart, list[str]]:
    """The message, and all its recipients (bcc among them, who are in no header)."""
    to_list, cc_list, bcc_list = (get_email_address_list(who) if who else [] for who in (to, cc, bcc))
    message = MIMEMultipart(mime_subtype)
    message["Subject"] = subject
    if mail_from:
        message["From"] = mail_from
    message["To"] = ", ".join(to_list)
    if cc_list:
        message["CC"] = ", ".join(cc_list)
    message["Date"] = formatdate(localtime=True)
    message.attach(MIMEText(html_content, "html", mime_charset))
    for name in files or []:
        path = Path(name)
        part = MIMEApplication(path.read_bytes(), Name=path.name)
        part["Content-Disposition"] = f'attachment; filename="{path.name}"'
        part["Content-ID"] = f"<{path.name}>"
        message.attach(part)
    for header, value in (custom_headers or {}).items():
        message[header] = value
    return message, [*to_list, *cc_list, *bcc_list]


def send_mime_email(
    e_from: str,
    e_to: str | list[str],
    mime_msg: MIMEMultipart,
    conn_id: str = "smtp_default",
    dryrun: bool = False,
) -> None:
    """Send a message that is built. What the connection does not say, ``[smtp]`` does. Tried smtp_retry_limit times."""
    if dryrun:
        log.info("dry run: no mail sent to %s", e_to)
        return
    host, port, login, password = _server(conn_id)
    attempts = conf.getint("smtp", "smtp_retry_limit", fallback=5)
    for attempt in range(1, attempts + 1):
        try:
            _send(host, port, login, password, e_from, e_to, mime_msg)
            return
        except smtplib.SMTPServerDisconnected:
            log.warning("mail server %s:%s hung up (attempt %s of %s)", host, port, attempt, attempts)
            if attempt == attempts:
                raise


def _server(conn_id: str | None) -> tuple[str, int, str | None, str | None]:
    host = conf.get_mandatory_value("smtp", "smtp_host")
    port = conf.getint("smtp", "smtp_port")
    login = conf.get("smtp", "smtp_user", fallback=None)
    password = conf.get("smtp", "smtp_password", fallback=None)
    if conn_id:
        try:
            found = BaseHook.get_connection(conn_id)
        except AirflowNotFoundException:
            log.debug("no connection %s; the [smtp] settings are used", conn_id)
        else:
            host, port = found.host or host, found.port or port
            login, password = found.login or login, found.password or password
    return host, port, login, password


def _send(
    host: str, port: int, login: str | None, password: str | None, e_from: str, e_to: Any, message: MIMEMultipart
) -> None:
    timeout = conf.getint("smtp", "smtp_timeout", fallback=30)
    tls = ssl.create_default_context() if conf.get("smtp", "ssl_context", fallback="default") == "default" else None
    if conf.getboolean("smtp", "smtp_ssl", fallback=False):
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=timeout, context=tls)
    else:
        server = smtplib.SMTP(host, port, timeout=timeout)
    with server:
        if conf.getboolean("smtp", "smtp_starttls", fallback=True) and not isinstance(server, smtplib.SMTP_SSL):
            server.starttls(context=tls)
        if login and password:
            server.login(login, password)
        log.info("Sent an alert email to %s", e_to)
        server.sendmail(e_from, e_to, message.as_string())


def get_email_address_list(addresses: Addresses) -> list[str]:
    """Addresses from one text (parted by comma or semicolon) or several. Raises TypeError for what is neither."""
    if isinstance(addresses, str):
        return [part.strip() for part in re.split(r"\s*[,;]\s*", addresses) if part.strip()]
    if isinstance(addresses, Iterable):
        found = list(addresses)
        if not all(isinstance(item, str) for item in found):
            raise TypeError("The items in your iterable must be strings.")
        return [part for item in found for part in get_email_address_list(item)]
    raise TypeError(f"Unexpected argument type: Received '{type(addresses).__name__}'.")
