"""The commands on what is configured: variables, connections, pools, users, roles, the database, the configuration."""

from __future__ import annotations

from .tree import OUTPUT, YES, Command, Group, argument, flag

FILE = argument("file", help="path of the file; - is standard output where something is written")
USERNAME = argument("-u", "--username", help="name to log in with")
EMAIL = argument("-e", "--email", help="mail address")
PASSWORD = argument("-p", "--password", help="password; asked for when not given")
RANDOM = flag("--use-random-password", help="make one that nobody knows")

VARIABLES = Group(
    "variables",
    "manage variables",
    (
        Command("list", "list the keys", "variables:list_variables", (OUTPUT,)),
        Command(
            "get",
            "print a value",
            "variables:get",
            (
                argument("key", help="key of the variable"),
                flag("-j", "--json", help="the value is JSON"),
                argument("-d", "--default", help="printed when there is no such variable"),
            ),
        ),
        Command(
            "set",
            "create or replace",
            "variables:put",
            (
                argument("key", help="key of the variable"),
                argument("value", metavar="VALUE", help="its value"),
                argument("--description", help="what it is for"),
                flag("-j", "--json", help="the value is JSON"),
            ),
        ),
        Command("delete", "delete", "variables:delete", (argument("key", help="key of the variable"),)),
        Command(
            "import",
            "read from a file: json, yaml, env",
            "variables:load",
            (
                FILE,
                argument(
                    "-a",
                    "--action-on-existing-key",
                    choices=("overwrite", "fail", "skip"),
                    default="overwrite",
                    help="what to do with keys that exist",
                ),
            ),
        ),
        Command("export", "write to a JSON file", "variables:dump", (FILE,)),
    ),
)

CONNECTIONS = Group(
    "connections",
    "manage connections",
    (
        Command(
            "list",
            "list connections",
            "connections:list_connections",
            (OUTPUT, argument("--conn-id", help="only this one")),
        ),
        Command("get", "all about one", "connections:get", (argument("conn_id", help="id"), OUTPUT)),
        Command(
            "test",
            "ask the hook whether it can log in",
            "plugins:test_connection",
            (argument("conn_id", help="id"),),
        ),
        Command(
            "add",
            "create, from parts, a URI or JSON",
            "connections:add",
            (
                argument("conn_id", help="id"),
                argument("--conn-uri", help="everything in one URI"),
                argument("--conn-json", help="everything in one JSON object"),
                argument("--conn-type", help="type"),
                argument("--conn-description", help="what it is for"),
                argument("--conn-host", help="host"),
                argument("--conn-login", help="login"),
                argument("--conn-password", help="password"),
                argument("--conn-schema", help="schema"),
                argument("--conn-port", help="port"),
                argument("--conn-extra", help="extras, a JSON object"),
            ),
        ),
        Command("delete", "delete", "connections:delete", (argument("conn_id", help="id"),)),
        Command(
            "import",
            "read from a file: json, yaml, env",
            "connections:load",
            (FILE, flag("--overwrite", help="replace connections that exist")),
        ),
        Command(
            "export",
            "write to a file: json, yaml, env",
            "connections:dump",
            (
                FILE,
                argument("--file-format", choices=("json", "yaml", "env"), help="format; by the file's name else"),
                argument("--format", choices=("json", "yaml", "env"), help="former name of --file-format"),
                argument("--serialization-format", choices=("json", "uri"), help="how env lines are written"),
            ),
        ),
    ),
)

POOL = argument("pool", metavar="NAME", help="name of the pool")
POOLS = Group(
    "pools",
    "manage pools",
    (
        Command("list", "list pools", "pools:list_pools", (OUTPUT,)),
        Command("get", "slots of one", "pools:get", (POOL, OUTPUT)),
        Command(
            "set",
            "create or change",
            "pools:put",
            (
                POOL,
                argument("slots", type=int, help="number of slots; -1 is no limit"),
                argument("description", help="what it is for"),
                flag("--include-deferred", help="deferred tasks take slots too"),
                OUTPUT,
            ),
        ),
        Command("delete", "delete", "pools:delete", (POOL, OUTPUT)),
        Command("import", "read from a JSON file", "pools:load", (FILE,)),
        Command("export", "write to a JSON file", "pools:dump", (FILE,)),
    ),
)

