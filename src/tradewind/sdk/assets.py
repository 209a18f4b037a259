"""Datasets (assets): what tasks write and read by URI, expressions over them, aliases, and metadata of events."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from .settings import compat_level

MAX_LENGTH = 3000
MAX_NAME_LENGTH = 1500


def _checked_uri(uri: str, what: str = "Dataset URI") -> str:
    if not uri:
        raise ValueError(f"{what} cannot be empty")
    if uri.isspace():
        raise ValueError(f"{what} cannot be just whitespace")
    if not uri.isascii() and compat_level() < 3:
        raise ValueError(f"{what} must only consist of ASCII characters")
    if len(uri) > MAX_LENGTH:
        raise ValueError(f"Length of 'uri' must be <= {MAX_LENGTH}: {len(uri)}")
    return uri


def _checked_name(name: str) -> str:
    if not name or name.isspace():
        raise ValueError("Asset name cannot be empty")
    if len(name) > MAX_NAME_LENGTH:
        raise ValueError(f"Asset name cannot exceed {MAX_NAME_LENGTH} characters")
    return name


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
    """Some data, known by a URI and a name (each stands for the other when only one is given). ``extra`` is passed on
    with its events; ``watchers`` make events of it from outside.

    The first two arguments by position are Airflow 3's name and URI, and Airflow 2's URI and extra.
    """

    uri: str
    extra: dict[str, Any] | None
    __version__: ClassVar[int] = 1

    def __init__(
        self,
        name: str | None = None,
        uri: Any = None,
        *,
        group: str | None = None,
        extra: dict[str, Any] | None = None,
        watchers: Iterable[AssetWatcher] | None = None,
        access_control: AssetAccessControl | None = None,
    ) -> None:
        if isinstance(uri, dict):
            uri, extra = None, uri
        if name is None and uri is None:
            raise TypeError(f"{type(self).__name__}() requires either 'name' or 'uri'")
        self.uri = normalize_uri(str(name if uri is None else uri))
        self.name = self.uri if name is None else _checked_name(name)
        self.group = group or "asset"
        self.extra = extra
        self.watchers = list(watchers or ())
        self.access_control = access_control or AssetAccessControl()

    @staticmethod
    def ref(*, name: str = "", uri: str = "") -> BaseDataset:
        """An asset that is defined elsewhere, by its name or its URI."""
        if not name and not uri:
            raise TypeError("Asset reference expects keyword argument 'name' or 'uri'")
        if name and uri:
            raise TypeError("Asset reference must be made to either name or URI, not both")
        return AssetNameRef(name) if name else AssetUriRef(uri)

    def __fspath__(self) -> str:
        return self.uri

    def __repr__(self) -> str:
        name = "" if self.name == self.uri else f"name={self.name!r}, "
        return f"{type(self).__name__}({name}uri={self.uri!r}, extra={self.extra!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dataset) and self.uri == other.uri

    def __hash__(self) -> int:
        return hash(self.uri)

    @property
    def normalized_uri(self) -> str | None:
        """The URI in its one spelling."""
        return self.uri

    def as_expression(self) -> Any:
        return self.uri

    def evaluate(self, statuses: Mapping[str, bool]) -> bool:
        return statuses.get(self.uri, False)

    def iter_datasets(self) -> Iterator[tuple[str, Dataset]]:
        yield self.uri, self


class Model(Dataset):
    """An asset of the group "model"."""

    def __init__(self, name: str | None = None, uri: Any = None, **options: Any) -> None:
        super().__init__(name, uri, **{"group": "model", **options})


class AssetUriRef(Dataset):
    """An asset of which only the URI is known here."""

    def __init__(self, uri: str) -> None:
        super().__init__(uri=uri)


class AssetNameRef(BaseDataset):
    """An asset of which only the name is known here: which URI it has is looked up when it counts."""

    def __init__(self, name: str) -> None:
        self.name = _checked_name(name)

    def __repr__(self) -> str:
        return f"AssetNameRef(name={self.name!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AssetNameRef) and self.name == other.name

    def __hash__(self) -> int:
        return hash(("name", self.name))

    def as_expression(self) -> Any:
        return {"asset_ref": {"name": self.name}}

    def evaluate(self, statuses: Mapping[str, bool]) -> bool:
        return statuses.get(self.name, False)

    def iter_datasets(self) -> Iterator[tuple[str, Dataset]]:
        return iter(())


@dataclass(frozen=True, slots=True)
class AssetWatcher:
    """Makes an event of its asset each time its trigger fires."""

    name: str
    trigger: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetAccessControl:
    """Which teams' DAGs may write an asset for whom. Nothing is filtered where there are no teams."""

    producer_teams: list[str] = field(default_factory=list)
    consumer_teams: list[str] | None = None
    allow_global: bool = True


Asset = Dataset


class DatasetAlias(BaseDataset):
    """A name to which tasks attach datasets while they run."""

    def __init__(self, name: str, *, group: str = "asset") -> None:
        self.name = _checked_uri(name)
        self.group = group

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

    def __init__(
        self, target: str | Dataset, extra: dict[str, Any] | None = None, alias: DatasetAlias | str | None = None
    ) -> None:
        self.uri = extract_event_key(target)
        self.asset = target
        self.extra = extra or {}
        self.alias_name = alias.name if isinstance(alias, DatasetAlias) else alias


def extract_event_key(value: str | BaseDataset) -> str:
    """The key of a dataset or alias in ``outlet_events`` and ``inlet_events``."""
    if isinstance(value, DatasetAlias | AssetNameRef):
        return value.name
    return value.uri if isinstance(value, Dataset) else normalize_uri(str(value))


def expand_alias_to_datasets(alias: str | DatasetAlias) -> list[BaseDataset]:
    """Datasets attached to an alias so far: none are known outside the database."""
    return []


__all__ = [
    "Asset",
    "AssetAccessControl",
    "AssetNameRef",
    "AssetUriRef",
    "AssetWatcher",
    "BaseDataset",
    "Dataset",
    "DatasetAlias",
    "DatasetAll",
    "DatasetAny",
    "Metadata",
    "Model",
    "expand_alias_to_datasets",
    "extract_event_key",
    "normalize_uri",
    "register_normalizer",
]
