"""Asks what users' own tests ask of DagBag, DAG and dag.test(), and prints the answers as JSON.

Runs unmodified in Airflow 2.10.5, whose answers are in ``golden/dag_bag.json``. The argument is an empty folder.
"""

# ruff: noqa: B023, DTZ001, PLC0206
# It is written as users write their tests, and each question is asked at once.

import contextlib
import datetime
import json
import os
import sys
import warnings
import zipfile
from pathlib import Path

warnings.simplefilter("ignore")

ROOT = Path(sys.argv[1])
FOLDER = ROOT / "dags"
ANSWERS = {}

HEAD = """
from datetime import datetime
from airflow import DAG
from airflow.operators.empty import EmptyOperator
BASE = dict(start_date=datetime(2024, 1, 1), schedule=None)
"""
FILES = {
    "good.py": HEAD
    + """
with DAG("good", tags=["t"], **BASE) as dag:
    EmptyOperator(task_id="a") >> [EmptyOperator(task_id="b"), EmptyOperator(task_id="c")] >> EmptyOperator(task_id="d")
with DAG("also_good", **BASE):
    EmptyOperator(task_id="x")
""",
    "broken.py": HEAD + "\nimport not_there_at_all\n",
    "syntax.py": "from airflow import DAG\ndag = DAG(\n",
    "cycle.py": HEAD
    + """
with DAG("cycle", **BASE):
    a, b = EmptyOperator(task_id="a"), EmptyOperator(task_id="b")
    a >> b >> a
""",
    "raises.py": "from airflow import DAG\nraise RuntimeError('on import')\n",
    "bad_cron.py": HEAD + "\ndag = DAG('bad_cron', start_date=datetime(2024, 1, 1), schedule='0 100 * * *')\n",
    "no_word.py": "VALUE = 1\n",
    "helper.py": "# a helper of an airflow dag\nVALUE = 2\n",
    "unregistered.py": HEAD + "\nwith DAG('by_with', **BASE):\n    EmptyOperator(task_id='x')\n"
    "\ndef make():\n    DAG('local_only', **BASE)\nmake()\n",
    "not_auto.py": HEAD + "\nwith DAG('not_auto', auto_register=False, **BASE):\n    EmptyOperator(task_id='x')\n",
    "sub/inner.py": HEAD + "\ndag = DAG('inner', **BASE)\n",
    "sub/skipped_by_name.py": HEAD + "\ndag = DAG('skipped_by_name', **BASE)\n",
    "ignored/file.py": HEAD + "\ndag = DAG('ignored', **BASE)\n",
    "kept/file.py": HEAD + "\ndag = DAG('kept', **BASE)\n",
    ".hidden/file.py": HEAD + "\ndag = DAG('hidden', **BASE)\n",
    "deep/er/glob_me.py": HEAD + "\ndag = DAG('glob_me', **BASE)\n",
    "deep/er/not_me.py": HEAD + "\ndag = DAG('not_me', **BASE)\n",
    "context.py": HEAD
    + """
from airflow.utils.dag_parsing_context import get_parsing_context
found = get_parsing_context()
dag = DAG("context", description=f"{found.dag_id} {found.task_id} {type(found).__name__}", **BASE)
""",
}
IGNORE = {
    "regexp": {".airflowignore": "ignored/  # words\n.*by_name\n", "deep/.airflowignore": "glob_me\n"},
    "glob": {".airflowignore": "ignored/\n**/*by_name.py\n# words\n", "deep/.airflowignore": "er/*\n!er/not_me.py\n"},
}


def asked(label, question):
    """Note the answer, or the error."""
    try:
        answer = question()
    except BaseException as error:
        answer = f"{type(error).__name__}: {error}"
    text = json.dumps(answer, default=str, sort_keys=True).replace(str(FOLDER), "FOLDER").replace(str(ROOT), "ROOT")
    ANSWERS[label] = json.loads(text)


def last_line(text):
    # Whether a fault is found while the file runs, or after it, is told by the prefix alone.
    return text.strip().splitlines()[-1].removeprefix("airflow.exceptions.")


