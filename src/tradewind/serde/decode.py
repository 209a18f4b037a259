"""The serialised DAG (JSON) → model.DagSpec. No user code and no sdk: any process may read what was parsed."""

from __future__ import annotations

from typing import Any

import msgspec

from tradewind.model.errors import InvalidInput
from tradewind.model.spec import SPEC_FORMAT, DagSpec

_DECODER: msgspec.json.Decoder[DagSpec] = msgspec.json.Decoder(DagSpec)
_FORMAT: msgspec.json.Decoder[Any] = msgspec.json.Decoder(msgspec.defstruct("_Format", [("format", int, SPEC_FORMAT)]))


def decode(data: bytes) -> DagSpec:
    """The spec of a serialised DAG.

    Raises InvalidInput for data of a newer format (written by a newer tradewind) and for what is no DAG at all.
    """
    try:
        spec = _DECODER.decode(data)
    except msgspec.MsgspecError as error:
        _refuse_newer(_format_of(data))
        raise InvalidInput(f"not a serialised DAG: {error}") from error
    _refuse_newer(spec.format)
    return spec


def _refuse_newer(found: int) -> None:
    if found > SPEC_FORMAT:
        raise InvalidInput(
            f"a serialised DAG has format {found}, this program reads up to {SPEC_FORMAT}: "
            "upgrade it, or have the DAG processor of this version parse the files again (dags reserialize)"
        )


def _format_of(data: bytes) -> int:
    try:
        return int(_FORMAT.decode(data).format)
    except msgspec.MsgspecError:
        return 0
