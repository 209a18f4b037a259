"""Which DAGs datasets lead back to."""

from __future__ import annotations

import pytest

from tradewind.engine.dataset_circles import circles, sentence
from tradewind.model.dataset_edges import DatasetEdge


def edges(text: str) -> list[DatasetEdge]:
    """``a-b`` for each edge, by a dataset of the same name."""
    return [DatasetEdge(*pair.split("-"), uri=f"s3://{pair}") for pair in text.split()]


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        ("", {}),
        ("a-b b-c a-c", {}),
        ("a-a", {"a": "a"}),
        ("a-b b-a b-c", {"a": "b a", "b": "a b"}),
        ("a-b b-c c-a b-a", {"a": "b a", "b": "a b", "c": "a b c"}),
        ("x-a a-b b-a", {"a": "b a", "b": "a b"}),
    ],
)
def test_the_shortest_way_back(graph: str, expected: dict[str, str]) -> None:
    found = circles(edges(graph))
    assert {dag_id: " ".join(edge.consumer for edge in way) for dag_id, way in found.items()} == expected


def test_the_sentence_names_the_way() -> None:
    (way,) = circles(edges("a-a")).values()
    assert "a → (s3://a-a) → a" in sentence(way)