def written(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def bags():
    """What a folder gives."""
    from airflow.models import DagBag

    for syntax, files in IGNORE.items():
        written(FOLDER, files)
        os.environ["AIRFLOW__CORE__DAG_IGNORE_FILE_SYNTAX"] = syntax
        bag = DagBag(dag_folder=str(FOLDER), include_examples=False)
        asked(f"{syntax}: ids", lambda: sorted(bag.dag_ids))
        asked(f"{syntax}: errors", lambda: {path: last_line(text) for path, text in bag.import_errors.items()})
    asked("size", lambda: [bag.size(), len(bag.dags), type(bag.dags).__name__, type(bag.dag_ids).__name__])
    asked("folder", lambda: str(bag.dag_folder))
    stats = {stat.file.removeprefix(str(FOLDER)): stat for stat in bag.dagbag_stats}
    asked("files of the stats", lambda: sorted(stats))
    asked("one stat", lambda: [getattr(stats["/good.py"], n) for n in ("dag_num", "task_num", "warning_num")])
    asked("fields of a stat", lambda: list(stats["/good.py"]._fields))
    asked("kind of a duration", lambda: type(stats["/good.py"].duration).__name__)
    asked("stat of a broken file", lambda: [stats["/broken.py"].dag_num, stats["/broken.py"].dags])
    asked("get_dag", lambda: [str(bag.get_dag("good")), bag.get_dag("nothing"), bag.get_dag("broken")])
    asked("fileloc", lambda: [bag.dags["good"].fileloc, bag.dags["good"].filepath, bag.dags["good"].folder])
    asked("relative", lambda: str(bag.dags["good"].relative_fileloc))
    asked("context", lambda: bag.dags["context"].description)
    asked("report", lambda: "/good.py" in bag.dagbag_report())
    asked("process_file again", lambda: bag.process_file(str(FOLDER / "good.py")))
    asked(
        "process_file anew",
        lambda: sorted(d.dag_id for d in bag.process_file(str(FOLDER / "good.py"), only_if_updated=False)),
    )
    asked("process_file none", lambda: bag.process_file(str(FOLDER / "nothing.py")))
    asked("process_file None", lambda: bag.process_file(None))
    asked("process_file no DAG", lambda: bag.process_file(str(FOLDER / "no_word.py"), only_if_updated=False))
    asked("a file alone", lambda: sorted(DagBag(str(FOLDER / "good.py"), include_examples=False).dag_ids))
    asked("nothing collected", lambda: DagBag(str(FOLDER), include_examples=False, collect_dags=False).size())
    asked("empty", lambda: [DagBag(os.devnull, include_examples=False).size()])
    unsafe = DagBag(str(FOLDER), include_examples=False, safe_mode=False)
    asked("without safe mode", lambda: sorted(stat.file for stat in unsafe.dagbag_stats if "word" in stat.file))
    asked(
        "attributes",
        lambda: [
            n
            for n in (
                "captured_warnings",
                "file_last_changed",
                "dagbag_stats",
                "import_errors",
                "dags_last_fetched",
                "dags_hash",
                "read_dags_from_db",
                "has_logged",
                "dagbag_import_error_tracebacks",
                "load_op_links",
                "DAGBAG_IMPORT_TIMEOUT",
            )
            if hasattr(bag, n)
        ],
    )
    asked("changed", lambda: sorted(type(v).__name__ for v in set(map(type, bag.file_last_changed.values()))) or None)


def added():
    """DAGs that tests make themselves."""
    from airflow.models import DagBag
    from airflow.models.dag import DAG
    from airflow.operators.empty import EmptyOperator

    base = dict(start_date=datetime.datetime(2024, 1, 1), schedule=None)
    bag = DagBag(os.devnull, include_examples=False)
    with DAG("mine", **base) as mine:
        EmptyOperator(task_id="x")
    asked("bag_dag", lambda: [bag.bag_dag(mine, root_dag=mine), bag.dag_ids, bag.get_dag("mine") is mine])
    asked("bag_dag twice", lambda: bag.bag_dag(mine, root_dag=mine))
    with DAG("round", **base) as turning:
        a, b = EmptyOperator(task_id="a"), EmptyOperator(task_id="b")
        a >> b >> a
    asked("bag_dag of a cycle", lambda: bag.bag_dag(turning, root_dag=turning))


def archives():
    """DAGs in a zip file."""
    from airflow.models import DagBag

    folder = ROOT / "zips"
    folder.mkdir()
    with zipfile.ZipFile(folder / "packed.zip", "w") as archive:
        archive.writestr(
            "packed.py", HEAD + "\nimport packed_helper\ndag = DAG('packed', tags=[packed_helper.TAG], **BASE)\n"
        )
        archive.writestr("packed_helper.py", "TAG = 'helped'\n")
        archive.writestr("inside/deeper.py", HEAD + "\ndag = DAG('deeper', **BASE)\n")
        archive.writestr("packed_broken.py", HEAD + "\nimport not_there_at_all\n")
        archive.writestr("packed_ignored.py", HEAD + "\ndag = DAG('packed_ignored', **BASE)\n")
        archive.writestr(".airflowignore", "packed_ignored\n")
    bag = DagBag(str(folder), include_examples=False)
    asked("zip: ids", lambda: sorted(bag.dag_ids))
    asked("zip: errors", lambda: {path: last_line(text) for path, text in bag.import_errors.items()})
    asked("zip: fileloc", lambda: [bag.dags["packed"].fileloc, sorted(bag.dags["packed"].tags)])
    asked("zip: stats", lambda: sorted([Path(s.file).name, s.dag_num] for s in bag.dagbag_stats))


def parts():
    """partial_subset and the look of a graph."""
    from airflow.models import DagBag

    dag = DagBag(str(FOLDER / "good.py"), include_examples=False).get_dag("good")

    def part(*args, **kwargs):
        found = dag.partial_subset(*args, **kwargs)
        return [
            sorted(found.task_ids),
            sorted([t.task_id, sorted(t.downstream_task_ids)] for t in found.tasks),
            found.partial,
        ]

    asked("subset: b", lambda: part("b"))
    asked("subset: b alone", lambda: part("^b$", include_upstream=False))
    asked("subset: b and down", lambda: part("b", include_upstream=False, include_downstream=True))
    asked("subset: d direct", lambda: part("d", include_upstream=False, include_direct_upstream=True))
    asked("subset: list", lambda: part(["b", "c"], include_upstream=False))
    asked("subset: list of nobody", lambda: part(["nobody"]))
    asked("subset: nobody", lambda: part("nobody"))
    asked("subset: leaves the DAG", lambda: [sorted(dag.task_ids), dag.partial])
    asked("task_count", lambda: dag.task_count)
    asked("roots and leaves", lambda: [[t.task_id for t in dag.roots], [t.task_id for t in dag.leaves]])
    asked("has", lambda: [dag.has_task("a"), dag.has_task("z"), sorted(dag.task_dict), dag.get_task("a").task_id])
    asked("get nobody", lambda: dag.get_task("z"))
    asked("order", lambda: [t.task_id for t in dag.topological_sort()])


def runs():
    """dag.test() and what it hands back."""
    with contextlib.suppress(ImportError):
        import airflow.providers.fab.auth_manager.models  # noqa: F401  Airflow's tables refer to those of its users
    from airflow.decorators import task
    from airflow.hooks.base import BaseHook
    from airflow.models.dag import DAG
    from airflow.models.variable import Variable

    (ROOT / "variables.json").write_text(json.dumps({"v": "from a file"}))
    (ROOT / "connections.json").write_text(json.dumps({"c": "http://user:pw@host:81/x"}))
    with DAG("tested", start_date=datetime.datetime(2024, 1, 1), schedule=None, params={"p": 1}) as dag:

        @task
        def first(params, dag_run, logical_date):
            return {"p": params["p"], "conf": dag_run.conf, "date": str(logical_date), "type": str(dag_run.run_type)}

        @task
        def second(value, ti=None):
            ti.xcom_push(key="named", value=[1, 2])
            ti.xcom_push(key="return_like", value="x")
            return value["p"]

        @task
        def looked_up():
            return [Variable.get("v"), BaseHook.get_connection("c").port]

        @task
        def marked():
            raise RuntimeError("never runs")

        @task.short_circuit
        def stops():
            return False

        @task
        def after():
            return 1

        @task
        def each(x):
            return x * 2

        @task
        def pulls(ti=None):
            def pulled(*args, shape=lambda value: value, **kwargs):
                try:
                    return shape(ti.xcom_pull(*args, **kwargs))
                except Exception as error:
                    return f"{type(error).__name__}: {error}"

            return {
                "one": pulled(task_ids="second"),
                "one by list": pulled(task_ids=["second"], shape=list),
                "two": pulled(task_ids=["second", "first"], shape=list),
                "key": pulled(task_ids="second", key="named"),
                "key of two": pulled(task_ids=["second", "first"], key="named", shape=list),
                "key of one in a list": pulled(task_ids=["second"], key="named", shape=list),
                "nobody": pulled(task_ids="nobody"),
                "default": pulled(task_ids="nobody", default="d"),
                "nobody in a list": pulled(task_ids=["nobody"], shape=list),
                "default of a list": pulled(task_ids=["nobody"], default="d", shape=list),
                "any task": pulled(key="named"),
                "mapped": pulled(task_ids="each", shape=list),
                "one of mapped": pulled(task_ids="each", map_indexes=1),
                "some of mapped": pulled(task_ids="each", map_indexes=[0, 2], shape=list),
                "range of mapped": pulled(task_ids="each", map_indexes=range(2), shape=list),
                "none of mapped": pulled(task_ids="each", map_indexes=[], shape=list),
                "mapped in a list": pulled(task_ids=["each"], shape=list),
                "mapped and another": pulled(task_ids=["each", "second"], shape=list),
                "mapped and no such key": pulled(task_ids="each", key="nothing"),
                "unmapped by index": pulled(task_ids="second", map_indexes=-1),
                "other DAG": pulled(task_ids="second", dag_id="other"),
                "prior": pulled(task_ids="second", include_prior_dates=True),
                "length": pulled(task_ids="each", shape=len),
                "first": pulled(task_ids="each", shape=lambda value: value[0]),
                "last": pulled(task_ids="each", shape=lambda value: value[-1]),
                "kind": pulled(task_ids="each", shape=lambda value: type(value).__name__),
            }

        done = second(first())
        mapped = each.expand(x=[1, 2, 3])
        [done, mapped] >> pulls()
        looked_up()
        marked()
        stops() >> after()

    run = dag.test(
        execution_date=datetime.datetime(2024, 3, 4, tzinfo=datetime.UTC),
        run_conf={"p": 5, "more": True},
        conn_file_path=str(ROOT / "connections.json"),
        variable_file_path=str(ROOT / "variables.json"),
        mark_success_pattern="mark.*",
    )
    asked(
        "run",
        lambda: [
            "DagRun" in [kind.__name__ for kind in type(run).__mro__],
            str(run.state),
            run.run_id,
            run.dag_id,
            run.conf,
            str(run.execution_date),
        ],
    )
    asked("run: more", lambda: [run.get_state(), str(run.run_type), str(run.logical_date)])
    asked(
        "run: instances", lambda: sorted([ti.task_id, ti.map_index, str(ti.state)] for ti in run.get_task_instances())
    )
    asked("run: one", lambda: [str(run.get_task_instance("second").state), run.get_task_instance("nobody")])
    asked("run: mapped", lambda: str(run.get_task_instance("each", map_index=1).state))
    asked("run: failed", lambda: [ti.task_id for ti in run.get_task_instances(state="failed")])
    values = {name: run.get_task_instance(name) for name in ("first", "second", "pulls", "looked_up")}
    for name in values:
        asked(f"value of {name}", lambda: values[name].xcom_pull(task_ids=name))
    asked("key of second", lambda: values["second"].xcom_pull(task_ids="second", key="named"))


def other_runs():
    """dag.test() of other DAGs."""
    from airflow.decorators import task
    from airflow.models.dag import DAG

    with DAG("pulls_any", start_date=datetime.datetime(2024, 1, 1), schedule=None) as pulling:

        @task
        def zebra():
            return "first"

        @task
        def ape():
            return "last"

        @task
        def any_task(ti=None):
            return ti.xcom_pull()

        zebra() >> ape() >> any_task()
    asked("of any task", lambda: pulling.test().get_task_instance("any_task").xcom_pull(task_ids="any_task"))

    with DAG("fails", start_date=datetime.datetime(2024, 1, 1), schedule=None) as failing:

        @task
        def breaks():
            raise ValueError("as it should")

        @task
        def follows():
            return 1

        breaks() >> follows()
    failed = failing.test()
    asked(
        "failed run",
        lambda: [str(failed.state), sorted([t.task_id, str(t.state)] for t in failed.get_task_instances())],
    )
    asked("test options", lambda: sorted(__import__("inspect").signature(DAG.test).parameters))


written(FOLDER, FILES)
for part in (bags, added, archives, parts, runs, other_runs):
    asked(f"all of {part.__name__}", part)
(ROOT / "answers.json").write_text(json.dumps(ANSWERS, indent=1, sort_keys=True))
