"""How large an XCom may be, and what is said of one that cannot be stored."""

from __future__ import annotations

from .settings import config_value

DEFAULT_MAX_BYTES = 64 * 1024 * 1024
"""Of ``[tradewind] max_xcom_bytes``."""
MIB = 1024 * 1024
ADVICE = (
    "Keep it in a file or an object store and hand on its address (ObjectStoragePath, or an [core] xcom_backend that "
    "does so), or raise [tradewind] max_xcom_bytes"
)


class XComTooLarge(ValueError):
    """A value whose text has more bytes than ``[tradewind] max_xcom_bytes``."""


def check_size(text: str, name: str) -> None:
    """Raise XComTooLarge. Here, in the task's own process: nobody else has to hold the value to refuse it."""
    limit = int(config_value("tradewind", "max_xcom_bytes", DEFAULT_MAX_BYTES))
    if limit <= 0 or len(text) * 4 <= limit:
        return
    size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    if size > limit:
        raise XComTooLarge(f"{name} has {size / MIB:.1f} MiB, and at most {limit / MIB:.1f} MiB are taken. {ADVICE}.")


def unstorable(name: str) -> str:
    """What is logged of a value that has no JSON form, beside the error."""
    return (
        f"{name} cannot be stored: it, or something in it, has no JSON form. Return plain values (or dataclasses, "
        "attrs, pydantic models, pandas and numpy values), set do_xcom_push=False when nobody needs the result, or "
        "choose an [core] xcom_backend that can store it."
    )
