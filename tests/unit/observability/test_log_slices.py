"""Parts of logs by bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradewind.observability.log_slices import ErrorPlaces, around, head, line_number, merged, place_of_line, tail

STAMP = "[2024-01-01T00:00:{second:02}.000+0000] {{x.py:1}} {level} - {text}\n"


def a_line(second: int, text: str, level: str = "INFO") -> str:
    return STAMP.format(second=second, level=level, text=text)


def written(folder: Path, *lines: str, name: str = "a.log") -> Path:
    path = folder / name
    path.write_text("".join(lines))
    return path


def test_a_part_ends_with_a_whole_line_and_the_next_goes_on(tmp_path: Path) -> None:
    path = written(tmp_path, "one\n", "two\n", "three\n")
    first = head(path, 0, 9)
    assert first is not None
    assert (first.text, first.offset, first.next, first.size) == ("one\ntwo\n", 0, 8, 14)
    rest = head(path, first.next, 100)
    assert rest is not None
    assert (rest.text, rest.next) == ("three\n", 14)


def test_a_line_that_is_longer_than_the_part_still_gets_on(tmp_path: Path) -> None:
    path = written(tmp_path, "x" * 100)
    part = head(path, 0, 10)
    assert part is not None
    assert (part.text, part.next) == ("x" * 10, 10)


def test_the_tail_begins_with_a_whole_line(tmp_path: Path) -> None:
    part = tail(written(tmp_path, "one\n", "two\n", "three\n"), 8)
    assert part is not None
    assert (part.text, part.offset, part.next) == ("three\n", 8, 14)


def test_an_offset_beyond_the_end_gives_nothing(tmp_path: Path) -> None:
    part = head(written(tmp_path, "one\n"), 99, 10)
    assert part is not None
    assert (part.text, part.offset, part.next) == ("", 4, 4)


def test_no_file_is_no_part(tmp_path: Path) -> None:
    assert head(tmp_path / "gone", 0, 1) is tail(tmp_path / "gone", 1) is None
    assert ErrorPlaces().of(tmp_path / "gone") is None


@pytest.mark.parametrize(
    "line", [a_line(2, "boom", "ERROR"), a_line(2, "boom", "CRITICAL"), "Traceback (most recent call last):\n"]
)
def test_the_first_error_is_found_at_its_lines_beginning(tmp_path: Path, line: str) -> None:
    before = a_line(1, "fine")
    path = written(tmp_path, before, line, a_line(3, "again", "ERROR"))
    place = ErrorPlaces().of(path)
    assert place == len(before)
    part = around(path, place, 10_000)
    assert part is not None
    assert part.text.startswith(before)


def test_a_growing_log_is_not_read_from_the_start_again(tmp_path: Path) -> None:
    places = ErrorPlaces()
    path = written(tmp_path, a_line(1, "fine"))
    assert places.of(path) is None
    size = path.stat().st_size
    with path.open("a") as file:
        file.write(a_line(2, "boom", "ERROR"))
    assert places.of(path) == size
    path.write_text("new\n")
    assert places.of(path) is None


@pytest.mark.parametrize("before", [0, 1024 * 1024 - 20, 1024 * 1024 - 1, 3 * 1024 * 1024])
def test_an_error_far_inside_or_across_two_pieces_is_found(tmp_path: Path, before: int) -> None:
    filler = ("x" * 99 + "\n") * (before // 100) + "y" * (before % 100)
    head_of_line = len(filler) - before % 100
    path = written(tmp_path, filler, a_line(1, "boom", "ERROR"))
    assert ErrorPlaces().of(path) == head_of_line


def test_an_empty_log_has_no_error(tmp_path: Path) -> None:
    assert ErrorPlaces().of(written(tmp_path)) is None


def test_several_logs_become_one_by_time(tmp_path: Path) -> None:
    first = written(tmp_path, a_line(1, "a1"), "  more of a1\n", a_line(4, "a4"))
    second = written(tmp_path, a_line(2, "b2"), name="b.log")
    lines = merged([first, second, tmp_path / "gone"], 0, 10)
    assert [(line.source, line.text.rpartition(" - ")[2]) for line in lines] == [
        (0, "a1"),
        (0, "  more of a1"),
        (1, "b2"),
        (0, "a4"),
    ]
    assert [line.source for line in merged([first, second], 2, 1)] == [1]


def test_lines_have_numbers_and_numbers_have_places(tmp_path: Path) -> None:
    path = written(tmp_path, "one\n", "two\n", "three\n", "four")
    places = [0, 4, 8, 14]
    assert [line_number(path, place) for place in places] == [1, 2, 3, 4]
    assert [place_of_line(path, number) for number in (1, 2, 3, 4)] == places
    assert place_of_line(path, 99) == 14
    assert (line_number(tmp_path / "none", 3), place_of_line(tmp_path / "none", 3)) == (None, None)


def test_numbers_are_right_over_the_pieces_in_which_lines_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradewind.observability.log_slices._COUNTED", 7)
    lines = [f"{'x' * (number % 5)}{number}\n" for number in range(40)]
    path = written(tmp_path, *lines)
    places = [len("".join(lines[:number])) for number in range(40)]
    assert [place_of_line(path, number + 1) for number in range(40)] == places
    assert [line_number(path, place) for place in places] == list(range(1, 41))
    assert place_of_line(path, 41) == places[-1]
