"""The commands ``dags`` and ``tasks``."""

from __future__ import annotations

from .tree import DAG_ID, MAP_INDEX, OUTPUT, RUN, SUBDIR, TASK_ID, YES, Command, Group, argument, flag
from .tree_backfills import DAGS_BACKFILL

START = argument("-s", "--start-date", help="not before this logical date")
END = argument("-e", "--end-date", help="not after this logical date")
CONF = argument("-c", "--conf", help="configuration of the run, a JSON object")
AS_REGEX = flag("--treat-dag-id-as-regex", help="the id is a regular expression")
DEFAULT_COLUMNS = "dag_id,fileloc,owners,is_paused"
RUN_STATES = ("queued", "running", "success", "failed")

DAGS = Group(
    "dags",
    "look at, start and pause DAGs",
    (
        Command(
            "list",
            "list DAGs",
            "dags:list_dags",
            (argument("--columns", default=DEFAULT_COLUMNS, help="with commas"), OUTPUT, SUBDIR),
        ),
        Command("details", "all about one DAG", "dags:details", (DAG_ID, OUTPUT)),
        Command(
            "show",
            "draw a DAG's tasks as a tree",
            "dags_show:show",
            (
                DAG_ID,
                SUBDIR,
                argument("-s", "--save", metavar="FILE", help="write Graphviz's DOT text to a file instead"),
                flag("--imgcat", help="read for old scripts"),
            ),
        ),
        Command(
            "trigger",
            "start a run",
            "dags:trigger",
            (
                DAG_ID,
                CONF,
                argument("-e", "--exec-date", help="logical date; now when not given"),
                argument("-r", "--run-id", help="id of the run"),
                flag(
                    "--no-replace-microseconds",
                    help="keep the microseconds of the logical date",
                    action="store_false",
                    dest="replace_microseconds",
                    default=True,
                ),
                OUTPUT,
                SUBDIR,
            ),
        ),
        DAGS_BACKFILL,
        Command("pause", "pause DAGs", "dags:pause", (DAG_ID, OUTPUT, SUBDIR, YES, AS_REGEX)),
        Command("unpause", "let paused DAGs run again", "dags:unpause", (DAG_ID, OUTPUT, SUBDIR, YES, AS_REGEX)),
        Command(
            "test",
            "run a DAG once in this process, without a scheduler",
            "dags:test",
            (
                DAG_ID,
                argument("execution_date", nargs="?", help="logical date; now when not given"),
                CONF,
                SUBDIR,
                flag("--use-executor", help="read for old scripts"),
                flag("--show-dagrun", help="print the finished run as DOT text"),
                argument("--save-dagrun", metavar="FILE", help="write the finished run as DOT text"),
                flag("--imgcat-dagrun", help="read for old scripts"),
                argument("--mark-success-pattern", metavar="REGEX", help="tasks that are only marked as succeeded"),
            ),
        ),
        Command(
            "list-runs",
            "list a DAG's runs",
            "dags:list_runs",
            (
                argument("-d", "--dag-id", required=True, help="id of the DAG"),
                argument("--state", choices=RUN_STATES, help="only runs in this state"),
                flag("--no-backfill", help="without backfills"),
                START,
                END,
                OUTPUT,
            ),
        ),
        Command(
            "list-jobs",
            "list jobs",
            "dags:list_jobs",
            (
                argument("-d", "--dag-id", help="only jobs of this DAG"),
                argument("--state", choices=("running", "success", "restarting", "failed"), help="in this state"),
                argument("--limit", type=int, help="at most so many"),
                OUTPUT,
            ),
        ),
        Command(
            "state",
            "state of a run, and its conf",
            "dags:state",
            (DAG_ID, argument("execution_date", help="logical date of the run"), SUBDIR),
        ),
        Command(
            "next-execution",
            "next logical dates of a DAG",
            "dags:next_execution",
            (DAG_ID, argument("-n", "--num-executions", type=int, default=1, help="how many"), SUBDIR),
        ),
        Command("list-import-errors", "DAG files that cannot be loaded", "dags:list_import_errors", (OUTPUT, SUBDIR)),
        Command("delete", "delete all that is stored about a DAG", "dags:delete", (DAG_ID, YES)),
        Command(
            "reserialize",
            "parse all DAG files again",
            "dags:reserialize",
            (flag("--clear-only", help="only forget what was parsed"), SUBDIR),
        ),
        Command("report", "how long DAG files take to parse", "dags:report", (OUTPUT, SUBDIR)),
    ),
)

