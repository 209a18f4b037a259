"""Every query parameter of every list with values of the wrong and of unusual kinds."""

from kit.dsl import GET, Case

ETL = "/dags/etl_linear/dagRuns"
TI = ETL + "/pub_etl_1/taskInstances"
MAPPED = "/dags/mapped_fan/dagRuns/pub_map_1/taskInstances/shell"
RUN_DATES = ["%s_%s" % (n, s) for n in ("execution_date", "start_date", "end_date", "updated_at") for s in ("gte", "lte")]
LISTS = {
    # name: path, fixed query, integers, dates, numbers, booleans, texts
    "dags": ("/dags", {"dag_id_pattern": "page_"}, ["limit", "offset"], [], [], ["only_active", "paused"], ["order_by", "fields", "tags"]),
    "runs": (ETL, {"order_by": "execution_date"}, ["limit", "offset"], RUN_DATES, [], [], ["state", "fields"]),
    "tis": (TI, {}, ["limit", "offset"], RUN_DATES, ["duration_gte", "duration_lte"], [], ["pool", "queue", "executor"]),
    "mapped": (MAPPED + "/listMapped", {}, ["limit", "offset"], RUN_DATES, ["duration_gte", "duration_lte"], [], ["pool", "queue", "executor", "order_by"]),
    "tries": ("/dags/retry_fail/dagRuns/pub_retry_1/taskInstances/flaky/tries", {}, ["limit", "offset"], [], [], [], ["order_by"]),
    "xcoms": ("/dags/xcom_types/dagRuns/pub_xcom_1/taskInstances/many/xcomEntries", {}, ["limit", "offset", "map_index"], [], [], [], ["xcom_key"]),
    "xcom": ("/dags/etl_linear/dagRuns/pub_etl_1/taskInstances/extract/xcomEntries/return_value", {}, ["map_index"], [], [], ["stringify", "deserialize"], []),
    "log": (TI + "/extract/logs/1", {}, ["map_index"], [], [], ["full_content"], ["token"]),
    "links": (TI + "/extract/links", {}, ["map_index"], [], [], [], []),
    "event_logs": ("/eventLogs", {"dag_id": "etl_linear", "order_by": "event_log_id", "limit": "3", "excluded_events": "cli_task_run"}, ["limit", "offset", "map_index", "try_number"], ["before", "after"], [], [], ["task_id", "run_id", "event", "owner", "included_events"]),
    "datasets": ("/datasets", {"uri_pattern": "lake", "order_by": "uri"}, ["limit", "offset"], [], [], [], ["dag_ids"]),
    "dataset_events": ("/datasets/events", {"source_run_id": "pub_prod_1", "order_by": "source_task_id"}, ["limit", "offset", "source_map_index"], [], [], [], ["source_dag_id", "source_task_id"]),
    "queued": ("/dags/ds_both/datasets/queuedEvent", {}, [], ["before"], [], [], []),
    "pools": ("/pools", {}, ["limit", "offset"], [], [], [], ["order_by"]),
    "variables": ("/variables", {}, ["limit", "offset"], [], [], [], ["order_by"]),
    "connections": ("/connections", {}, ["limit", "offset"], [], [], [], ["order_by"]),
    "roles": ("/roles", {}, ["limit", "offset"], [], [], [], ["order_by"]),
    "users": ("/users", {}, ["limit", "offset"], [], [], [], ["order_by"]),
    "permissions": ("/permissions", {}, ["limit", "offset"], [], [], [], []),
    "import_errors": ("/importErrors", {}, ["limit", "offset"], [], [], [], ["order_by"]),
    "warnings": ("/dagWarnings", {}, ["limit", "offset"], [], [], [], ["order_by", "dag_id", "warning_type"]),
    "plugins": ("/plugins", {}, ["limit", "offset"], [], [], [], []),
    "tasks": ("/dags/etl_linear/tasks", {}, [], [], [], [], ["order_by"]),
    "details": ("/dags/etl_linear/details", {}, [], [], [], [], ["fields"]),
    "dag_stats": ("/dagStats", {"dag_ids": "page_00"}, [], [], [], [], ["dag_ids"]),
    "config": ("/config", {}, [], [], [], [], ["section"]),
    "health": ("/health", {}, [], [], [], [], ["bogus"]),
}
INTEGERS = ["", " 1", "+1", "1_0", "0x1", "1e0", "-0", "-1", "99999999999", "99999999999999999999999", "null", "\u0661", "1,2"]
DATES = ["", "2024-03-01", "2024-03-01T00:00:00", "2024-03-01T00:00:00Z", "2024-03-01t00:00:00z", "2024-03-01 00:00:00Z", "2024-03-01T00:00Z",
         "2024-03-01T00:00:00.5Z", "2024-03-01T00:00:00.1234567Z", "2024-03-01T00:00:00,5Z", "2024-03-01T01:00:00+01:00", "2024-03-01T00:00:00-0000",
         "20240301T000000Z", "2024-02-30T00:00:00Z", "2024-03-01T24:00:00Z", "2024-03-01T00:00:60Z", "2023-12-31T23:59:60Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
         "10000-01-01T00:00:00Z", "1709251200", "now", "2024-W09-5T00:00:00Z", "2024-061T00:00:00Z", "2024-03-01T00:00:00+25:00", "2024-03-01T00:00:00 UTC"]
NUMBERS = ["", "x", "1e9", "inf", "-inf", "-1", "1,5", "0x1", "1_000_000", ".5e9", "+1000000"]
BOOLEANS = ["", "TRUE", "tRuE", "FALSE", "t", "0", "null", "on", " true"]
TEXTS = ["", " ", "%", "_", "'", "\"", "\\", "none", "null", "-", "--", "a,b", ",", "\u017elut\u00fd", "x" * 300]


def steps(path, q, integers, dates, numbers, booleans, texts):
    """All parameters of a list: how many things are found, and the words of each refusal."""
    kw = {"view": "log" if "/logs/" in path else "count", "exact": True}
    out = [GET(path, q={**q, "bogus": "1"}, **kw), GET(path, q={**q, "": "1"}, **kw)]
    for kind, given in ((integers, INTEGERS), (dates, DATES), (numbers, NUMBERS), (booleans, BOOLEANS), (texts, TEXTS)):
        for name in kind:
            out += [GET(path, q={**q, name: value}, **kw) for value in given]
            out.append(GET(path, q=[*((k, v) for k, v in q.items() if k != name), (name, given[-1]), (name, given[2])], **kw))
            out.append(GET(path, q=[*((k, v) for k, v in q.items() if k != name), (name, given[2]), (name, given[-1])], **kw))
    return out


CASES = [Case("queries." + name, steps(*rest)) for name, rest in LISTS.items()]
