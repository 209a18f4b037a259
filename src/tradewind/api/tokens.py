"""Signed tokens for clients: file tokens of DAGs and continuation tokens of logs. Opaque to everybody else."""

from __future__ import annotations

from tradewind.auth.signing import BadSignature, sign, unsign

__all__ = ["BadSignature", "sign", "unsign"]
