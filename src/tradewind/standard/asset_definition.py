"""``@asset``: a function that makes an asset, with a DAG around it; ``@asset.multi`` for several assets."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from tradewind.sdk.assets import AssetNameRef, BaseDataset, Dataset
from tradewind.sdk.dag import DAG
from tradewind.sdk.exceptions import AirflowException
from tradewind.sdk.kept_states import known_asset
from tradewind.standard.python import PythonOperator

_GIVEN = frozenset({"self", "context", "inlet_events", "outlet_events"})
"""Parameters of the function that are no assets."""


class _AssetMainOperator(PythonOperator):
    """The one task of such a DAG. The function's parameters without defaults are assets by name, and its inlets."""

    def __init__(self, *, definition: BaseDataset, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._definition = definition

    def determine_kwargs(self, context: Mapping[str, Any]) -> Mapping[str, Any]:
        """``self`` is the asset, ``context`` the context, names of the context its values, others assets."""
        return dict(self._arguments(context))

    def _arguments(self, context: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        for name, parameter in inspect.signature(self.python_callable).parameters.items():
            if name == "self":
                yield name, self._definition
            elif name == "context":
                yield name, context
            elif name in _GIVEN:
                yield name, context[name]
            elif parameter.default is not parameter.empty:
                yield name, context.get(name, parameter.default)
            else:
                yield name, self._asset(name)

    def _asset(self, name: str) -> Dataset:
        try:
            return known_asset(name=name)
        except AirflowException:
            # A run from a terminal knows one DAG only.
            self.log.warning("No DAG that is known defines the asset %r; its name is taken for its URI", name)
            return Dataset(name)


def _inlets(function: Callable[..., Any]) -> list[BaseDataset]:
    parameters = inspect.signature(function).parameters.values()
    return [AssetNameRef(each.name) for each in parameters if each.name not in _GIVEN and each.default is each.empty]


class AssetDefinition(Dataset):
    """The asset that ``@asset`` makes of a function."""

    def __init__(self, name: str, uri: Any, function: Callable[..., Any], **options: Any) -> None:
        super().__init__(name, uri, **options)
        self.function = function


class MultiAssetDefinition(BaseDataset):
    """The assets that ``@asset.multi`` makes of a function; as a schedule, all of them."""

    def __init__(self, name: str, outlets: Collection[BaseDataset], function: Callable[..., Any]) -> None:
        self.name = name
        self.outlets = list(outlets)
        self.function = function

    def as_expression(self) -> Any:
        return {"all": [outlet.as_expression() for outlet in self.outlets]}

    def evaluate(self, statuses: Mapping[str, bool]) -> bool:
        return all(outlet.evaluate(statuses) for outlet in self.outlets)

    def iter_datasets(self) -> Iterator[tuple[str, Dataset]]:
        for outlet in self.outlets:
            yield from outlet.iter_datasets()


class _Factory:
    """What both decorators take for their DAG."""

    def __init__(self, *, schedule: Any, dag_id: str | None = None, **options: Any) -> None:
        self._schedule = schedule
        self._dag_id = dag_id
        self._options = options

    def _make_dag(self, function: Callable[..., Any], made: BaseDataset, outlets: list[BaseDataset]) -> None:
        if function.__qualname__ != function.__name__:
            raise ValueError("nested function not supported")
        options = dict(self._options)
        options.setdefault("catchup", False)
        options.setdefault("dag_display_name", function.__name__)
        dag = DAG(self._dag_id or function.__name__, schedule=self._schedule, **options)
        with dag:
            _AssetMainOperator(
                task_id=function.__name__,
                inlets=_inlets(function),
                outlets=outlets,
                python_callable=function,
                definition=made,
            )
        dag.fileloc = function.__code__.co_filename


class asset(_Factory):
    """``@asset(schedule=…)``: the function makes an asset of its name, as the one task of a DAG of its name."""

    class multi(_Factory):
        """``@asset.multi(schedule=…, outlets=[…])``: the function makes several assets."""

        def __init__(self, *, schedule: Any, outlets: Collection[BaseDataset], **options: Any) -> None:
            super().__init__(schedule=schedule, **options)
            if not outlets:
                raise ValueError("asset.multi needs outlets")
            self._outlets = list(outlets)

        def __call__(self, function: Callable[..., Any]) -> MultiAssetDefinition:
            made = MultiAssetDefinition(function.__name__, self._outlets, function)
            self._make_dag(function, made, self._outlets)
            return made

    def __init__(
        self,
        *,
        schedule: Any,
        name: str | None = None,
        uri: Any = None,
        group: str = "asset",
        extra: dict[str, Any] | None = None,
        watchers: list[Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(schedule=schedule, **options)
        self._name = name
        self._uri = uri
        self._asset = {"group": group, "extra": extra, "watchers": watchers}

    def __call__(self, function: Callable[..., Any]) -> AssetDefinition:
        if self._schedule is function:
            raise AirflowException("@asset needs arguments: @asset(schedule=…)")
        made = AssetDefinition(self._name or function.__name__, self._uri, function, **self._asset)
        self._make_dag(function, made, [made])
        return made
