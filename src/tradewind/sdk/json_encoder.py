"""A JSON encoder that knows dates and numbers (offered as ``airflow.utils.json``)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tradewind.sdk import codec
from tradewind.sdk.timezone import convert_to_utc


class AirflowJsonEncoder(json.JSONEncoder):
    """datetime as UTC text, date as text, Decimal as number; anything else as json does."""

    def default(self, o: Any) -> Any:
        """What json does not know."""
        if isinstance(o, datetime):
            return convert_to_utc(o).isoformat()
        if isinstance(o, date):
            return o.strftime("%Y-%m-%d")
        if isinstance(o, Decimal):
            return int(o) if o == o.to_integral_value() else float(o)
        return super().default(o)


class XComEncoder(json.JSONEncoder):
    """Whatever XComs may carry, as they are stored; for back ends that write JSON themselves."""

    def encode(self, o: Any) -> str:
        """The text."""
        return codec.encode(o)

    def iterencode(self, o: Any, _one_shot: bool = False) -> Iterator[str]:
        """The text, in one piece."""
        yield codec.encode(o)


class XComDecoder(json.JSONDecoder):
    """Inverse of :class:`XComEncoder`."""

    def decode(self, s: str, *args: Any) -> Any:
        """The value."""
        return codec.decode(s)
