"""EmailOperator against a mail server of a dozen lines."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.standard_fakes import FakeRuntime, as_runtime, context_of

from tradewind.standard.email import EmailOperator
from tradewind.wire.messages import ConnectionReply


class _Session(socketserver.StreamRequestHandler):
    """Says yes to everything and keeps what it was told."""

    def handle(self) -> None:
        told: list[str] = []
        self.server.told = told  # type: ignore[attr-defined]  # read by the test
        self.wfile.write(b"220 here\r\n")
        in_data = False
        for raw in self.rfile:
            line = raw.decode().rstrip("\r\n")
            told.append(line)
            if in_data:
                in_data = line != "."
                if in_data:
                    continue
            elif line.upper() == "DATA":
                in_data = True
                self.wfile.write(b"354 go on\r\n")
                continue
            elif line.upper() == "QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 yes\r\n")


@pytest.fixture
def mail_server() -> Iterator[socketserver.TCPServer]:
    """Listening on a free port."""
    with socketserver.TCPServer(("127.0.0.1", 0), _Session) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("by_connection", [False, True], ids=["by settings", "by connection"])
def test_a_mail_is_sent_to_everybody_with_its_files(
    by_connection: bool, mail_server: socketserver.TCPServer, tmp_path: Path
) -> None:
    attachment = tmp_path / "report.txt"
    attachment.write_text("42", encoding="utf-8")
    host, port = mail_server.server_address[:2]
    config = {("smtp", "smtp_starttls"): "False", ("smtp", "smtp_mail_from"): "us@example.org"}
    connections = {}
    if by_connection:
        connections["post"] = ConnectionReply(conn_id="post", conn_type="smtp", host=str(host), port=int(port))
    else:
        config |= {("smtp", "smtp_host"): str(host), ("smtp", "smtp_port"): str(port)}
    task = EmailOperator(
        task_id="t",
        to="a@example.org, b@example.org",
        bcc=["c@example.org"],
        subject="Report",
        html_content="<b>done</b>",
        files=[str(attachment)],
        conn_id="post" if by_connection else None,
    )
    with as_runtime(FakeRuntime(config=config, connections=connections)):
        task.execute(context_of(task))
    told: list[str] = mail_server.told  # type: ignore[attr-defined]  # set by the session
    text = "\n".join(told)
    assert "mail FROM:<us@example.org>" in text
    assert [line for line in told if line.startswith("rcpt TO:")] == [
        "rcpt TO:<a@example.org>",
        "rcpt TO:<b@example.org>",
        "rcpt TO:<c@example.org>",
    ]
    assert "Subject: Report" in text
    assert 'filename="report.txt"' in text
    assert "c@example.org" not in text.partition("\ndata\n")[2]