_FILE = "a JSON file"

USERS = Group(
    "users",
    "manage users",
    (
        Command("list", "list users", "users:list_users", (OUTPUT,)),
        Command(
            "create",
            "create",
            "users:create",
            (
                argument("-u", "--username", required=True, help="name to log in with"),
                argument("-e", "--email", required=True, help="mail address"),
                argument("-f", "--firstname", required=True, help="first name"),
                argument("-l", "--lastname", required=True, help="last name"),
                argument("-r", "--role", required=True, help="Admin, Op, User, Viewer, Public, or one of your own"),
                PASSWORD,
                RANDOM,
            ),
        ),
        Command("delete", "delete, by name or address", "users:delete", (USERNAME, EMAIL)),
        Command("reset-password", "set a new password", "users:reset_password", (USERNAME, EMAIL, PASSWORD, RANDOM)),
        Command(
            "add-role",
            "give a role",
            "users:add_role",
            (USERNAME, EMAIL, argument("-r", "--role", required=True, help="name of the role")),
        ),
        Command(
            "remove-role",
            "take a role away",
            "users:remove_role",
            (USERNAME, EMAIL, argument("-r", "--role", required=True, help="name of the role")),
        ),
        Command(
            "export", "write all to a file", "roles:export_users", (argument("export", metavar="FILE", help=_FILE),)
        ),
        Command("import", "read a file", "roles:import_users", (argument("import", metavar="FILE", help=_FILE),)),
    ),
)

TOKENS = Group(
    "tokens",
    "personal access tokens, for programs that call the API",
    (
        Command(
            "create",
            "make one, and show it once",
            "tokens:create",
            (
                argument("name", help="what it is for"),
                argument("-u", "--username", required=True, help="whose it is"),
                argument(
                    "-s",
                    "--scope",
                    action="append",
                    help="read, write, or action:resource such as can_read:DAGs; may be repeated; default: all",
                ),
                argument("--expires-in", help="e.g. 12h, 30d; default: never"),
            ),
        ),
        Command(
            "list",
            "list them, without their secrets",
            "tokens:list_tokens",
            (argument("-u", "--username", help="only of this user"), OUTPUT),
        ),
        Command("revoke", "end one", "tokens:revoke", (argument("token_id", type=int, help="its id"),)),
    ),
)

_ROLE_NAMES = argument("role", nargs="*", help="names of roles")
_RESOURCES = argument("-r", "--resource", nargs="*", required=True, help="names of resources")

ROLES = Group(
    "roles",
    "manage roles",
    (
        Command(
            "list", "list roles", "users:list_roles", (flag("-p", "--permission", help="with permissions"), OUTPUT)
        ),
        Command("create", "make roles without permissions", "roles:create", (_ROLE_NAMES,)),
        Command("delete", "delete roles", "roles:delete", (_ROLE_NAMES,)),
        Command(
            "add-perms",
            "give permissions",
            "roles:add_perms",
            (_ROLE_NAMES, argument("-a", "--action", nargs="*", required=True, help="names of actions"), _RESOURCES),
        ),
        Command(
            "del-perms",
            "take permissions away",
            "roles:del_perms",
            (_ROLE_NAMES, argument("-a", "--action", nargs="*", help="names of actions; all without"), _RESOURCES),
        ),
        Command(
            "export",
            "write roles of your own to a file",
            "roles:export",
            (argument("file", help=_FILE), flag("-p", "--pretty", help="with line breaks")),
        ),
        Command("import", "read a file", "roles:load", (argument("file", help=_FILE),)),
    ),
)

_VERSIONS = (
    argument("-n", "--to-version", help="read for old scripts"),
    argument("-r", "--to-revision", help="read for old scripts"),
    argument("--from-version", help="read for old scripts"),
    argument("--from-revision", help="read for old scripts"),
    flag("-s", "--show-sql-only", help="read for old scripts"),
    flag("-m", "--use-migration-files", help="read for old scripts"),
    flag("--no-reserialize-dags", help="read for old scripts", action="store_false", dest="reserialize_dags"),
)

