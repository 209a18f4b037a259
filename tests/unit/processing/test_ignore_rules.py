"""What .airflowignore leaves out; the tables are recorded from Airflow 2.10.5 on the same tree."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.execution.ignore_rules import IgnoreRule, ignored, parse_rules

TREE = [
    *("a.py", "b.py", "foo/sub/a.py", "sub/a.py", "sub/b.py", "sub/deep/a.py", "sub/deep/c.py"),
    *("sub/tests/y.py", "tests/x.py", "z_test.py"),
]


def left(files: dict[str, str], syntax: str) -> list[str]:
    """The paths of TREE that stay, walking as the listing does: ignored folders are not looked into."""
    by_folder = {folder: parse_rules(text, syntax, folder)[0] for folder, text in files.items()}

    def stays(path: str) -> bool:
        rules: list[IgnoreRule] = [*by_folder.get("", [])]
        for folder in list(PurePosixPath(path).parents)[-2::-1]:
            if ignored(str(folder), True, rules):
                return False
            rules += by_folder.get(str(folder), [])
        return not ignored(path, False, rules)

    return [path for path in TREE if stays(path)]


def without(*gone: str) -> list[str]:
    assert set(gone) <= set(TREE)
    return [path for path in TREE if path not in gone]


ALL_SUB = [path for path in TREE if path.startswith("sub/")]
ALL_A = [path for path in TREE if path.endswith("a.py")]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"": "sub/a"}, without("foo/sub/a.py", "sub/a.py")),
        ({"": "^sub"}, without(*ALL_SUB)),
        ({"": "sub/.*"}, without(*ALL_SUB, "foo/sub/a.py")),
        ({"sub": "^a"}, TREE),
        ({"sub": "^deep"}, TREE),
        ({"sub": "sub/deep"}, without("sub/deep/a.py", "sub/deep/c.py")),
        ({"": "a\\.py$ # comment\n#b"}, without(*ALL_A)),
        ({"": "tests"}, without("sub/tests/y.py", "tests/x.py")),
        ({"": "[\nb"}, ["a.py", "tests/x.py", "z_test.py"]),
        ({"": "sub/deep/$"}, TREE),
        ({"": "py$"}, []),
        ({"": "  b  \n"}, TREE),
    ],
    ids=str,
)
def test_regexps_are_searched_in_the_path_below_the_dag_folder(files: dict[str, str], expected: list[str]) -> None:
    assert left(files, "regexp") == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"": "a.py"}, without(*ALL_A)),
        ({"": "/a.py"}, without("a.py")),
        ({"": "sub/a.py"}, without("sub/a.py")),
        ({"": "sub/"}, without(*ALL_SUB, "foo/sub/a.py")),
        ({"": "sub"}, without(*ALL_SUB, "foo/sub/a.py")),
        ({"": "**/deep"}, without("sub/deep/a.py", "sub/deep/c.py")),
        ({"": "sub/**"}, without(*ALL_SUB)),
        ({"": "*.py\n!b.py"}, ["b.py", "sub/b.py"]),
        (
            {"": "*.py\n!b.py", "sub": "!c.py\n!a.py"},
            ["b.py", "sub/a.py", "sub/b.py", "sub/deep/a.py", "sub/deep/c.py"],
        ),
        ({"sub": "a.py"}, without("sub/a.py", "sub/deep/a.py")),
        ({"sub": "/a.py"}, without("sub/a.py")),
        ({"sub": "deep/a.py"}, without("sub/deep/a.py")),
        ({"": "*_test.py\n?.py"}, []),
        ({"": "[ab].py"}, ["sub/deep/c.py", "sub/tests/y.py", "tests/x.py", "z_test.py"]),
        ({"": "[!a].py"}, [*sorted(ALL_A), "z_test.py"]),
        ({"": "a.py # comment\n#b.py"}, without(*ALL_A)),
        ({"": "tests/\n!sub/tests/"}, without("tests/x.py")),
        ({"": "sub/*\n!sub/deep"}, without("sub/a.py", "sub/b.py", "sub/tests/y.py")),
        ({"": "s*/deep"}, without("sub/deep/a.py", "sub/deep/c.py")),
        ({"": "foo/**/a.py"}, without("foo/sub/a.py")),
        ({"": "a"}, TREE),
        ({"": "sub\n!sub/a.py"}, without(*ALL_SUB, "foo/sub/a.py")),
        ({"": "/sub/deep/"}, without("sub/deep/a.py", "sub/deep/c.py")),
        ({"": "**/a.py"}, without(*ALL_A)),
        ({"": "*/a.py"}, without("sub/a.py")),
        ({"": "sub/*/a.py"}, without("sub/deep/a.py")),
        ({"": "*"}, []),
        ({"": "[a-"}, TREE),
    ],
    ids=str,
)
def test_globs_are_gits(files: dict[str, str], expected: list[str]) -> None:
    assert left(files, "glob") == expected


def test_a_line_that_is_no_regexp_is_named_with_file_and_line() -> None:
    rules, warnings = parse_rules("ok\n[", "regexp", "sub")
    assert len(rules) == 1
    assert "in 'sub', line 2" in warnings[0]


def test_an_unknown_syntax_is_refused() -> None:
    with pytest.raises(ValueError, match="must be 'regexp' or 'glob'"):
        parse_rules("a", "git")


paths = st.lists(st.text(alphabet="ab_.", min_size=1, max_size=4), min_size=1, max_size=4).map("/".join)


@given(path=paths, text=st.text(alphabet="ab*?[]!/.\\#^-\n", max_size=30))
def test_any_text_is_a_list_of_rules_or_warnings(path: str, text: str) -> None:
    for syntax in ("regexp", "glob"):
        rules, _ = parse_rules(text, syntax)
        assert ignored(path, False, rules) in (True, False)


@given(path=paths)
def test_a_path_matches_itself_as_a_glob_and_taking_it_back_wins(path: str) -> None:
    assert ignored(path, False, parse_rules(f"/{path}", "glob")[0])
    assert not ignored(path, False, parse_rules(f"/{path}\n!/{path}", "glob")[0])
