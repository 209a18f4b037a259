"""Which of the offered media types an Accept header means."""

from __future__ import annotations

from collections.abc import Sequence


def choose(accept: str | None, offered: Sequence[str], default: str | None = None) -> str | None:
    """The offered type with the highest quality; among equals the more specific range wins, then the earlier offer.

    ``default`` when the header is absent or nothing fits.
    """
    best: tuple[float, int, int] | None = None
    chosen = default
    for part in (accept or "").split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        quality = _quality(parameters)
        if quality <= 0:
            continue
        for position, media_type in enumerate(offered):
            specificity = _fits(name.lower(), media_type)
            if specificity and (best is None or (quality, specificity, -position) > best):
                best, chosen = (quality, specificity, -position), media_type
    return chosen


def _quality(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _fits(wanted: str, media_type: str) -> int:
    if wanted == media_type:
        return 3
    if wanted == media_type.split("/", 1)[0] + "/*":
        return 2
    return 1 if wanted == "*/*" else 0
