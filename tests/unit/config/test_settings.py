"""How options are found, in which order, and what a bad one says."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tradewind.config.options import FORMER_NAMES, OPTIONS
from tradewind.config.settings import Settings, ensure_keys, find_home, load_settings
from tradewind.model.errors import ConfigError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def write_cfg(home: Path, text: str) -> None:
    home.mkdir(exist_ok=True)
    (home / "airflow.cfg").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param({"AIRFLOW_HOME": "/a", "TRADEWIND_HOME": "/t"}, "/a", id="airflow_home_first"),
        pytest.param({"TRADEWIND_HOME": "/t"}, "/t", id="tradewind_home_next"),
        pytest.param({}, os.path.expanduser("~/tradewind"), id="else_in_the_users_folder"),
    ],
)
def test_home_is_airflow_home_else_tradewind_home_else_ours(environ: dict[str, str], expected: str) -> None:
    assert find_home(environ) == Path(expected)


@pytest.mark.parametrize(
    ("section", "key", "expected"),
    [
        ("core", "executor", "LocalExecutor"),
        ("core", "load_examples", False),
        ("webserver", "web_server_host", "127.0.0.1"),
        ("core", "parallelism", 32),
        ("scheduler", "catchup_by_default", True),
        ("tradewind", "compat_level", 2),
        ("api", "older_dialects", True),
    ],
)
def test_defaults_are_those_of_the_design(home: Path, section: str, key: str, expected: object) -> None:
    settings = load_settings({}, home=home)
    assert settings.get(section, key) == expected
    assert settings.explain(section, key) == "default"


def test_paths_in_defaults_lie_in_the_home(home: Path) -> None:
    settings = load_settings({}, home=home)
    assert settings.sql_alchemy_conn == f"sqlite:///{home}/tradewind.db"
    assert settings.dags_folder == home / "dags"


def test_every_default_satisfies_its_own_rule(home: Path) -> None:
    for option in OPTIONS.values():
        if option.default is not None:
            option.parse(str(option.default), "default")


def test_environment_wins_over_the_file_and_the_file_over_the_default(home: Path) -> None:
    write_cfg(home, "[core]\nparallelism = 7\nmax_active_runs_per_dag = 3\n")
    settings = load_settings({"AIRFLOW__CORE__PARALLELISM": "9"}, home=home)
    assert (settings.parallelism, settings.max_active_runs_per_dag) == (9, 3)
    assert settings.explain("core", "parallelism") == "environment variable AIRFLOW__CORE__PARALLELISM"
    assert settings.explain("core", "max_active_runs_per_dag").startswith("[core] max_active_runs_per_dag in ")


def test_a_command_gives_a_secret_option_and_nothing_else(home: Path) -> None:
    environ = {"AIRFLOW__WEBSERVER__SECRET_KEY_CMD": "echo hush", "AIRFLOW__CORE__EXECUTOR_CMD": "echo Other"}
    settings = load_settings(environ, home=home)
    assert settings.secret_key == "hush"
    assert settings.executor == "LocalExecutor"


def test_a_command_in_the_file_works_too(home: Path) -> None:
    write_cfg(home, "[database]\nsql_alchemy_conn_cmd = echo sqlite:////x.db\n[celery]\nbroker_url_cmd = echo r://\n")
    settings = load_settings({}, home=home)
    assert settings.sql_alchemy_conn == "sqlite:////x.db"


def test_a_failing_command_is_an_error_that_names_it(home: Path) -> None:
    with pytest.raises(ConfigError, match="AIRFLOW__CORE__FERNET_KEY_CMD ended with code 1"):
        load_settings({"AIRFLOW__CORE__FERNET_KEY_CMD": "false"}, home=home)


def test_a_secret_comes_from_the_back_end(home: Path) -> None:
    environ = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_SECRET": "db"}
    settings = load_settings(environ, home=home, secret_lookup={"db": "sqlite:////s.db"}.get)
    assert settings.sql_alchemy_conn == "sqlite:////s.db"


def test_a_secret_without_a_back_end_says_so(home: Path) -> None:
    with pytest.raises(ConfigError, match=r"\[secrets\] backend names none"):
        load_settings({"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_SECRET": "db"}, home=home)


@pytest.mark.parametrize(
    ("variable", "text", "message"),
    [
        ("AIRFLOW__CORE__PARALLELISM", "many", r"\[core\] parallelism is 'many' .*expected a whole number at least 0"),
        ("AIRFLOW__CORE__PARALLELISM", "-1", "at least 0"),
        ("AIRFLOW__CORE__PARALLELISM", "", "expected a whole number"),
        ("AIRFLOW__CORE__LOAD_EXAMPLES", "maybe", "expected True or False"),
        ("AIRFLOW__WEBSERVER__WEB_SERVER_PORT", "70000", "at most 65535"),
        ("AIRFLOW__CORE__DAG_IGNORE_FILE_SYNTAX", "sql", "expected one of 'regexp', 'glob'"),
        ("AIRFLOW__TRADEWIND__COMPAT_LEVEL", "4", "one of '2', '3'"),
    ],
)
def test_a_bad_value_names_option_source_and_what_is_allowed(
    home: Path, variable: str, text: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        load_settings({variable: text}, home=home)
    assert variable in str(caught.value)


@pytest.mark.parametrize("name", sorted(FORMER_NAMES), ids="-".join)
def test_a_former_name_is_read_with_a_warning(home: Path, name: tuple[str, str]) -> None:
    option = OPTIONS[name]
    text = option.choices[0] if option.choices else {bool: "True", int: "7", float: "7.0"}.get(option.kind, "word")
    section, key = FORMER_NAMES[name][0]
    settings = load_settings({f"AIRFLOW__{section.upper()}__{key.upper()}": text}, home=home)
    assert settings.text(*name) == text
    assert settings.text(section, key) == text
    assert len([text for text in settings.warnings if "former name" in text]) == 1
    assert f"[{section}] {key}" in settings.warnings[0]


def test_the_present_name_wins_over_the_former_one(home: Path) -> None:
    environ = {"AIRFLOW__CORE__DAG_CONCURRENCY": "1", "AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG": "2"}
    settings = load_settings(environ, home=home)
    assert settings.max_active_tasks_per_dag == 2
    assert settings.warnings == ()


def test_options_of_providers_stay_readable(home: Path) -> None:
    write_cfg(home, "[celery]\nworker_concurrency = 16\n[weird]\nkey = value\n")
    settings = load_settings({"AIRFLOW__CELERY__BROKER_URL": "redis://", "AIRFLOW__COMMON_IO__X": "y"}, home=home)
    assert settings.integer("celery", "worker_concurrency") == 16
    assert settings.get("celery", "broker_url") == "redis://"
    assert settings.get("common.io", "x") == "y"
    assert settings.section("weird") == {"key": "value"}
    assert settings.get("nowhere", "nothing", "fallback") == "fallback"
    assert settings.is_sensitive("celery", "broker_url")


def test_percent_signs_and_variables_in_the_file_are_read_as_airflow_reads_them(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIND_BASE", "/srv")
    write_cfg(home, "[logging]\nlog_format = %%(message)s\nbase_log_folder = $WIND_BASE/logs\n")
    settings = load_settings({}, home=home)
    assert settings.get("logging", "log_format") == "%(message)s"
    assert settings.base_log_folder == Path("/srv/logs")


def test_a_broken_file_is_an_error_that_names_it(home: Path) -> None:
    write_cfg(home, "parallelism = 7\n")
    with pytest.raises(ConfigError, match=r"airflow\.cfg is not a configuration file"):
        load_settings({}, home=home)


def test_a_comment_behind_a_boolean_is_ignored(home: Path) -> None:
    settings = load_settings({"AIRFLOW__CORE__LOAD_EXAMPLES": "True  # ours"}, home=home)
    assert settings.load_examples is True


def test_generated_keys_are_kept_private_and_found_again(home: Path) -> None:
    first = ensure_keys(load_settings({}, home=home))
    again = load_settings({}, home=home)
    assert first.fernet_keys == again.fernet_keys
    assert len(again.fernet_keys[0]) == 44
    assert first.secret_key == again.secret_key != ""
    assert stat.S_IMODE((home / "fernet_key.txt").stat().st_mode) == 0o600


def test_a_configured_key_is_not_replaced(home: Path) -> None:
    settings = ensure_keys(load_settings({"AIRFLOW__CORE__FERNET_KEY": "a,b"}, home=home))
    assert settings.fernet_keys == ("a", "b")
    assert not (home / "fernet_key.txt").exists()


def test_replacing_checks_and_leaves_the_original_alone(home: Path) -> None:
    settings: Settings = load_settings({}, home=home)
    changed = settings.replace({("webserver", "web_server_port"): "9999"})
    assert (settings.web_server_port, changed.web_server_port) == (8080, 9999)
    assert changed.explain("webserver", "web_server_port") == "command line"
    with pytest.raises(ConfigError):
        settings.replace({("webserver", "web_server_port"): "x"})


def test_compat_level_three_turns_catchup_off_unless_asked_for(home: Path) -> None:
    level = {"AIRFLOW__TRADEWIND__COMPAT_LEVEL": "3"}
    assert not load_settings(level, home=home).catchup_by_default
    assert load_settings(level | {"AIRFLOW__SCHEDULER__CATCHUP_BY_DEFAULT": "True"}, home=home).catchup_by_default


def test_options_without_effect_and_unknown_ones_are_told_when_they_are_set(home: Path) -> None:
    write_cfg(
        home,
        "[logging]\nsimple_log_format = %%(message)s\ntask_log_reader = task\nlog_filname_template = x\n"
        "[celery]\nanything = 1\n[logging.mine]\nx = 1\n",
    )
    environ = {"AIRFLOW__LOGGING__INTERLEAVE_TIMESTAMP_PARSER": "mine.parse", "AIRFLOW__SECRETS__BACKENDS": "x"}
    told = load_settings(environ, home=home).warnings
    assert [text.split(" (")[0] for text in told] == [
        "[logging] simple_log_format",
        "[logging] interleave_timestamp_parser",
        "[logging] log_filname_template is not an option that is known, and has no effect; "
        "did you mean log_filename_template?",
        "[secrets] backends is not an option that is known, and has no effect; did you mean backend?",
    ]


def test_a_file_with_all_defaults_gives_no_warning(home: Path) -> None:
    lines = [f"{option.key} = {option.default}" for option in OPTIONS.values() if option.section == "logging"]
    write_cfg(home, "[logging]\n" + "\n".join(line.replace("%", "%%") for line in lines if "= None" not in line) + "\n")
    assert load_settings({}, home=home).warnings == ()
