"""Decoded DAG specs, kept between steps; forgotten when an event says that a DAG has changed."""

from __future__ import annotations

from dataclasses import dataclass

from tradewind.engine.graph import Graph, graph_of
from tradewind.model.spec import DagSpec
from tradewind.serde.decode import decode
from tradewind.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Loaded:
    """A DAG at one version, with the switches that decide whether it is looked at."""

    graph: Graph
    version_id: int
    is_paused: bool
    is_active: bool
    has_slas: bool = False
    """Whether some task has a service level agreement."""

    @property
    def spec(self) -> DagSpec:
        """The DAG without its indices."""
        return self.graph.spec


class SpecCache:
    """dag_id → its spec as stored. Decoding happens once per version."""

    def __init__(self) -> None:
        self._loaded: dict[str, Loaded] = {}
        self._by_version: dict[int, Graph] = {}

    def load(self, tx: Transaction, dag_id: str) -> Loaded | None:
        """The DAG with its switches, or None when there is none (any more)."""
        known = self._loaded.get(dag_id)
        if known is None:
            row = tx.dags.get(dag_id)
            stored = tx.dags.spec(dag_id) if row is not None else None
            if row is None or stored is None:
                return None
            version_id, data = stored
            graph = self._by_version.get(version_id) or graph_of(decode(data))
            self._by_version[version_id] = graph
            has_slas = any(task.sla is not None for task in graph.spec.tasks)
            known = Loaded(graph, version_id, row.is_paused, row.is_active, has_slas)
            self._loaded[dag_id] = known
        return known

    def get(self, tx: Transaction, dag_id: str) -> DagSpec | None:
        """The DAG's spec (what actions.attempts asks for)."""
        loaded = self.load(tx, dag_id)
        return None if loaded is None else loaded.spec

    def forget(self, dag_id: str) -> None:
        """Read it again next time."""
        known = self._loaded.pop(dag_id, None)
        if known is not None:
            self._by_version.pop(known.version_id, None)

    def forget_all(self) -> None:
        """Read everything again."""
        self._loaded.clear()
        self._by_version.clear()
