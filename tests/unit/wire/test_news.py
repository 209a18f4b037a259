"""What threads tell a loop."""

import os
import select
import threading

from tradewind.wire.news import News


def is_readable(news: News) -> bool:
    return bool(select.select([news], [], [], 0)[0])


def test_it_is_readable_while_there_is_something_and_hands_each_name_over_once() -> None:
    news = News()
    assert not is_readable(news)
    news.tell(["a", "b"])
    news.tell(["b"])
    assert is_readable(news)
    assert news.drain() == {"a", "b"}
    assert not is_readable(news)
    assert news.drain() == set()
    news.close()


def test_a_name_told_by_another_thread_wakes_the_loop() -> None:
    news = News()
    thread = threading.Thread(target=news.tell, args=(["dag"],))
    thread.start()
    assert select.select([news], [], [], 10)[0]
    assert news.drain() == {"dag"}
    thread.join()
    news.close()


def test_more_than_a_pipe_holds_blocks_nobody() -> None:
    news = News()
    names = [f"dag_{number}" for number in range(70_000)]
    for name in names:
        news.tell([name])
    assert news.drain() == set(names)
    assert not is_readable(news)
    news.close()


def test_after_the_end_a_thread_that_is_still_at_it_writes_to_no_descriptor() -> None:
    news = News()
    news.close()
    ours, theirs = os.pipe()  # likely the same numbers again: a late write would end up here
    news.tell(["late"])
    news.close()
    assert not select.select([ours], [], [], 0)[0]
    os.close(ours)
    os.close(theirs)
