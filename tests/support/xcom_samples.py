"""Classes and modules for the expressions of ``golden/xcom_values.json``: evaluated here, stored, brought back."""
# ruff: noqa: F401  the expressions use what is imported

import array
import collections
import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import ipaddress
import pathlib
import re
import typing
import uuid
import zoneinfo

import attr
import attrs
import pendulum

UTC = dt.UTC


@dataclasses.dataclass
class Point:
    x: int
    y: typing.Any = None


@dataclasses.dataclass(frozen=True)
class Versioned:
    __version__: typing.ClassVar[int] = 3
    when: dt.datetime = None


@attrs.define
class Attrs:
    a: int
    b: typing.Any = None


@attr.s(auto_attribs=True)
class OldAttrs:
    a: int = 1


class Custom:
    __version__ = 2

    def __init__(self, v):
        self.v = v

    def serialize(self):
        return {"v": self.v}

    @staticmethod
    def deserialize(data, version):
        c = Custom(data["v"])
        c.version = version
        return c

    def __repr__(self):
        return f"Custom({self.v!r}, {getattr(self, 'version', None)})"


class OnlySerialize:
    def serialize(self):
        return {"v": 1}


class SerializeText:
    def serialize(self):
        return "text"


class SerializeList:
    def serialize(self):
        return [1, (2,)]


class NoVersionInt:
    __version__ = "1.0"

    def serialize(self):
        return {"v": 1}

    @staticmethod
    def deserialize(data, version):
        return ("nv", data, version)


class Plain:
    def __repr__(self):
        return "Plain()"


Named = collections.namedtuple("Named", "p q")


class Typed(typing.NamedTuple):
    p: int


class Color(enum.Enum):
    RED = 1


class SColor(str, enum.Enum):  # noqa: UP042  the old spelling is what is recorded
    RED = "red"


class IColor(enum.IntEnum):
    ONE = 1


class Flag(enum.Flag):
    A = 1


class SubDict(dict):
    pass


class SubList(list):
    pass


class SubStr(str):
    pass


class SubInt(int):
    pass
