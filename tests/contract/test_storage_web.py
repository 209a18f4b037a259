"""Log-ins, answers to repeated requests, and pages by position, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from contract.storage_rows import a_dag, a_run
from sqlalchemy import func, select

from tradewind.model.records import Pool, RunKey
from tradewind.storage import log_templates, login_sessions, request_answers, vault_listings
from tradewind.storage.database import Database, Transaction
from tradewind.storage.login_sessions import LoginSessionRow
from tradewind.storage.pages import Order, Page, Seek
from tradewind.storage.tables_runs import LOG_TEMPLATE


def a_session(tx: Transaction, digest: str, *, hours: int = 1) -> LoginSessionRow:
    user = tx.users.get("ann") or tx.users.create(username="ann", email="ann@example.com")
    row = LoginSessionRow(
        digest=digest,
        user_id=user.id,
        password_mark="mark",
        created_at=tx.now,
        expires_at=tx.now + timedelta(hours=hours),
    )
    login_sessions.add(tx, row)
    return row


def test_a_log_in_is_kept_until_it_is_removed(database: Database) -> None:
    with database.begin() as tx:
        row = a_session(tx, "a")
        assert login_sessions.get(tx, "a") == row
        assert login_sessions.remove(tx, "a")
        assert login_sessions.get(tx, "a") is None
        assert not login_sessions.remove(tx, "a")


def test_expired_log_ins_go_with_the_next_one_and_all_go_with_their_user(database: Database) -> None:
    with database.begin() as tx:
        a_session(tx, "old", hours=-1)
        a_session(tx, "new")
        assert login_sessions.get(tx, "old") is None
        assert tx.users.delete("ann")
        assert login_sessions.get(tx, "new") is None


def test_the_first_request_of_a_key_claims_it(database: Database) -> None:
    with database.begin() as tx:
        long_ago = tx.now - timedelta(hours=24)
        assert request_answers.claim(tx, "k", "asked", forget_before=long_ago) is None
        request_answers.keep(tx, "k", status=200, answer="answer")
    with database.begin() as tx:
        row = request_answers.claim(tx, "k", "other", forget_before=long_ago)
        assert row is not None
        assert (row.request_digest, row.status, row.answer) == ("asked", 200, "answer")
        assert request_answers.claim(tx, "k", "other", forget_before=tx.now + timedelta(seconds=1)) is None


def test_a_claim_that_is_rolled_back_leaves_nothing(database: Database) -> None:
    with pytest.raises(LookupError), database.begin() as tx:
        request_answers.claim(tx, "k", "asked", forget_before=tx.now)
        raise LookupError
    with database.begin() as tx:
        assert request_answers.claim(tx, "k", "asked", forget_before=tx.now) is None


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("column", ["id", "pool", "slots", "description"])
def test_pages_by_position_are_the_list(database: Database, column: str, descending: bool) -> None:
    with database.begin() as tx:
        for number in range(5):
            text = None if number % 2 else f"text {number // 4}"
            tx.pools.create(Pool(name=f"p{number}", slots=number // 2, description=text))
    order = Order(column, descending)
    found: list[str] = []
    after = None
    with database.read() as tx:
        whole = [row.name for row in vault_listings.pools(tx, Page(), order)[0]]
        while True:
            seek = Seek(after)
            found += [row.name for row in vault_listings.pools(tx, Page(2, 0, seek), order)[0]]
            if seek.last is None:
                break
            after = seek.last
    assert found == whole
    assert len(found) == 6


def test_a_run_keeps_the_template_of_log_names_that_it_was_created_with(database: Database) -> None:
    def newest(number: int) -> str | None:
        with database.begin() as tx:
            return a_run(tx, number).log_template

    with database.begin() as tx:
        a_dag(tx)
    log_templates.use(database, "as ever", default="as ever")
    assert newest(0) is None
    for number, template in enumerate(("one", "other", "other", "as ever"), 1):
        log_templates.use(database, template, default="as ever")
        assert newest(number) == template
    with database.read() as tx:
        kept = [run.log_template for number in range(5) if (run := tx.runs.get(RunKey("dag", f"run{number}")))]
        assert tx.connection.execute(select(func.count()).select_from(LOG_TEMPLATE)).scalar() == 3
    assert kept == [None, "one", "other", "other", "as ever"]
