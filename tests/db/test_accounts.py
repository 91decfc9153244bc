"""Accounts: made once, known by hash alone, gone when told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from geodata.commands import accounts
from geodata.errors import BadArgument, NotFound
from geodata.types import ROLES


def test_the_first_five_are_made_once(empty_db: Engine) -> None:
    with empty_db.begin() as c:
        made = accounts.make_first(c)
        assert [name for name, _ in made] == list(ROLES)
        assert len({password for _, password in made}) == 5
        assert accounts.make_first(c) == []
        for name, password in made:
            found = accounts.verify(c, name, password)
            assert found is not None
            assert (found.name, found.role) == (name, name)
        stored = str(c.execute(text("select * from accounts")).all())
        assert not any(password in stored for _, password in made)


def test_a_wrong_password_and_an_unknown_name_are_nobody(empty_db: Engine) -> None:
    with empty_db.begin() as c:
        password = accounts.add(c, "li", "planner")
        assert accounts.verify(c, "li", password + "x") is None
        assert accounts.verify(c, "li", "") is None
        assert accounts.verify(c, "nobody", password) is None
        assert accounts.hash_password("same") != accounts.hash_password("same")


def test_sessions_and_tokens_end(empty_db: Engine) -> None:
    with empty_db.begin() as c:
        password = accounts.add(c, "li", "commander")
        account = accounts.verify(c, "li", password)
        assert account is not None
        session, other, token = (
            accounts.open_session(c, account),
            accounts.open_session(c, account),
            accounts.make_token(c, "li"),
        )
        assert accounts.of_session(c, session) == accounts.of_token(c, token) == account
        assert accounts.of_session(c, token) is None
        assert accounts.of_token(c, session) is None
        accounts.close_session(c, session)
        assert accounts.of_session(c, session) is None
        assert accounts.of_session(c, other) == account
        short = accounts.open_session(c, account, timedelta(seconds=-1))
        assert accounts.of_session(c, short) is None
        accounts.disable(c, "li")
        assert accounts.of_session(c, other) is None
        assert accounts.of_token(c, token) is None
        assert accounts.verify(c, "li", password) is None


def test_a_reset_lets_in_with_the_new_password_alone(empty_db: Engine) -> None:
    with empty_db.begin() as c:
        old = accounts.add(c, "li", "operator")
        token = accounts.make_token(c, "li")
        accounts.disable(c, "li")
        new = accounts.reset(c, "li")
        assert accounts.verify(c, "li", old) is None
        assert accounts.verify(c, "li", new) is not None
        assert accounts.of_token(c, token) is None


@pytest.mark.parametrize(("name", "role", "area", "fault"), [
    ("Li Ming", "admin", None, "name"), ("x", "admin", None, "name"), ("li", "king", None, "role"),
    ("li", "planner", "nowhere", "area"), ("taken", "admin", None, "name"),
])  # fmt: skip
def test_what_cannot_be_is_refused_by_name(
    empty_db: Engine, name: str, role: str, area: str | None, fault: str
) -> None:
    with empty_db.begin() as c:
        accounts.add(c, "taken", "admin")
        with pytest.raises(BadArgument) as refused:
            accounts.add(c, name, role, area)
        assert refused.value.name == fault


def test_nobody_of_that_name(empty_db: Engine) -> None:
    with empty_db.begin() as c:
        for act in (accounts.reset, accounts.disable, accounts.make_token):
            with pytest.raises(NotFound):
                act(c, "ghost")
