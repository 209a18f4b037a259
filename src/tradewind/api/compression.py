"""Answers to browsers, compressed. Programs get them as they always were."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import replace

from .call import Answer

SMALL = 1024
"""Bytes that are not worth it."""
LEVEL = 5


def accepts(headers: Mapping[str, str]) -> bool:
    """Whether the client takes gzip."""
    return "gzip" in headers.get("accept-encoding", "")


def packed(answer: Answer, headers: Mapping[str, str]) -> Answer:
    """The answer, compressed when that is of use and the client takes it."""
    content = answer.content
    is_small = not isinstance(content, bytes) or len(content) < SMALL
    if is_small or answer.stream is not None or "content-encoding" in answer.headers or not accepts(headers):
        return answer
    more = {"content-encoding": "gzip", "vary": "accept-encoding, authorization, cookie"}
    return replace(answer, content=gzip.compress(content, LEVEL, mtime=0), headers={**answer.headers, **more})
