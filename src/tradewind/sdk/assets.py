"""Datasets (assets): what tasks write and read by URI, expressions over them, aliases, and metadata of events."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

MAX_LENGTH = 3000


def _checked_uri(uri: str, what: str = "Dataset URI") -> str:
    if not uri:
        raise ValueError(f"{what} cannot be empty")
    if uri.isspace():
        raise ValueError(f"{what} cannot be just whitespace")
    if not uri.isascii():
        raise ValueError(f"{what} must only consist of ASCII characters")
    if len(uri) > MAX_LENGTH:
        raise ValueError(f"Length of 'uri' must be <= {MAX_LENGTH}: {len(uri)}")
    return uri


def normalize_uri(uri: str) -> str:
    """The URI in one spelling: without credentials, query sorted, no slash at the end. Raises ValueError."""
    _checked_uri(uri)
    parts = urlsplit(uri)
    scheme = parts.scheme.lower()
    if not scheme and not parts.netloc:
        return uri
    if scheme == "airflow":
        raise ValueError("Dataset scheme 'airflow' is reserved")
    _, at, host = parts.netloc.rpartition("@")
    if at:
        warnings.warn(
            "A dataset URI should not contain auth info (e.g. username or password). "
            "It has been automatically dropped.",
            UserWarning,
            stacklevel=4,
        )
    query = urlencode(sorted(parse_qsl(parts.query)))
    rebuilt = parts._replace(scheme=scheme, netloc=host, path=parts.path.rstrip("/") or "/", query=query, fragment="")
    normalizer = _NORMALIZERS.get(scheme) or _provider_normalizer(scheme)
    return urlunsplit(normalizer(rebuilt) if normalizer is not None else rebuilt)


def _provider_normalizer(scheme: str) -> Callable[[Any], Any] | None:
    # Providers are known one floor up; where there are none nothing more is loaded to say so.
    if not import_module("tradewind.plugins.catalogue").has_providers():
        return None
    found: Callable[[Any], Any] | None = import_module("tradewind.plugins.providers").dataset_uri_handler(scheme)
    return found


_NORMALIZERS: dict[str, Callable[[Any], Any]] = {}
"""Rules of providers, by scheme; filled by whoever knows the providers (see :func:`register_normalizer`)."""


def register_normalizer(scheme: str, normalize: Callable[[Any], Any]) -> None:
    """Let a provider say how URIs of its scheme are spelled."""
    _NORMALIZERS[scheme] = normalize


class BaseDataset:
    """A dataset or an expression over datasets: ``|`` any of them, ``&`` all of them."""

    def __bool__(self) -> bool:
        return True

    def __or__(self, other: BaseDataset) -> BaseDataset:
        return DatasetAny(self, other) if isinstance(other, BaseDataset) else NotImplemented

    def __and__(self, other: BaseDataset) -> BaseDataset:
        return DatasetAll(self, other) if isinstance(other, BaseDataset) else NotImplemented

    def as_expression(self) -> Any:
        """As JSON: a URI, or ``{"any": […]}``, ``{"all": […]}``, ``{"alias": …}``."""
        raise NotImplementedError

    def evaluate(self, statuses: Mapping[str, bool]) -> bool:
        """Whether the expression holds, given which URIs were updated."""
        raise NotImplementedError

    def iter_datasets(self) -> Iterator[tuple[str, Dataset]]:
        """All datasets in it, by URI."""
        raise NotImplementedError

    def iter_dataset_aliases(self) -> Iterator[DatasetAlias]:
        """All aliases in it."""
        return iter(())


class Dataset(os.PathLike[str], BaseDataset):
    """Some data, named by a URI; ``extra`` is passed on with its events."""

    uri: str
    extra: dict[str, Any] | None
    __version__: ClassVar[int] = 1

    def __init__(self, uri: str, extra: dict[str, Any] | None = None) -> None:
        self.uri = normalize_uri(uri)
        self.extra = extra

    def __fspath__(self) -> str:
        return self.uri

    def __repr__(self) -> str:
        return f"{type(self).__name__}(uri={self.uri!r}, extra={self.extra!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dataset) and self.uri == other.uri

    def __hash__(self) -> int:
        return hash(self.uri)

    @property
    def normalized_uri(self) -> str | None:
        """The URI in its one spelling."""
        return self.uri

    @property
    def name(self) -> str:
        """The name that Airflow 3 gives it: the URI."""
        return self.uri

    def as_expression(self) -> Any:
        return self.uri

    def evaluate(self, statuses: Mapping[str, bool]) -> bool:
        return statuses.get(self.uri, False)

    def iter_datasets(self) -> Iterator[tuple[str, Dataset]]:
        yield self.uri, self


Asset = Dataset


class DatasetAlias(BaseDataset):
    """A name to which tasks attach datasets while they run."""

    def __init__(self, name: str) -> None:
        self.name = _checked_uri(name)

    def __repr__(self) -> str:
        return f"DatasetAlias(name={self.name!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DatasetAlias) and self.name == other.name

    def __hash__(self) -> int:
        return hash(("alias", self.name))

    def as_expression(self) -> Any:
        return {"alias": self.name}

    def evaluate(self, statuses: Mapping[str, bool]) -> bool:
        return any(statuses.get(uri, False) for uri, _ in self.iter_datasets())

    def iter_datasets(self) -> Iterator[tuple[str, Dataset]]:
        return iter(())

    def iter_dataset_aliases(self) -> Iterator[DatasetAlias]:
        yield self


class _Condition(BaseDataset):
    """Several expressions together."""

    _rule: ClassVar[Callable[[Iterable[bool]], bool]]
    _word: ClassVar[str]

    def __init__(self, *objects: BaseDataset) -> None:
        if not all(isinstance(item, BaseDataset) for item in objects):
            raise TypeError("expect dataset expressions in condition")
        self.objects: list[BaseDataset] = list(objects)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.objects))})"

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, _Condition) and self.objects == other.objects

    def __hash__(self) -> int:
        return hash((self._word, tuple(self.objects)))

    def as_expression(self) -> dict[str, Any]:
        return {self._word: [item.as_expression() for item in self.objects]}

    def evaluate(self, statuses: Mapping[str, bool]) -> bool:
        return type(self)._rule(item.evaluate(statuses) for item in self.objects)

    def iter_datasets(self) -> Iterator[tuple[str, Dataset]]:
        seen: set[str] = set()
        for item in self.objects:
            for uri, dataset in item.iter_datasets():
                if uri not in seen:
                    seen.add(uri)
                    yield uri, dataset

    def iter_dataset_aliases(self) -> Iterator[DatasetAlias]:
        for item in self.objects:
            yield from item.iter_dataset_aliases()


class DatasetAny(_Condition):
    """One of them is enough."""

    _rule = any
    _word = "any"

    def __or__(self, other: BaseDataset) -> BaseDataset:
        return DatasetAny(*self.objects, other) if isinstance(other, BaseDataset) else NotImplemented


class DatasetAll(_Condition):
    """All of them are needed."""

    _rule = all
    _word = "all"

    def __and__(self, other: BaseDataset) -> BaseDataset:
        return DatasetAll(*self.objects, other) if isinstance(other, BaseDataset) else NotImplemented


class Metadata:
    """Extra of a dataset's event, yielded by a task (``yield Metadata(dataset, {…})``)."""

    def __init__(self, target: str | Dataset, extra: dict[str, Any], alias: DatasetAlias | str | None = None) -> None:
        self.uri = extract_event_key(target)
        self.extra = extra
        self.alias_name = alias.name if isinstance(alias, DatasetAlias) else alias


def extract_event_key(value: str | Dataset | DatasetAlias) -> str:
    """The key of a dataset or alias in ``outlet_events`` and ``inlet_events``."""
    if isinstance(value, DatasetAlias):
        return value.name
    return value.uri if isinstance(value, Dataset) else normalize_uri(str(value))


def expand_alias_to_datasets(alias: str | DatasetAlias) -> list[BaseDataset]:
    """Datasets attached to an alias so far: none are known outside the database."""
    return []


__all__ = [
    "Asset",
    "BaseDataset",
    "Dataset",
    "DatasetAlias",
    "DatasetAll",
    "DatasetAny",
    "Metadata",
    "expand_alias_to_datasets",
    "extract_event_key",
    "normalize_uri",
    "register_normalizer",
]
