"""Paging, forms, tokens, media types, bodies: the small pure parts of the API."""

from datetime import UTC, datetime

import pytest

from tradewind.api.bodies import iso, naive, time_delta
from tradewind.api.forms import Field, load
from tradewind.api.negotiation import choose
from tradewind.api.operations import V1
from tradewind.api.paging import check_dag_fields, check_run_fields, loose_page_of, order_of, page_of, same
from tradewind.api.problems import Problem
from tradewind.api.tokens import BadSignature, sign, unsign
from tradewind.storage.pages import Order, Page


@pytest.mark.parametrize(
    ("query", "page"),
    [
        ({}, Page(7, 0)),
        ({"limit": 100}, Page(7, 0)),
        ({"limit": 3, "offset": 2}, Page(3, 2)),
        ({"limit": 0}, Page(4, 0)),
    ],
)
def test_a_page_is_cut_and_zero_is_the_fallback(query, page):
    assert page_of(query, maximum=7, fallback=4) == page


def test_a_negative_limit_says_so_in_the_title():
    for read in (lambda: page_of({"limit": -1}, maximum=1, fallback=1), lambda: loose_page_of({"limit": -1})):
        with pytest.raises(Problem) as caught:
            read()
        assert caught.value.title == "Page limit must be a positive integer"
        assert caught.value.detail is None


def test_task_instance_lists_know_no_maximum_and_an_empty_page():
    assert loose_page_of({"limit": 500}) == Page(500, 0)
    assert loose_page_of({"limit": 0}) == Page(0, 0)


def test_orders_strip_any_number_of_signs():
    allowed = same("id", name="pool")
    assert order_of("--name", allowed, "id") == Order("pool", True)
    assert order_of(None, allowed, "id") == Order("id")
    with pytest.raises(Problem, match="Ordering with 'bogus' is disallowed"):
        order_of("-bogus", allowed, "id")


def test_roles_and_users_refuse_descending_orders():
    with pytest.raises(Problem, match="Ordering with '-name' is disallowed"):
        order_of("-name", same("name"), "name", only_ascending=True)


def test_unknown_fields_have_their_own_titles():
    with pytest.raises(Problem) as caught:
        check_dag_fields(["dag_id", "bogus"], {"dag_id"}, "DAGSchema", "DAGCollectionSchema error")
    assert caught.value.detail == "Invalid fields for <DAGSchema(many=False)>: OrderedSet(['bogus'])."
    assert caught.value.title == "DAGCollectionSchema error"
    with pytest.raises(Problem, match="bogus not in DAGRunSchema"):
        check_run_fields(["bogus"], {"state"}, "DAGRunSchema error")


FORM = (Field("name", required=True), Field("note", most=3), Field("at", is_moment=True))


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({}, "{'name': ['Missing data for required field.']}"),
        ({"name": "a", "x": 1}, "{'x': ['Unknown field.']}"),
        ({"x": 1, "note": "long"}, None),
        ({"name": "a", "at": "never"}, "{'at': ['Not a valid datetime.']}"),
        ({"name": "a", "at": "2024-01-01T00:00:00"}, "Naive datetime is disallowed"),
    ],
)
def test_forms_complain_as_the_original_does(body, detail):
    expected = detail or (
        "{'name': ['Missing data for required field.'], 'note': ['Longer than maximum length 3.'], "
        "'x': ['Unknown field.']}"
    )
    with pytest.raises(Problem) as caught:
        load(body, FORM)
    assert caught.value.detail == expected


def test_a_form_gives_moments_with_the_offset_that_was_sent():
    assert load({"name": "a", "at": "2024-01-01T03:00:00+03:00"}, FORM)["at"].isoformat() == "2024-01-01T03:00:00+03:00"


def test_tokens_are_only_ours():
    token = sign({"log_pos": 3}, "key")
    assert unsign(token, "key") == {"log_pos": 3}
    for forged in (token + "x", "garbage", "", sign({"log_pos": 3}, "other")):
        with pytest.raises(BadSignature):
            unsign(forged, "key")


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("text/plain", "text/plain"),
        ("application/json", "application/json"),
        ("*/*", "text/plain"),
        ("application/json;q=0.1, text/plain", "text/plain"),
        ("text/plain;q=0, application/*", "application/json"),
        ("image/png", None),
        (None, None),
    ],
)
def test_the_best_offered_type_is_chosen(accept, chosen):
    assert choose(accept, ("text/plain", "application/json")) == chosen


def test_dates_and_durations_have_their_forms():
    moment = datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert iso(moment) == "2024-01-02T03:04:05.000006+00:00"
    assert iso(moment.replace(microsecond=0)) == "2024-01-02T03:04:05+00:00"
    assert naive(moment) == "2024-01-02T03:04:05.000006"
    assert time_delta(90061.5) == {"__type": "TimeDelta", "days": 1, "seconds": 3661, "microseconds": 500000}


def test_every_operation_of_the_reference_is_in_the_table():
    assert len({operation.id for operation in V1}) == len(V1) == 89
    assert len({(operation.method, operation.path) for operation in V1}) == 89
