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
from typing import Any, NamedTuple

from tradewind.sdk.exceptions import AirflowNotFoundException
from tradewind.sdk.lookups import BaseHook
from tradewind.sdk.settings_reader import conf

log = logging.getLogger(__name__)

Addresses = str | Iterable[str]


def send_email(  # noqa: PLR0917  Airflow's order
    to: Addresses,
    subject: str,
    html_content: str,
    files: list[str] | None = None,
    dryrun: bool = False,
    cc: Addresses | None = None,
    bcc: Addresses | None = None,
    mime_subtype: str = "mixed",
    mime_charset: str = "utf-8",
    conn_id: str | None = None,
    custom_headers: dict[str, Any] | None = None,
    **kwargs: Any,
) -> Any:
    """Send by the function that ``[email] email_backend`` names (SMTP)."""
    backend: Callable[..., Any] = send_email_smtp
    path = conf.get("email", "email_backend", fallback=None)
    if path and path != "airflow.utils.email.send_email_smtp":
        backend = conf.getimport("email", "email_backend")
    return backend(
        ", ".join(get_email_address_list(to)),  # one text: back ends were written for that
        subject,
        html_content,
        files=files,
        dryrun=dryrun,
        cc=cc,
        bcc=bcc,
        mime_subtype=mime_subtype,
        mime_charset=mime_charset,
        conn_id=conn_id or conf.get("email", "email_conn_id", fallback="smtp_default"),
        from_email=conf.get("email", "from_email", fallback=None),
        custom_headers=custom_headers,
        **kwargs,
    )


def send_email_smtp(  # noqa: PLR0917  Airflow's order
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


def build_mime_message(  # noqa: PLR0917  Airflow's order
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
    server = _server(conn_id)
    attempts = conf.getint("smtp", "smtp_retry_limit", fallback=5)
    for attempt in range(1, attempts + 1):
        try:
            _send(server, e_from, e_to, mime_msg)
            return
        except smtplib.SMTPServerDisconnected:
            log.warning("mail server %s:%s hung up (%s of %s)", server.host, server.port, attempt, attempts)
            if attempt == attempts:
                raise


class _Server(NamedTuple):
    host: str
    port: int
    login: str | None
    password: str | None


def _server(conn_id: str | None) -> _Server:
    """Where to send, by ``[smtp]`` and what the connection has of its own."""
    server = _Server(
        conf.get_mandatory_value("smtp", "smtp_host"),
        conf.getint("smtp", "smtp_port"),
        conf.get("smtp", "smtp_user", fallback=None),
        conf.get("smtp", "smtp_password", fallback=None),
    )
    if not conn_id:
        return server
    try:
        found = BaseHook.get_connection(conn_id)
    except AirflowNotFoundException:
        log.debug("no connection %s; the [smtp] settings are used", conn_id)
        return server
    return _Server(
        found.host or server.host,
        found.port or server.port,
        found.login or server.login,
        found.password or server.password,
    )


def _send(server: _Server, e_from: str, e_to: Any, message: MIMEMultipart) -> None:
    timeout = conf.getint("smtp", "smtp_timeout", fallback=30)
    tls = ssl.create_default_context() if conf.get("smtp", "ssl_context", fallback="default") == "default" else None
    is_ssl = conf.getboolean("smtp", "smtp_ssl", fallback=False)
    if is_ssl:
        client: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=timeout, context=tls)
    else:
        client = smtplib.SMTP(server.host, server.port, timeout=timeout)
    with client:
        if not is_ssl and conf.getboolean("smtp", "smtp_starttls", fallback=True):
            client.starttls(context=tls)
        if server.login and server.password:
            client.login(server.login, server.password)
        log.info("Sent an alert email to %s", e_to)
        client.sendmail(e_from, e_to, message.as_string())


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
