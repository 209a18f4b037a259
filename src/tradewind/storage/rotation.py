"""Encrypting all that is kept encrypted with the newest key: after that the older keys are needed no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import webhooks

if TYPE_CHECKING:
    from .database import Transaction
    from .vault import Cipher


def rotate(tx: Transaction, cipher: Cipher) -> int:
    """Variables, connections, arguments of triggers, secrets of webhooks: how many rows. Raises ConfigError without
    keys, or when something was written with a key that is not among them; then nothing is changed."""
    return tx.vault.rotate() + tx.triggers.rotate() + webhooks.rotate(tx, cipher)