_TABLES = argument("-t", "--tables", help="only these tables, with commas")

DB = Group(
    "db",
    "the database",
    (
        Command("migrate", "make the tables, or bring them up to date", "db:migrate", _VERSIONS),
        Command("init", "former name of migrate", "db:migrate"),
        Command("upgrade", "former name of migrate", "db:migrate", _VERSIONS),
        Command(
            "check",
            "whether the database answers",
            "db:check",
            (
                argument("--retry", type=int, default=0, help="how often to try again"),
                argument("--retry-delay", type=int, default=1, help="seconds between two tries"),
            ),
        ),
        Command(
            "check-migrations",
            "whether the tables are up to date",
            "db:check_migrations",
            (argument("-t", "--migration-wait-timeout", type=int, default=60, help="seconds to wait for them"),),
        ),
        Command(
            "reset",
            "delete everything and make the tables anew",
            "db:reset",
            (
                YES,
                flag("-s", "--skip-init", help="only delete"),
                flag("-m", "--use-migration-files", help="read for old scripts"),
            ),
        ),
        Command("shell", "the database's own client program", "shell:shell"),
        Command(
            "clean",
            "delete old rows",
            "retention:clean",
            (
                argument("--clean-before-timestamp", required=True, help="what is older goes"),
                _TABLES,
                flag("--dry-run", help="only count"),
                flag("--skip-archive", help="keep no copy"),
                YES,
            ),
        ),
        Command(
            "export-archived",
            "write what clean has kept to files",
            "retention:export_archived",
            (
                argument("--output-path", required=True, help="folder for the files"),
                argument("--export-format", choices=("csv",), default="csv", help="csv"),
                _TABLES,
                flag("--drop-archives", help="drop what was written"),
                YES,
            ),
        ),
        Command("drop-archived", "drop what clean has kept", "retention:drop_archived", (_TABLES, YES)),
    ),
)

ROTATE = Command("rotate-fernet-key", "encrypt everything with the first of [core] fernet_key", "db:rotate_fernet_key")

CONFIG = Group(
    "config",
    "the configuration",
    (
        Command(
            "get-value",
            "print an option",
            "config:get_value",
            (argument("section", help="section"), argument("option", help="key")),
        ),
        Command(
            "list",
            "list options",
            "config:list_options",
            (
                argument("--section", help="only this section"),
                flag("-a", "--defaults", help="the defaults, not what is set"),
                flag("-c", "--comment-out-everything", help="as comments"),
                flag("-d", "--include-descriptions", help="with what each is for"),
                flag("-e", "--include-examples", help="read for old scripts"),
                flag("-p", "--exclude-providers", help="only declared options"),
                flag("-s", "--include-sources", help="with where each comes from"),
                flag("-V", "--include-env-vars", help="with the environment variables' names"),
                argument("--color", choices=("on", "off", "auto"), default="auto", help="colour"),
            ),
        ),
    ),
)

JOBS = Group(
    "jobs",
    "jobs of schedulers, triggerers, workers",
    (
        Command(
            "check",
            "whether a job is alive",
            "jobs:check",
            (
                argument(
                    "--job-type",
                    choices=("BackfillJob", "LocalTaskJob", "SchedulerJob", "TriggererJob", "DagProcessorJob"),
                    help="only jobs of this kind",
                ),
                argument("--hostname", help="only on this machine"),
                flag("--local", help="only on this machine: the one that asks"),
                argument("--limit", type=int, default=1, help="look at the newest so many; 0 is all"),
                flag("--allow-multiple", help="more than one alive is fine"),
            ),
        ),
    ),
)

INFO = Command(
    "info",
    "about this installation",
    "config:info",
    (
        OUTPUT,
        flag("--anonymize", help="without names of people and machines"),
        flag("--file-io", help="read for old scripts"),
    ),
)
VERSION = Command("version", "the version", "config:version")
