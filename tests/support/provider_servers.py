"""Services that providers are tried against, on free ports of this machine: run by the interpreter of an environment
that has them (asyncssh, pyftpdlib, aiosmtpd, moto).

    python provider_servers.py FOLDER NAME…      prints {"name": port, …} and serves until standard input ends

What they received is appended to FOLDER/<name>.jsonl. User and password are ann / ann-geheim everywhere.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import threading
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from .ports import free_port

USER, PASSWORD = "ann", "ann-geheim"


class Record:
    """What a service has received, one JSON object a line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def add(self, **fields: Any) -> None:
        with self._lock, self._path.open("a") as file:
            file.write(json.dumps(fields) + "\n")


def serve_http(folder: Path) -> int:
    """Echoes what it gets; speaks as much of Slack and Discord as their clients want."""
    record = Record(folder / "http.jsonl")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            record.add(method=self.command, path=self.path, body=body, auth=self.headers.get("Authorization", ""))
            if self.path.startswith("/missing"):
                self._send(404, "no such thing", "text/plain")
            elif self.path.startswith("/hook/"):
                self._send(200, "ok", "text/plain")
            elif "/webhooks/" in self.path:
                self._send(204, "", "text/plain")
            else:
                said = {"ok": True, "path": self.path, "method": self.command, "body": body, "ts": "1"}
                self._send(200, json.dumps(said), "application/json")

        def _send(self, status: int, text: str, kind: str) -> None:
            data = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = _answer

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return int(server.server_address[1])


def serve_ftp(folder: Path) -> int:
    """FTP over FOLDER/ftp."""
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler
    from pyftpdlib.servers import ThreadedFTPServer

    root = folder / "ftp"
    root.mkdir()
    authorizer = DummyAuthorizer()
    authorizer.add_user(USER, PASSWORD, str(root), perm="elradfmwMT")
    handler = type("Handler", (FTPHandler,), {"authorizer": authorizer})
    server = ThreadedFTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return int(server.address[1])


def serve_smtp(folder: Path) -> int:
    """Mail is kept in smtp.jsonl."""
    from aiosmtpd.controller import Controller

    record = Record(folder / "smtp.jsonl")

    class Handler:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            text = envelope.content.decode(errors="replace")
            record.add(sender=envelope.mail_from, to=envelope.rcpt_tos, text=text)
            return "250 kept"

    port = free_port()
    Controller(Handler(), hostname="127.0.0.1", port=port).start()
    return port


def serve_ssh(folder: Path) -> int:
    """Commands by the shell of whoever runs this, files below FOLDER/sftp."""
    import asyncssh

    root = folder / "sftp"
    root.mkdir()

    class Server(asyncssh.SSHServer):
        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == (USER, PASSWORD)

    async def run(process: Any) -> None:
        shell = await asyncio.create_subprocess_shell(
            process.command or "true", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, error = await shell.communicate()
        process.stdout.write(out.decode())
        process.stderr.write(error.decode())
        process.exit(shell.returncode or 0)

    async def listen() -> int:
        listener = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=Server,
            server_host_keys=[asyncssh.generate_private_key("ssh-rsa")],
            process_factory=run,
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(root)),
        )
        return int(listener.get_port())

    return asyncio.run_coroutine_threadsafe(listen(), _loop()).result(30)


def serve_imap(folder: Path) -> int:
    """One mail with the attachment data.csv, and as much of IMAP4 (RFC 3501) as reading it takes."""
    mail = (
        b"From: a@example.com\r\nTo: b@example.com\r\nSubject: data\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
        b'--b\r\nContent-Type: text/csv; name="data.csv"\r\n'
        b'Content-Disposition: attachment; filename="data.csv"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        b"YSxiCjEsMgo=\r\n--b--\r\n"
    )

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK IMAP4rev1 ready\r\n")
        while line := (await reader.readline()).decode():
            tag, _, rest = line.strip().partition(" ")
            verb = rest.split(" ")[0].upper()
            untagged = b""
            ok = True
            if verb == "CAPABILITY":
                untagged = b"* CAPABILITY IMAP4rev1\r\n"
            elif verb == "LOGIN":
                ok = re.findall(r'[^\s"]+', rest)[1:] == [USER, PASSWORD]
            elif verb in ("SELECT", "EXAMINE"):
                untagged = b"* 1 EXISTS\r\n* FLAGS ()\r\n"
            elif verb == "SEARCH":
                untagged = b"* SEARCH 1\r\n"
            elif verb == "FETCH":
                untagged = b"* 1 FETCH (RFC822 {%d}\r\n" % len(mail) + mail + b")\r\n"
            elif verb == "LOGOUT":
                untagged = b"* BYE\r\n"
            writer.write(untagged + f"{tag} {'OK' if ok else 'NO'} {verb}\r\n".encode())
            if verb == "LOGOUT":
                break
        writer.close()

    async def listen() -> int:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        return int(server.sockets[0].getsockname()[1])

    return asyncio.run_coroutine_threadsafe(listen(), _loop()).result(30)


def serve_aws(folder: Path) -> int:
    """moto: the API of Amazon's services, in memory. Functions are not run, which takes Docker; calls are answered."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    port = int(server.get_host_and_port()[1])
    chosen = json.dumps({"lambda": {"use_docker": False}}).encode()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/moto-api/config", chosen, timeout=30) as answer:
        answer.read()
    return port


_loops: list[asyncio.AbstractEventLoop] = []


def _loop() -> asyncio.AbstractEventLoop:
    if not _loops:
        _loops.append(asyncio.new_event_loop())
        threading.Thread(target=_loops[0].run_forever, daemon=True).start()
    return _loops[0]


SERVICES: dict[str, Callable[[Path], int]] = {
    "http": serve_http,
    "ftp": serve_ftp,
    "smtp": serve_smtp,
    "ssh": serve_ssh,
    "imap": serve_imap,
    "aws": serve_aws,
}


def main() -> None:
    folder = Path(sys.argv[1])
    print(json.dumps({name: SERVICES[name](folder) for name in sys.argv[2:]}), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
