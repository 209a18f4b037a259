#!/usr/bin/env python3
"""Runs the cases against a server and writes one record for each step.

    python run.py --base-url http://127.0.0.1:8080 --cases public --out actual.json
                  [--profile open=http://127.0.0.1:8081] [--profile sens=http://127.0.0.1:8082]

Needs nothing but the standard library.
"""
from __future__ import annotations

import argparse
import fnmatch
import importlib.util
import json
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from kit.engine import Engine, Server  # noqa: E402
from kit.world import prepare  # noqa: E402


def load(split):
    folder = HERE / "cases" / split
    if not folder.is_dir():
        sys.exit("no cases for the split %r here" % split)
    cases, world = [], None
    for f in sorted(folder.glob("*.py")):
        if f.name.startswith("__"):
            continue
        spec = importlib.util.spec_from_file_location("cases_%s_%s" % (split, f.stem), f)
        m = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(m)
        if f.stem == "world":
            world = m.WORLD
        cases += getattr(m, "CASES", [])
    names = [c.name for c in cases]
    dup = {n for n in names if names.count(n) > 1}
    if dup:
        sys.exit("two cases of one name: %s" % sorted(dup))
    return cases, world


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--base-url", required=True)
    ap.add_argument("--profile", action="append", default=[], metavar="NAME=URL", help="a second server, set up differently (see README)")
    ap.add_argument("--cases", default="public")
    ap.add_argument("--only", help="globs on case names, separated by commas")
    ap.add_argument("--no-world", action="store_true", help="users and runs exist already")
    ap.add_argument("--out", required=True)
    ap.add_argument("--patience", type=float, default=300, help="seconds to wait, at most, for runs to finish (default 300)")
    ap.add_argument("-v", "--verbose", action="store_true")
    a = ap.parse_args()
    servers = {"main": Server(a.base_url)}
    for p in a.profile:
        n, u = p.split("=", 1)
        servers[n] = Server(u)
    t0 = time.monotonic()
    out = []
    skipped = []
    for split in [a.cases]:
        cases, world = load(split)
        eng = Engine(servers, world.get("vars"), a.verbose, a.patience)
        if not a.no_world:
            prepare(eng, world, a.patience)
        t1 = time.monotonic()
        for c in cases:
            if a.only and not any(fnmatch.fnmatch(c.name, g) for g in a.only.split(",")):
                continue
            if c.profile not in servers:
                skipped.append(c.name)
                continue
            eng.run(c)
        for r in eng.records:
            r["split"] = split
        out += eng.records
        print("%s: %d cases, %d steps, %.0f s" % (split, len({r["case"] for r in eng.records}), sum(r["op"] != "(wait)" for r in eng.records), time.monotonic() - t1))
    Path(a.out).write_text(json.dumps({"kit": 1, "cases": a.cases, "skipped": skipped, "records": out}, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    print("wrote %d records after %.0f s; %d cases skipped" % (len(out), time.monotonic() - t0, len(skipped)))


if __name__ == "__main__":
    main()
