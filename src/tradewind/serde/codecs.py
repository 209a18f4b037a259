"""How objects of one kind become plain data and back: the registered codecs of serde.values.

Class names, versions and the shape of the data are those of Airflow 2.10's XCom notation, so that values written by a
real Airflow are read and the API shows the same texts. Heavy libraries are recognised by the class's name and imported
only when a value of theirs is there.
"""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pendulum

FIXED = "pendulum.tz.timezone.FixedTimezone"
NAMED = "pendulum.tz.timezone.Timezone"
ZONEINFO = "zoneinfo.ZoneInfo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """One kind of value: ``classname`` in the notation, its version, and the two ways.

    ``decode`` gets the class name, the version found and the data (its members already decoded).
    """

    classname: str
    version: int
    encode: Callable[[Any], Any]
    decode: Callable[[str, int, Any], Any]


def codec_for(value: Any) -> Codec | None:
    """The codec of this value's exact class, or None."""
    cls = type(value)
    return BY_NAME.get(f"{cls.__module__}.{cls.__qualname__}")


def codec_named(classname: str) -> Codec | None:
    """The codec that reads ``classname``, or None."""
    return BY_NAME.get(classname)


def _encode_zone(zone: dt.tzinfo, at: dt.datetime | None) -> tuple[Any, str, int, bool]:
    if isinstance(zone, pendulum.FixedTimezone):
        offset = zone.offset
        return ("UTC", FIXED, 1, True) if offset == 0 else (offset, FIXED, 1, True)
    if isinstance(zone, pendulum.Timezone):
        return (zone.name, NAMED, 1, True)
    if isinstance(zone, ZoneInfo) and zone.key:
        return (zone.key, ZONEINFO, 1, True)
    delta = zone.utcoffset(at)
    if delta is None:
        raise TypeError(f"cannot serialise the time zone {zone!r}: it has neither a name nor a fixed offset")
    seconds = int(delta.total_seconds())
    return ("UTC", FIXED, 1, True) if seconds == 0 else (seconds, FIXED, 1, True)


def _decode_zone(data: Any) -> dt.tzinfo | None:
    if data is None:
        return None
    if isinstance(data, str | int):
        return pendulum.timezone(data)
    key, classname = data[0], data[1]
    if isinstance(key, int):
        return pendulum.FixedTimezone(key)
    if classname == ZONEINFO:
        return ZoneInfo(key)
    return pendulum.timezone(key or "UTC")


def _encode_datetime(value: dt.datetime) -> dict[str, Any]:
    zone = None if value.tzinfo is None else _encode_zone(value.tzinfo, value)
    return {"timestamp": value.timestamp(), "tz": zone}


def _decode_datetime(classname: str, version: int, data: Any) -> dt.datetime:
    zone = _decode_zone(data.get("tz"))
    if classname.startswith("pendulum"):
        return pendulum.from_timestamp(float(data["timestamp"]), tz=zone or "UTC")  # type: ignore[arg-type]  # any tzinfo
    if zone is None:
        # Airflow writes a naive datetime as the timestamp of local time and reads it back the same way.
        return dt.datetime.fromtimestamp(float(data["timestamp"]))  # noqa: DTZ006
    return dt.datetime.fromtimestamp(float(data["timestamp"]), tz=zone)


def _encode_named_zone(value: Any) -> Any:
    return _encode_zone(value, None)[0]


def _decode_named_zone(classname: str, version: int, data: Any) -> Any:
    return ZoneInfo(data) if classname == ZONEINFO else _decode_zone(data)


def _encode_decimal(value: Decimal) -> int | float:
    exponent = value.as_tuple().exponent
    return int(value) if isinstance(exponent, int) and exponent >= 0 else float(value)


def _same(value: Any) -> Any:
    return value


def _number(classname: str, version: int, data: Any) -> Any:
    module, _, name = classname.rpartition(".")
    return getattr(importlib.import_module(module), name)(data)


def _encode_frame(frame: Any) -> str:
    import io  # only a DataFrame needs it

    buffer = io.BytesIO()
    frame.to_parquet(buffer, compression="snappy")
    return buffer.getvalue().hex()


def _decode_frame(classname: str, version: int, data: Any) -> Any:
    import io  # only a DataFrame needs it

    pandas = importlib.import_module("pandas")  # heavy, and optional
    return pandas.read_parquet(io.BytesIO(bytes.fromhex(data)))


def _encode_dataset(dataset: Any) -> dict[str, Any]:
    return {"uri": dataset.uri, "extra": dict(dataset.extra or {}) or None}


def _decode_dataset(classname: str, version: int, data: Any) -> Any:
    # By name: the authoring side is there where values are made into objects, and nowhere else.
    assets = importlib.import_module("tradewind.sdk.assets")
    return assets.Dataset(data["uri"], extra=data.get("extra"))


def _numpy(name: str, to_plain: Callable[[Any], Any]) -> Codec:
    return Codec(classname=f"numpy.{name}", version=1, encode=to_plain, decode=_number)


_CODECS = (
    Codec(classname="builtins.tuple", version=1, encode=list, decode=lambda _c, _v, data: tuple(data)),
    Codec(classname="builtins.set", version=1, encode=list, decode=lambda _c, _v, data: set(data)),
    Codec(classname="builtins.frozenset", version=1, encode=list, decode=lambda _c, _v, data: frozenset(data)),
    Codec(classname="datetime.datetime", version=2, encode=_encode_datetime, decode=_decode_datetime),
    Codec(classname="pendulum.datetime.DateTime", version=2, encode=_encode_datetime, decode=_decode_datetime),
    Codec(
        classname="datetime.date",
        version=2,
        encode=lambda value: value.isoformat(),
        decode=lambda _c, _v, data: dt.date.fromisoformat(data),
    ),
    Codec(
        classname="datetime.timedelta",
        version=2,
        encode=lambda value: value.total_seconds(),
        decode=lambda _c, _v, data: dt.timedelta(seconds=float(data)),
    ),
    Codec(
        classname="decimal.Decimal",
        version=1,
        encode=_encode_decimal,
        decode=lambda _c, _v, data: Decimal(str(data)),
    ),
    Codec(classname=NAMED, version=1, encode=_encode_named_zone, decode=_decode_named_zone),
    Codec(classname=FIXED, version=1, encode=_encode_named_zone, decode=_decode_named_zone),
    Codec(classname=ZONEINFO, version=1, encode=_encode_named_zone, decode=_decode_named_zone),
    *(_numpy(f"{kind}{bits}", int) for kind in ("int", "uint") for bits in (8, 16, 32, 64)),
    *(_numpy(name, float) for name in ("float16", "float32", "float64")),
    _numpy("bool_", bool),
    Codec(classname="airflow.datasets.Dataset", version=1, encode=_encode_dataset, decode=_decode_dataset),
    Codec(classname="pandas.core.frame.DataFrame", version=1, encode=_encode_frame, decode=_decode_frame),
)

BY_NAME: dict[str, Codec] = {codec.classname: codec for codec in _CODECS}
BY_NAME["tradewind.sdk.assets.Dataset"] = BY_NAME["airflow.datasets.Dataset"]
BY_NAME["numpy.bool"] = BY_NAME["numpy.bool_"]  # the class's name since numpy 2
