"""Triggers that write down what a statement changed in tickets, whoever runs it, loads included."""

from __future__ import annotations

MOST_ROWS = 5_000  # of one statement; more are told as “too many”, and the cube is built anew
FUNCTION = """
CREATE OR REPLACE FUNCTION note_ticket_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM (SELECT FROM {rows} LIMIT {most} + 1) few) > {most} THEN
        INSERT INTO ticket_changes (n) VALUES (0);
        RETURN NULL;
    END IF;
    INSERT INTO ticket_changes (n, hex_r9, hex_r10, hex_r11, area_id, category_id, source_id, family, state, place,
                                received_at, due_at, on_time{closing})
    SELECT sum(n), r9, r10, r11, area_id, category_id, source_id, family, state, place, received_at, due_at, on_time{closing}
    FROM (SELECT n, area_id, category_id, source_id, family, state, place, received_at, due_at, closed_at <= due_at AS on_time{closing},
                 CASE WHEN place = 0 THEN hex_r9 END AS r9, CASE WHEN place = 0 THEN hex_r10 END AS r10,
                 CASE WHEN place = 0 THEN hex_r11 END AS r11
          FROM (SELECT *, CASE WHEN is_default_point THEN 1 WHEN location_quality IN ('area', 'none') THEN 2 ELSE 0 END
                          AS place FROM ({signed}) signed) placed) kinds
    GROUP BY r9, r10, r11, area_id, category_id, source_id, family, state, place, received_at, due_at, on_time{closing}
    HAVING sum(n) <> 0;
    RETURN NULL;
END $$
"""
COLUMNS = """hex_r9, hex_r10, hex_r11, area_id, category_id, source_id, family, state, received_at, due_at, closed_at,
             is_default_point, location_quality"""
MORE, LESS = f"SELECT 1 AS n, {COLUMNS} FROM fresh", f"SELECT -1 AS n, {COLUMNS} FROM gone"
KINDS = {
    "insert": ("fresh", MORE, "REFERENCING NEW TABLE AS fresh"),
    "update": ("fresh", f"{MORE} UNION ALL {LESS}", "REFERENCING NEW TABLE AS fresh OLD TABLE AS gone"),
    "delete": ("gone", LESS, "REFERENCING OLD TABLE AS gone"),
}
ON_TRUNCATE = (
    """CREATE FUNCTION note_ticket_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN INSERT INTO ticket_changes (n) VALUES (0); RETURN NULL; END $$""",
    """CREATE TRIGGER note_truncate AFTER TRUNCATE ON tickets
       FOR EACH STATEMENT EXECUTE FUNCTION note_ticket_truncate()""",
    "ALTER TABLE tickets ENABLE ALWAYS TRIGGER note_truncate",
)


def create() -> list[str]:
    """Statements that make the triggers; ALWAYS, because a load turns ordinary ones off."""
    made = functions()
    for kind, (_, _, tables) in KINDS.items():
        made += [
            f"""CREATE TRIGGER note_{kind} AFTER {kind.upper()} ON tickets {tables}
                FOR EACH STATEMENT EXECUTE FUNCTION note_ticket_{kind}()""",
            f"ALTER TABLE tickets ENABLE ALWAYS TRIGGER note_{kind}",
        ]
    return [*made, *ON_TRUNCATE]


def functions(*, closing: bool = True) -> list[str]:
    """Statements that make or renew what the triggers do; at first they did not tell when a ticket was closed."""
    said = {"{closing}": ", closed_at" if closing else "", "{most}": str(MOST_ROWS)}
    made = []
    for kind, (rows, signed, _) in KINDS.items():
        body = FUNCTION.replace("note_ticket_changes", f"note_ticket_{kind}")
        for mark, word in (said | {"{rows}": rows, "{signed}": signed}).items():
            body = body.replace(mark, word)
        made.append(body)
    return made


def drop() -> list[str]:
    """Statements that take them away."""
    kinds = [*KINDS, "truncate"]
    return [f"DROP TRIGGER note_{kind} ON tickets" for kind in kinds] + [
        f"DROP FUNCTION note_ticket_{kind}()" for kind in kinds
    ]