_INTERACTIVE = (
    argument("--pool", help="read for old scripts"),
    argument("--cfg-path", help="read for old scripts"),
    argument("-j", "--job-id", help="read for old scripts"),
    argument("-p", "--pickle", help="read for old scripts"),
    argument("-d", "--depends-on-past", choices=("check", "ignore", "wait"), default="check", help="look at the past"),
    flag("-m", "--mark-success", help="only mark it as succeeded"),
    flag("-f", "--force", help="run it although it has succeeded"),
    flag("-A", "--ignore-all-dependencies", help="do not look at dependencies"),
    flag("-i", "--ignore-dependencies", help="do not look at upstream tasks"),
    flag("-I", "--ignore-depends-on-past", help="do not look at earlier runs"),
    flag("-N", "--interactive", help="read for old scripts"),
    flag("-l", "--local", help="read for old scripts"),
    flag("-r", "--raw", help="read for old scripts"),
    flag("--ship-dag", help="read for old scripts"),
    flag("--read-from-db", help="read for old scripts"),
    flag("--no-shut-down-logging", help="read for old scripts", action="store_false", dest="shut_down_logging"),
)

TASKS = Group(
    "tasks",
    "look at and run tasks",
    (
        Command(
            "list",
            "list a DAG's tasks",
            "tasks:list_tasks",
            (DAG_ID, SUBDIR, flag("-t", "--tree", help="as a tree")),
        ),
        Command(
            "test",
            "run one task in this process; nothing is stored",
            "tasks:test",
            (
                DAG_ID,
                TASK_ID,
                argument("execution_date_or_run_id", nargs="?", help="run id, or logical date"),
                MAP_INDEX,
                SUBDIR,
                argument("-t", "--task-params", help="params, a JSON object"),
                argument("--env-vars", help="environment variables, a JSON object"),
                flag("-n", "--dry-run", help="only render its templates"),
                flag("-m", "--post-mortem", help="open the debugger when it fails"),
            ),
        ),
        Command("run", "run one task instance", "tasks:run", (DAG_ID, TASK_ID, RUN, MAP_INDEX, SUBDIR, *_INTERACTIVE)),
        Command("state", "state of a task instance", "tasks:state", (DAG_ID, TASK_ID, RUN, MAP_INDEX, SUBDIR)),
        Command(
            "states-for-dag-run",
            "states of all task instances of a run",
            "tasks:states_for_dag_run",
            (DAG_ID, RUN, OUTPUT),
        ),
        Command("render", "render a task's templates", "tasks:render", (DAG_ID, TASK_ID, RUN, MAP_INDEX, SUBDIR)),
        Command(
            "failed-deps",
            "why a task instance does not run",
            "tasks:failed_deps",
            (DAG_ID, TASK_ID, RUN, MAP_INDEX, SUBDIR),
        ),
        Command(
            "clear",
            "let task instances run again",
            "tasks:clear",
            (
                DAG_ID,
                START,
                END,
                argument("-t", "--task-regex", help="only tasks whose id this expression is found in"),
                flag("-R", "--dag-regex", help="the id is a regular expression"),
                flag("-d", "--downstream", help="and what follows them"),
                flag("-u", "--upstream", help="and what they follow"),
                flag("-f", "--only-failed", help="only failed ones"),
                flag("-r", "--only-running", help="only running ones"),
                flag("-x", "--exclude-subdags", help="leave out what SubDagOperators run"),
                flag("-X", "--exclude-parentdag", help="read for old scripts"),
                SUBDIR,
                YES,
            ),
        ),
    ),
)
