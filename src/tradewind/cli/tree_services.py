"""The roles as commands, and ``run``."""

from __future__ import annotations

from .tree import SUBDIR, Command, argument, flag

PORT = argument("-p", "--port", type=int, help="port to listen on")

_DAEMON = (
    flag("-D", "--daemon", help="go into the background"),
    argument("--pid", nargs="?", help="file for the process id"),
    argument("-l", "--log-file", help="file for the log"),
    argument("--stdout", help="file for standard output"),
    argument("--stderr", help="file for standard error"),
)

STANDALONE = Command(
    "standalone",
    "everything at once: migrates, makes a user, starts all roles",
    "services:standalone",
    (argument("-H", "--host", "--hostname", dest="host", help="address to listen on"), PORT),
)
WEBSERVER = Command(
    "webserver",
    "serve the API",
    "services:webserver",
    (
        argument("-H", "--hostname", "--host", dest="hostname", help="address to listen on"),
        PORT,
        argument("-w", "--workers", type=int, help="read for old scripts"),
        argument("-k", "--workerclass", choices=("sync", "eventlet", "gevent", "tornado"), help="read for old scripts"),
        argument("-t", "--worker-timeout", type=int, help="seconds a request may take"),
        argument("-A", "--access-logfile", help="file of the access log"),
        argument("-L", "--access-logformat", help="format of the access log"),
        argument("-E", "--error-logfile", help="file of the error log"),
        argument("--ssl-cert", help="certificate file"),
        argument("--ssl-key", help="key file"),
        flag("-d", "--debug", help="log more"),
        *_DAEMON,
    ),
)
SCHEDULER = Command(
    "scheduler",
    "decide what runs, and run it with a local worker",
    "services:scheduler",
    (
        SUBDIR,
        argument("-n", "--num-runs", type=int, default=-1, help="end after so many rounds; -1 never"),
        flag("-p", "--do-pickle", help="read for old scripts"),
        flag("-s", "--skip-serve-logs", help="do not serve logs"),
        *_DAEMON,
    ),
)
DAG_PROCESSOR = Command(
    "dag-processor",
    "parse DAG files",
    "services:dag_processor",
    (
        SUBDIR,
        argument("-n", "--num-runs", type=int, default=-1, help="end after so many rounds; -1 never"),
        flag("-p", "--do-pickle", help="read for old scripts"),
        *_DAEMON,
    ),
)
WORKER = Command(
    "worker",
    "run attempts for a scheduler",
    "services:worker",
    (
        argument("-c", "--concurrency", type=int, help="attempts at once"),
        argument("-q", "--queues", help="queues to serve, with commas"),
        *_DAEMON,
    ),
)
TRIGGERER = Command(
    "triggerer",
    "run the triggers of deferred tasks",
    "services:triggerer",
    (
        argument("--capacity", type=int, help="triggers at once"),
        flag("-s", "--skip-serve-logs", help="read for old scripts"),
        *_DAEMON,
    ),
)
KERBEROS = Command(
    "kerberos",
    "keep a Kerberos ticket fresh",
    "kerberos:kerberos",
    (
        argument("principal", nargs="?", help="whose ticket; [kerberos] principal when not given"),
        argument("-k", "--keytab", nargs="?", help="file of the key; [kerberos] keytab when not given"),
        flag("-o", "--one-time", help="end after the first ticket"),
        *_DAEMON,
    ),
)
RUN = Command(
    "run",
    "run a DAG file at once, without any set-up",
    "run:run",
    (
        argument("file", metavar="FILE.py", help="the DAG file"),
        argument("--dag-id", help="which DAG, when the file has several"),
        argument("-c", "--conf", help="configuration of the run, a JSON object"),
        argument("-e", "--exec-date", help="logical date; now when not given"),
    ),
)
