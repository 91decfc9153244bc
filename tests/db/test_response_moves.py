"""People who move the same thing at once, rows that stay, and what is told to whom."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from geodata import plans
from geodata.commands import alerts, dispatch, incident_book, incidents
from geodata.errors import BadArgument, Conflict, Denied, FileRefused, Refused
from geodata.profile import Profile
from geodata.queries import alerts as alert_queries, dispatches, incidents as incident_queries
from geodata.store import notices
from geodata.store.cluster import Cluster
from geodata.store.db import transaction
from tests.db.response_town import CELL, ELSEWHERE, account_of, centre, drill, raised, response_town


@pytest.fixture(scope="module")
def engine(cluster: Cluster, gusu: Profile) -> Iterator[Engine]:
    yield from response_town(cluster, gusu, "response_moves")


@pytest.fixture
def c(engine: Engine) -> Iterator[Connection]:
    """A transaction that is undone."""
    with engine.connect() as connection, connection.begin() as whole:
        yield connection
        whole.rollback()


def happened(c: Connection, after: int) -> list[tuple[str, str]]:
    return [(h.kind, h.move) for h in notices.happened_after(c, after)]


@pytest.mark.parametrize("way", ["acknowledge", "open_incident"])
def test_of_two_at_once_one_wins_and_the_other_is_told(engine: Engine, gusu: Profile, way: str) -> None:
    with transaction(engine) as c:
        key = raised(c, f"race:{way}")
        people = [account_of(c, name) for name in ("chief", "deputy")]
    gate, told = threading.Barrier(2), {}

    def press(n: int) -> None:
        try:
            with transaction(engine) as c:
                gate.wait(5)
                if way == "acknowledge":
                    alerts.move(c, gusu, people[n], key, way, revision=1)
                else:
                    incidents.open_from_alert(c, gusu, people[n], key, revision=1)
            told[n] = None
        except Conflict as fault:
            told[n] = fault

    threads = [threading.Thread(target=press, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    winner = next(n for n, fault in told.items() if fault is None)
    loser = told[1 - winner]
    assert isinstance(loser, Conflict)
    assert (loser.by, loser.move) == (people[winner].name, way)
    with engine.connect() as c:
        moves = c.execute(
            text("select move from alert_moves where alert_id = :id order by id"), {"id": key}
        ).scalars()
        assert list(moves) == ["raise", way]


def test_many_at_once_leave_one_winner_a_round(engine: Engine, gusu: Profile) -> None:
    """A whole life pressed by four at once: each step happens once, nothing waits for ever."""
    with transaction(engine) as c:
        key = raised(c, "race:many")
        people = [account_of(c, name) for name in ("chief", "deputy", "here", "admin")]
        opened = incidents.open_from_alert(c, gusu, people[0], key).id
    won: list[str] = []

    def press(n: int) -> None:
        for move in ("verify", "dispatch", "handle", "resolve"):
            try:
                with transaction(engine) as c:
                    revision = c.execute(
                        text("select revision from incidents where id = :id"), {"id": opened}
                    ).scalar_one()
                    incidents.move(c, gusu, people[n], opened, move, revision=revision)
                won.append(move)
            except Refused:
                pass

    threads = [threading.Thread(target=press, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with engine.connect() as c:
        written = list(
            c.execute(
                text("select move from incident_moves where incident_id = :id order by id"), {"id": opened}
            ).scalars()
        )
        ends = c.execute(text("select state from alerts where id = :id"), {"id": key}).scalar_one()
    assert sorted(written) == sorted(["open", *won])
    assert len(set(written)) == len(written)
    assert (written[-1], ends) == ("resolve", "dealt_with")


def test_what_the_rules_do_meanwhile_is_no_conflict(c: Connection, gusu: Profile) -> None:
    key, chief = raised(c, "grown"), account_of(c, "chief")
    c.execute(text("update alerts set revision = 2, level = 'danger' where id = :id"), {"id": key})
    c.execute(text("""insert into alert_moves (alert_id, move, from_state, to_state, level)
                      values (:id, 'grow', 'raised', 'raised', 'danger')"""), {"id": key})  # fmt: skip
    assert alerts.move(c, gusu, chief, key, "acknowledge", revision=1) == (3, "acknowledged")
    with pytest.raises(Conflict, match="chief was first: acknowledge"):
        alerts.move(c, gusu, account_of(c, "deputy"), key, "false_alarm", revision=2)
    with pytest.raises(Refused, match="cannot acknowledge"):
        alerts.move(c, gusu, chief, key, "acknowledge", revision=3)


def test_one_that_cleared_meanwhile_says_so(c: Connection, gusu: Profile) -> None:
    key = raised(c, "gone")
    c.execute(
        text("update alerts set revision = 2, state = 'cleared', closed_at = now() where id = :id"),
        {"id": key},
    )
    c.execute(text("""insert into alert_moves (alert_id, move, from_state, to_state, level)
                      values (:id, 'clear', 'raised', 'cleared', 'watch')"""), {"id": key})  # fmt: skip
    with pytest.raises(Conflict, match="the system was first: clear"):
        alerts.move(c, gusu, account_of(c, "chief"), key, "acknowledge", revision=1)


@pytest.mark.parametrize(
    "table", ["alert_moves", "incident_moves", "incident_notes", "dispatch_moves", "shift_log"]
)
@pytest.mark.parametrize("change", ["update {} set at = now()", "delete from {}"])
def test_rows_stay_as_they_were_written(engine: Engine, gusu: Profile, table: str, change: str) -> None:
    with engine.connect() as c:
        chief = account_of(c, "chief")
        made = incidents.open_from_alert(c, gusu, chief, raised(c, f"stay:{table}"))
        incident_book.note(c, gusu, chief, made.id, "x")
        dispatch.send(c, gusu, chief, made.id, c.execute(text("select min(id) from teams")).scalar_one(), "x")
        c.execute(text("insert into shift_log (body) values ('x')"))
        with pytest.raises(IntegrityError, match="added, never changed"):
            c.execute(text(change.format(table)))


def test_the_first_team_sent_and_the_first_there_move_the_incident_on(c: Connection, gusu: Profile) -> None:
    chief, here = account_of(c, "chief"), account_of(c, "here")
    start = notices.last_number(c)
    made = incidents.open_from_alert(c, gusu, chief, raised(c, "moved on"))
    team = c.execute(text("select id from teams where code = 'near_police'")).scalar_one()
    sent = dispatch.send(c, gusu, chief, made.id, team, "去北口")
    assert dispatch.deliver(c, account_of(c, "local")) == []
    assert dispatch.deliver(c, here) == [sent.id]
    assert dispatch.deliver(c, here) == []
    dispatch.accept(c, gusu, here, sent.id)
    dispatch.arrive(c, gusu, here, sent.id)
    dispatch.done(c, gusu, here, sent.id)
    whole = incident_queries.incident(c, gusu, made.id)
    assert whole.row.state == "handling"
    row = whole.dispatches[0]
    times = [row.sent_at, row.delivered_at, row.answered_at, row.arrived_at, row.done_at]
    assert None not in times
    assert times == sorted(times)  # type: ignore[type-var]
    assert happened(c, start) == [
        ("alert", "open_incident"), ("incident", "open"), ("dispatch", "send"), ("incident", "dispatch"),
        ("dispatch", "deliver"), ("dispatch", "accept"), ("dispatch", "arrive"), ("incident", "handle"),
        ("dispatch", "done"),
    ]  # fmt: skip


def test_a_desk_sees_teams_without_an_account_in_its_area(c: Connection, gusu: Profile) -> None:
    chief = account_of(c, "chief")
    team = c.execute(text("select id from teams where code = 'near_drone'")).scalar_one()
    made = incidents.open_from_alert(c, gusu, chief, raised(c, "desk"))
    sent = dispatch.send(c, gusu, chief, made.id, team, "看一看")

    def inbox(name: str) -> list[int]:
        who = account_of(c, name)
        rows = dispatches.inbox(c, gusu, who.id, desk_of=who.area_code, is_desk=who.role == "commander")
        return [row.id for row in rows]

    assert inbox("chief") == [sent.id] == inbox("here")
    assert inbox("local") == [] == inbox("planner")
    with pytest.raises(Denied):
        dispatch.accept(c, gusu, account_of(c, "local"), sent.id)
    with pytest.raises(Denied):
        dispatch.accept(c, gusu, account_of(c, "planner"), sent.id)


def test_resolving_deals_with_its_alert_and_tells_both(c: Connection, gusu: Profile) -> None:
    chief = account_of(c, "chief")
    key = raised(c, "resolved")
    made = incidents.open_from_alert(c, gusu, chief, key, title="观前街人群过密")
    before = notices.last_number(c)
    incidents.move(c, gusu, chief, made.id, "resolve", revision=1, why="已疏散")
    told = notices.happened_after(c, before)
    assert [(h.kind, h.move, h.area_code) for h in told] == [
        ("incident", "resolve", CELL),
        ("alert", "deal", CELL),
    ]
    card = alert_queries.alert(c, gusu, key)
    assert (card.state, card.incident_number, card.moves[-1].by) == ("dealt_with", made.number, "chief")
    with pytest.raises(Refused, match="needs its text"):
        incidents.move(c, gusu, chief, made.id, "review", revision=2)
    with pytest.raises(BadArgument):
        incidents.review(c, gusu, chief, made.id, "  ")
    incidents.review(c, gusu, chief, made.id, "北口早设岗，13812345678")
    whole = incident_queries.incident(c, gusu, made.id)
    assert whole.row.review == "北口早设岗，***"
    assert {item.item for item in whole.due} == {item.key for item in whole.plan.checklist}  # type: ignore[union-attr]


def test_numbers_count_the_day_and_drills_apart(c: Connection, gusu: Profile) -> None:
    chief = account_of(c, "chief")
    day = f"{gusu.today():%Y%m%d}"
    first = incidents.open_from_alert(c, gusu, chief, raised(c, "n1")).number
    second = incidents.open_from_alert(c, gusu, chief, raised(c, "n2")).number
    assert (first[:9], int(second[9:]) - int(first[9:])) == (f"{day}-", 1)
    drilled = incidents.open_from_alert(c, gusu, chief, raised(c, "n3", drill_id=drill(c)))
    assert drilled.number == f"D{day}-001"
    assert incident_queries.brief(c, gusu, drilled.id).drill_id is not None
    assert notices.happened_after(c, notices.last_number(c) - 1)[0].drill_id is not None


def test_by_hand_at_a_point(c: Connection, gusu: Profile) -> None:
    chief = account_of(c, "chief")
    lon, lat = centre(c, CELL)
    made = incidents.open_at_point(
        c, gusu, chief, kind="crowd", title="排队过长 13812345678", lon=lon, lat=lat
    )
    row = incident_queries.brief(c, gusu, made.id)
    assert (row.title, row.area_code) == ("排队过长 ***", CELL)
    assert plans.load_plans()[row.plan_key or ""].kind == "crowd"
    with pytest.raises(Denied):
        incidents.open_at_point(c, gusu, account_of(c, "local"), kind="crowd", title="x", lon=lon, lat=lat)
    with pytest.raises(BadArgument):
        incidents.open_at_point(c, gusu, chief, kind="crowd", title="x", lon=100, lat=31)
    silent = raised(c, "feed_silence:x", area_code=None, rule="feed_silence")
    with pytest.raises(Refused, match="of no place"):
        incidents.open_from_alert(c, gusu, chief, silent)


def test_check_list_and_roles(c: Connection, gusu: Profile) -> None:
    chief = account_of(c, "chief")
    made = incidents.open_from_alert(c, gusu, chief, raised(c, "book"))
    incident_book.check(c, gusu, chief, made.id, "look", done=True)
    incident_book.check(c, gusu, chief, made.id, "look", done=False)
    with pytest.raises(BadArgument):
        incident_book.check(c, gusu, chief, made.id, "nothing", done=True)
    team = c.execute(text("select min(id) from teams")).scalar_one()
    for _ in range(2):
        incident_book.assign(c, gusu, chief, made.id, "order", team_id=team)
    incident_book.assign(c, gusu, chief, made.id, "look", account_name="deputy")
    with pytest.raises(BadArgument):
        incident_book.assign(c, gusu, chief, made.id, "look")
    whole = incident_queries.incident(c, gusu, made.id)
    assert [(tick.item, tick.done, tick.by) for tick in whole.checks] == [("look", False, "chief")]
    assert [(p.role, p.account or p.team) for p in whole.people] == [
        ("lead", "chief"), ("order", "near_police"), ("look", "deputy"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"%PDF-1.7", "application/pdf"),
        ("文字\n".encode(), "text/plain"),
    ],
)
def test_files_are_what_they_hold(content: bytes, kind: str) -> None:
    assert incident_book.media_type_of(content) == kind


@pytest.mark.parametrize(
    "content", [b"", b"\x7fELF\x00", b"PK\x03\x04", b"\xff\xfe\x41\x00", b"%PDF-" + b"0" * 2**24]
)
def test_other_files_stay_out(content: bytes) -> None:
    with pytest.raises(FileRefused):
        incident_book.media_type_of(content)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("C:\\a\\x.exe", "x.png"),
        ("../../etc/passwd", "passwd.png"),
        ("\r\n\x00", "file.png"),
        ("a" * 300, "a" * 80 + ".png"),
    ],
)
def test_names_of_files_are_harmless(name: str, told: str) -> None:
    assert incident_book.safe_name(name, "image/png") == told


def test_only_the_area_and_its_teams_write(c: Connection, gusu: Profile) -> None:
    chief, local = account_of(c, "chief"), account_of(c, "local")
    made = incidents.open_from_alert(c, gusu, chief, raised(c, "writers"))
    with pytest.raises(Denied):
        incident_book.note(c, gusu, local, made.id, "x")
    team = c.execute(text("select id from teams where code = 'far_police'")).scalar_one()
    dispatch.send(c, gusu, chief, made.id, team, "增援")
    incident_book.note(c, gusu, local, made.id, "在路上")  # its team was sent there
    with pytest.raises(Denied):
        alerts.move(c, gusu, local, raised(c, "other"), "acknowledge", revision=1)
    alerts.move(c, gusu, local, raised(c, "own", area_code=ELSEWHERE), "acknowledge", revision=1)
