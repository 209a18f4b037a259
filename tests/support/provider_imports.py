"""Imports every module of provider packages and counts what fails, and through whom.

    python tests/support/provider_imports.py a            # make the environment, import all of set a, print a table
    python tests/support/provider_imports.py b --json out.json --only http,ssh --python …/bin/python

A module counts when it is none of ``__init__``, example DAGs and ``get_provider_info``. Each provider is imported in a
process of its own. A failure is *ours* when a name of ``airflow.*`` (or our code) is what failed, else *theirs*: a
third party that cannot be installed or does not fit, or a provider that says it wants Airflow 3.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.provider_wheels import ROOT, distribution, make

WHEELS = ROOT / "tests" / "golden" / "provider_wheels.json"

PROBE = r"""
import importlib, json, sys, traceback, warnings
from importlib import metadata
warnings.simplefilter("ignore")
own = tuple(sys.argv[2].split(":"))

def modules(name):
    for file in metadata.files(name) or ():
        if file.suffix != ".py" or file.name in ("__init__.py", "get_provider_info.py") or file.parts[0] == "..":
            continue
        if {"example_dags", "tests", "test"} & set(file.parts):
            continue
        if any(not part.isidentifier() for part in file.parts[:-1]) or not file.stem.isidentifier():
            continue
        yield ".".join([*file.parts[:-1], file.stem])

def why(error):
    frames = traceback.extract_tb(error.__traceback__)
    files = [frame.filename for frame in frames if not frame.filename.startswith("<frozen")]
    chain, seen = [], error
    while seen is not None and len(chain) < 8:
        chain.append(seen)
        seen = seen.__cause__ or seen.__context__
    names = [str(getattr(one, "name", None) or "") for one in chain if isinstance(one, ImportError)]
    of_airflow = any(name.split(".")[0] in ("airflow", "tradewind") for name in names)
    of_airflow = of_airflow and not any(name.startswith("airflow.providers.") for name in names[:1])
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, AttributeError) and "module 'airflow" in text:
        of_airflow = True
    return {"text": text[:400], "ours": bool(of_airflow or (files and files[-1].startswith(own))),
            "at": f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""}

answer = {}
for module in sorted(modules(sys.argv[1])):
    try:
        importlib.import_module(module)
        answer[module] = None
    except BaseException as error:
        answer[module] = why(error)
with open(sys.argv[3], "w") as out:
    json.dump(answer, out)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What came of one provider: module → None, or what failed."""

    provider: str
    modules: dict[str, dict[str, object] | None]

    @property
    def imported(self) -> int:
        return sum(failure is None for failure in self.modules.values())

    @property
    def ours(self) -> dict[str, str]:
        """Modules that failed through us, with what was said."""
        return {name: str(fail["text"]) for name, fail in self.modules.items() if fail is not None and fail["ours"]}

    @property
    def theirs(self) -> dict[str, str]:
        """Modules that failed through somebody else."""
        return {name: str(fail["text"]) for name, fail in self.modules.items() if fail is not None and not fail["ours"]}


def wheels(which: str) -> dict[str, list[str]]:
    """The lists of a set: ``together`` (the providers), ``brought_by_airflow`` (libraries that they use and only
    Airflow's core would bring), ``left_out`` (want Airflow 3, or an older SQLAlchemy)."""
    found: dict[str, list[str]] = json.loads(WHEELS.read_text())[which]
    return found


def imports(python: Path, provider: str, timeout: float = 2400) -> Audit:
    """Import all modules of one provider in a new process."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "answer.json")
        environ = {key: value for key, value in os.environ.items() if not key.startswith(("AIRFLOW_", "PYTHON"))}
        name = distribution(provider).split("==")[0]
        done = subprocess.run(
            [str(python), "-c", PROBE, name, f"{ROOT}/src/", str(out)],
            check=False, capture_output=True, text=True, timeout=timeout, cwd=folder,
            env={**environ, "AIRFLOW_HOME": folder},
        )  # fmt: skip
        if not out.exists():
            failure: dict[str, object] = {"text": done.stderr[-300:] or f"exit {done.returncode}", "ours": False}
            return Audit(provider=provider, modules={name: failure})
        return Audit(provider=provider, modules=json.loads(out.read_text()))


def audit(which: str, only: Sequence[str] = (), python: Path | None = None) -> Iterator[Audit]:
    """Audits of a set's providers, one after the other."""
    lists = wheels(which)
    shared = python or make(f"providers-{which}", lists["together"], more=lists["brought_by_airflow"])
    for name in lists["together"]:
        if not only or name.split("==")[0] in only:
            yield imports(shared, name)


def report(audits: Sequence[Audit]) -> str:
    """A table of what did not import, and the sums."""
    lines = []
    for one in audits:
        if one.imported < len(one.modules):
            lines.append(f"{one.provider}: {one.imported} of {len(one.modules)}")
        lines += [f"  OURS   {name}: {text}" for name, text in one.ours.items()]
        lines += [f"  theirs {name}: {text}" for name, text in one.theirs.items()]
    total, done = sum(len(one.modules) for one in audits), sum(one.imported for one in audits)
    ours, theirs = sum(len(one.ours) for one in audits), sum(len(one.theirs) for one in audits)
    share = 100 * done / total if total else 0.0
    failed = f"ours {ours}, theirs {theirs}"
    lines.append(f"{len(audits)} packages, {total} modules: {done} import ({share:.1f} %); {failed}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", choices=["a", "b"])
    parser.add_argument("--only", default="", help="providers, by comma")
    parser.add_argument("--json", help="write all answers here")
    parser.add_argument("--python", type=Path, help="the interpreter of an environment that is there")
    args = parser.parse_args()
    audits = []
    for one in audit(args.set, [name for name in args.only.split(",") if name], args.python):
        audits.append(one)
        print(f"{one.provider}: {one.imported}/{len(one.modules)}", file=sys.stderr, flush=True)
    if args.json:
        Path(args.json).write_text(json.dumps({one.provider: one.modules for one in audits}, indent=1))
    print(report(audits))


if __name__ == "__main__":
    main()
