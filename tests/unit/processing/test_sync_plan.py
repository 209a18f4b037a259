"""What results of parses change in the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tradewind.model.spec import DagSpec, TaskSpec
from tradewind.processing.due import FileRecord
from tradewind.processing.sync import ParseResult, SyncPlan, plan, record_from_json, record_to_json, spec_hash
from tradewind.serde.encode import spec_bytes
from tradewind.wire.messages import FileSeen, ParseReport

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


def a_spec(dag_id: str, path: str = "/dags/a.py", **changes: Any) -> bytes:
    return spec_bytes(DagSpec(dag_id=dag_id, fileloc=path, **changes))


def a_result(path: str = "/dags/a.py", *specs: bytes, at: datetime = NOW, **report: Any) -> ParseResult:
    return ParseResult(
        path=path,
        report=ParseReport(specs=specs, **report),
        stamp=(1, 1),
        began_at=at,
        parsed_at=at,
        contents={path: "c"},
    )


def records_after(todo: SyncPlan, before: dict[str, FileRecord] | None = None) -> dict[str, FileRecord]:
    records = dict(before or {})
    for file in todo.files:
        if file.record is None:
            records.pop(file.path, None)
        else:
            records[file.path] = file.record
    return records


def registered(todo: SyncPlan) -> list[str]:
    return [spec.dag_id for file in todo.files for spec, _, _ in file.register]


def test_a_new_dag_is_registered_with_its_hash() -> None:
    data = a_spec("one")
    todo = plan({}, [a_result("/dags/a.py", data)], [])
    assert todo.files[0].register[0][1:] == (data, spec_hash(data))
    assert todo.files[0].sources == ("/dags/a.py",)


def test_the_same_again_changes_nothing() -> None:
    results = [a_result("/dags/a.py", a_spec("one"))]
    records = records_after(plan({}, results, []))
    again = plan(records, results, [])
    assert registered(again) == []
    assert again.files[0].is_same
    assert again.deactivate == ()


def test_a_changed_dag_is_registered_again() -> None:
    records = records_after(plan({}, [a_result("/dags/a.py", a_spec("one"), a_spec("two"))], []))
    changed = a_spec("one", tasks=(TaskSpec(task_id="t", task_type="X"),))
    assert registered(plan(records, [a_result("/dags/a.py", changed, a_spec("two"))], [])) == ["one"]


def test_a_dag_that_left_its_file_is_deactivated_at_once() -> None:
    records = records_after(plan({}, [a_result("/dags/a.py", a_spec("one"), a_spec("two"))], []))
    assert plan(records, [a_result("/dags/a.py", a_spec("two"))], []).deactivate == ("one",)


def test_dags_of_a_file_with_an_error_stay_for_a_while() -> None:
    records = records_after(plan({}, [a_result("/dags/a.py", a_spec("one"))], []))
    broken = {"errors": (("/dags/a.py", "SyntaxError: x"),)}
    todo = plan(records, [a_result("/dags/a.py", **broken)], [])
    assert todo.deactivate == ()
    assert dict(todo.files[0].errors) == {"/dags/a.py": "SyntaxError: x"}
    records = records_after(todo, records)
    later = plan(records, [a_result("/dags/a.py", at=NOW + timedelta(seconds=50), **broken)], [])
    assert later.deactivate == ("one",)
    assert later.files[0].errors == {}


def test_a_repaired_file_clears_its_error_and_brings_its_dags_back() -> None:
    records = records_after(plan({}, [a_result("/dags/a.py", errors=(("/dags/a.py", "boom"),))], []))
    todo = plan(records, [a_result("/dags/a.py", a_spec("one"))], [])
    assert todo.files[0].clear == ("/dags/a.py",)
    assert registered(todo) == ["one"]


def test_a_file_that_is_gone_takes_its_dags_and_errors_along() -> None:
    records = records_after(
        plan({}, [a_result("/dags/a.py", a_spec("one"), errors=(("/dags/a.py", "other dag: boom"),))], [])
    )
    todo = plan(records, [], ["/dags/a.py"])
    assert todo.deactivate == ("one",)
    assert todo.files[0].clear == ("/dags/a.py",)
    assert records_after(todo, records) == {}


def test_a_dag_that_moves_to_another_file_is_not_deactivated() -> None:
    records = records_after(plan({}, [a_result("/dags/a.py", a_spec("one"))], []))
    todo = plan(records, [a_result("/dags/b.py", a_spec("one", "/dags/b.py"))], ["/dags/a.py"])
    assert todo.deactivate == ()
    assert registered(todo) == ["one"]


def test_the_second_file_with_the_same_dag_id_gets_an_import_error() -> None:
    records = records_after(plan({}, [a_result("/dags/a.py", a_spec("one"))], []))
    todo = plan(records, [a_result("/dags/b.py", a_spec("one", "/dags/b.py"))], [])
    assert registered(todo) == []
    assert "Ignoring DAG one from /dags/b.py - also found in /dags/a.py" in todo.files[0].errors["/dags/b.py"]


def test_when_the_first_file_lets_go_of_the_id_the_second_is_parsed_again() -> None:
    records = records_after(plan({}, [a_result("/dags/a.py", a_spec("one"))], []))
    records = records_after(plan(records, [a_result("/dags/b.py", a_spec("one", "/dags/b.py"))], []), records)
    todo = plan(records, [], ["/dags/a.py"])
    assert todo.unblocked == ("/dags/b.py",)


def test_a_module_that_changed_during_the_import_makes_the_file_due_again() -> None:
    now_ns = int(NOW.timestamp() * 1e9)
    files = (FileSeen(path="/dags/h.py", mtime_ns=now_ns + 1, size=3), FileSeen(path="/dags/k.py", mtime_ns=5, size=4))
    record = records_after(plan({}, [a_result("/dags/a.py", a_spec("one"), files=files)], []))["/dags/a.py"]
    assert record.depends_on == {"/dags/h.py": (-1, 3), "/dags/k.py": (5, 4), "/dags/a.py": (1, 1)}


def test_records_survive_storage() -> None:
    record = records_after(plan({}, [a_result("/dags/a.py", a_spec("one"), errors=(("/dags/a.py", "x"),))], []))
    assert record_from_json(record_to_json(record["/dags/a.py"])) == record["/dags/a.py"]
    assert record_from_json({"of": "another version"}) is None
