"""What hooks report of the data they touch."""

from __future__ import annotations

from tradewind.plugins.lineage import HookLineage, HookLineageCollector, NoOpCollector


def test_each_dataset_is_kept_once_for_each_hook_with_its_count() -> None:
    collector, one, other = HookLineageCollector(), object(), object()
    for context in (one, one, other):
        collector.add_input_dataset(context, uri="s3://bucket/key")
    collector.add_output_asset(one, scheme="file", asset_kwargs={"path": "/data/x"})
    collector.add_input_dataset(one)
    collector.add_extra(one, "sql", "select 1")
    found = collector.collected_datasets
    assert [(info.dataset.uri, info.count, info.context) for info in found.inputs] == [
        ("s3://bucket/key", 2, one),
        ("s3://bucket/key", 1, other),
    ]
    assert [info.dataset.uri for info in found.outputs] == ["file://data/x"]
    assert found.extra == [(one, "sql", "select 1")]
    assert collector.has_collected


def test_where_nobody_reads_nothing_is_kept() -> None:
    collector = NoOpCollector()
    collector.add_input_dataset(object(), uri="s3://bucket/key")
    collector.add_output_asset(object(), uri="s3://bucket/key")
    collector.add_extra(object(), "sql", "select 1")
    assert not collector.has_collected


def test_providers_of_airflow_2_make_one_of_inputs_and_outputs() -> None:
    """What common-compat does for hooks that speak of assets."""
    assert HookLineage([], []) == ([], [], ())
