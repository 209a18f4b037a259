"""The built interface as answers: boot data that cannot break out of its script, files from nowhere else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tradewind.web.static import Site, filled, script_safe

NASTY = '</script><script>alert(1)</script><!-- & \u2028 "'


@pytest.fixture
def site(tmp_path: Path) -> Site:
    dist = tmp_path / "dist"
    (dist / "static").mkdir(parents=True)
    (dist / "index.html").write_text('<html><head><title>t</title></head><body><script src="./static/a.js"></script>')
    (dist / "static/a-1.js").write_text("plain")
    (dist / "static/a-1.js.br").write_bytes(b"brotli")
    (dist / "static/a-1.js.gz").write_bytes(b"gzip")
    (dist / "favicon.svg").write_text("<svg/>")
    (dist / ".stamp").write_text("hash")
    (tmp_path / "secret.txt").write_text("secret")
    return Site(dist)


def boot_in(page: str) -> object:
    found = re.search(r'<script type="application/json" id="boot">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_no_text_ends_the_script_of_the_boot_data() -> None:
    page = filled('<head><script type="application/json" id="boot">{}</script></head>', {"name": NASTY}, "/")
    assert boot_in(page) == {"name": NASTY}
    assert page.count("</script>") == 1
    assert "<!--" not in script_safe(NASTY)


def test_base_and_boot_are_put_in_their_places() -> None:
    template = '<head><base href="/"><script type="application/json" id="boot">{}</script></head>'
    page = filled(template, {"a": r"\1"}, '/x"y/')
    assert '<base href="/x&quot;y/">' in page
    assert page.count("<base") == 1
    assert boot_in(page) == {"a": r"\1"}


def test_base_and_boot_come_before_all_else_when_the_page_has_no_place_for_them(site: Site) -> None:
    page = site.page({"a": 1}, "/air/").decode()
    assert page.startswith('<html><head><base href="/air/"><script type="application/json" id="boot">')


def test_a_page_says_how_to_build_when_there_is_no_build(tmp_path: Path) -> None:
    page = Site(tmp_path / "absent").page({}, "/air/").decode()
    assert "npm run build" in page
    assert '"/air/api/v1/dags"' in page


@pytest.mark.parametrize(
    ("accepted", "content"),
    [("gzip, br", b"brotli"), ("gzip", b"gzip"), ("", b"plain"), ("br;q=0, gzip;q=0.5", b"gzip")],
)
def test_compressed_neighbours_are_served_to_those_who_accept_them(site: Site, accepted: str, content: bytes) -> None:
    found = site.file("static/a-1.js", accepted)
    assert found is not None
    assert found[0] == content
    assert found[1]["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in found[1]["cache-control"]


def test_only_files_with_the_content_in_their_name_are_kept_for_ever(site: Site) -> None:
    found = site.file("favicon.svg", "")
    assert found is not None
    assert found[1]["content-type"] == "image/svg+xml"
    assert "immutable" not in found[1]["cache-control"]


@pytest.mark.parametrize(
    "path", ["../secret.txt", "static/../../secret.txt", "/etc/passwd", ".stamp", "index.html", "static", "", "a\\b"]
)
def test_nothing_else_is_served(site: Site, path: str) -> None:
    assert site.file(path, "") is None
