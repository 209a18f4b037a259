"""Which paths a DAG folder's ``.airflowignore`` files leave out: regexp or glob, as Airflow 2.10 reads them. Pure.

A regexp is searched in the path below the DAG folder, wherever its file lies. A glob is git's: below its file's folder,
``!`` takes back, the last pattern that matches decides.
"""

from __future__ import annotations

import re
import warnings as warnings_module
from collections.abc import Sequence
from dataclasses import dataclass

IGNORE_FILE = ".airflowignore"
_COMMENT = re.compile(r"\s*#.*")


@dataclass(frozen=True, slots=True)
class IgnoreRule:
    """One line of an ignore file. ``base``: the folder that paths are taken from, below the DAG folder ("" for it)."""

    pattern: re.Pattern[str]
    base: str = ""
    is_glob: bool = False
    only_folders: bool = False
    takes_back: bool = False

    def matches(self, path: str, is_folder: bool) -> bool:
        """Whether the rule is about this path (below the DAG folder, ``/`` between its parts)."""
        if self.only_folders and not is_folder:
            return False
        if self.base:
            if not path.startswith(self.base + "/"):
                return False
            path = path[len(self.base) + 1 :]
        found = self.pattern.fullmatch(path) if self.is_glob else self.pattern.search(path)
        return found is not None


def parse_rules(text: str, syntax: str, folder: str = "") -> tuple[list[IgnoreRule], list[str]]:
    """The rules of an ignore file that lies in ``folder`` (below the DAG folder), and a warning per unusable line.

    ``syntax`` is ``[core] dag_ignore_file_syntax``: "regexp" or "glob". Comments begin with ``#`` anywhere in a line.
    """
    if syntax not in ("regexp", "glob"):
        raise ValueError(f"dag_ignore_file_syntax must be 'regexp' or 'glob', not {syntax!r}")
    rules: list[IgnoreRule] = []
    warnings: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        bare = _COMMENT.sub("", line)
        if not bare.strip():
            continue
        try:
            rules.append(_glob_rule(bare.strip(), folder) if syntax == "glob" else IgnoreRule(_compiled(bare)))
        except re.error as error:
            warnings.append(f"{IGNORE_FILE} in '{folder or '.'}', line {number}: {bare!r} is ignored: {error}")
    return rules, warnings


def ignored(path: str, is_folder: bool, rules: Sequence[IgnoreRule]) -> bool:
    """Whether the rules, outermost file first, leave this path out. A folder that is left out is not looked into."""
    verdict = False
    for rule in rules:
        if not rule.is_glob:
            if rule.matches(path, is_folder):
                return True
        elif rule.takes_back == verdict and rule.matches(path, is_folder):
            verdict = not verdict
    return verdict


def _compiled(regexp: str) -> re.Pattern[str]:
    with warnings_module.catch_warnings():
        # "[[" may mean something else in a later Python; until then it is what the author's Airflow made of it.
        warnings_module.simplefilter("ignore")
        return re.compile(regexp)


def _glob_rule(line: str, folder: str) -> IgnoreRule:
    takes_back = line.startswith("!")
    glob = line[1:] if takes_back else line
    only_folders = glob.endswith("/")
    body = glob.rstrip("/") if only_folders else glob
    # A slash at the start or in the middle ties the pattern to its folder; without one it is about any name below.
    anchored = "/" in body
    body = body.lstrip("/")
    if not anchored:
        body = "**/" + body
    return IgnoreRule(
        pattern=_compiled(_translate(body)),
        base=folder,
        is_glob=True,
        only_folders=only_folders,
        takes_back=takes_back,
    )


def _translate(glob: str) -> str:
    parts = glob.split("/")
    out: list[str] = []
    for index, part in enumerate(parts):
        is_last = index == len(parts) - 1
        if part == "**":
            out.append(".+" if is_last else "(?:[^/]+/)*")
        else:
            out.append(_translate_part(part) + ("" if is_last else "/"))
    return "".join(out)


def _translate_part(part: str) -> str:
    out: list[str] = []
    at = 0
    while at < len(part):
        char = part[at]
        at += 1
        if char == "*":
            out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "[":
            text, at = _translate_set(part, at)
            out.append(text)
        elif char == "\\" and at < len(part):
            out.append(re.escape(part[at]))
            at += 1
        else:
            out.append(re.escape(char))
    return "".join(out)


def _translate_set(part: str, at: int) -> tuple[str, int]:
    start = at
    if at < len(part) and part[at] in "!^":
        at += 1
    if at < len(part) and part[at] == "]":
        at += 1
    end = part.find("]", at)
    if end < 0:
        # git and Airflow take a set that is not closed as plain text, which matches next to nothing.
        return r"\[", start
    body = part[start:end].replace("\\", "\\\\").replace("[", r"\[")
    if body[:1] in ("!", "^"):
        body = "^" + body[1:]
    return f"[{body}]", end + 1
