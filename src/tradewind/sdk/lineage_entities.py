"""What a task may name among its inlets and outlets besides datasets: files, tables and those who own them.

Nothing is scheduled by them; lineage collectors of packages look for these classes.
"""

from __future__ import annotations

from typing import Any, ClassVar

import attr


@attr.s(auto_attribs=True)
class File:
    """A file, by its address."""

    template_fields: ClassVar[tuple[str, ...]] = ("url",)

    url: str
    type_hint: str | None = None


@attr.s(auto_attribs=True, kw_only=True)
class User:
    """A person, by the address of their mail."""

    template_fields: ClassVar[tuple[str, ...]] = ("email", "first_name", "last_name")

    email: str
    first_name: str | None = None
    last_name: str | None = None


@attr.s(auto_attribs=True, kw_only=True)
class Tag:
    """A word by which things are sorted."""

    template_fields: ClassVar[tuple[str, ...]] = ("tag_name",)

    tag_name: str


@attr.s(auto_attribs=True, kw_only=True)
class Column:
    """A column of a table."""

    template_fields: ClassVar[tuple[str, ...]] = ("name", "description", "data_type", "tags")

    name: str
    description: str | None = None
    data_type: str
    tags: list[Tag] = attr.Factory(list)


@attr.s(auto_attribs=True, kw_only=True)
class Table:
    """A table of a database."""

    template_fields: ClassVar[tuple[str, ...]] = (
        "database",
        "cluster",
        "name",
        "tags",
        "description",
        "columns",
        "owners",
        "extra",
    )

    database: str
    cluster: str
    name: str
    tags: list[Tag] = attr.Factory(list)
    description: str | None = None
    columns: list[Column] = attr.Factory(list)
    owners: list[User] = attr.Factory(list)
    extra: dict[str, Any] = attr.Factory(dict)
    type_hint: str | None = None
