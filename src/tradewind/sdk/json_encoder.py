"""A JSON encoder that knows dates and numbers (offered as ``airflow.utils.json``)."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

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
