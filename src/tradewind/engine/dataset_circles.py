"""Datasets that come back to themselves: a DAG whose update of one starts it again, by way of others or at once."""

from __future__ import annotations

from collections.abc import Iterable

from tradewind.model.dataset_edges import DatasetEdge


def circles(edges: Iterable[DatasetEdge]) -> dict[str, tuple[DatasetEdge, ...]]:
    """DAG id → the shortest way from it back to itself, of each DAG that has one."""
    after: dict[str, list[DatasetEdge]] = {}
    for edge in sorted(set(edges)):
        after.setdefault(edge.producer, []).append(edge)
    found = {dag_id: _way_back(dag_id, after) for dag_id in after}
    return {dag_id: way for dag_id, way in found.items() if way}


def _way_back(dag_id: str, after: dict[str, list[DatasetEdge]]) -> tuple[DatasetEdge, ...]:
    """Breadth first; () when no way leads back."""
    ways: dict[str, tuple[DatasetEdge, ...]] = {dag_id: ()}
    waiting = [dag_id]
    for here in waiting:
        for edge in after.get(here, ()):
            way = (*ways[here], edge)
            if edge.consumer == dag_id:
                return way
            if edge.consumer not in ways:
                ways[edge.consumer] = way
                waiting.append(edge.consumer)
    return ()


def sentence(way: tuple[DatasetEdge, ...]) -> str:
    """What people are told of a way back."""
    steps = " → ".join([way[0].producer, *(f"({edge.uri}) → {edge.consumer}" for edge in way)])
    return (
        f"The datasets of this DAG go round in a circle, so that each run starts another one without end: {steps}. "
        "Take one of these datasets out of a schedule or an outlet, or pause a DAG, to stop it."
    )
