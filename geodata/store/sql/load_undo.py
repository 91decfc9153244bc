"""Triggers that write down what a load does to a table, so that it can be taken back; silent outside a load.

A load says who it is by the setting `yiping.load_id`, which ends with its transaction. One row is written for each
statement, whatever number of rows that touched: keys as ranges, and values column after column as text.
"""

from __future__ import annotations

SETTING = "yiping.load_id"
# Every table that a load may write to. A table needs a primary key; a load must not change it.
TABLES = (
    "areas", "area_ancestors", "tickets", "ticket_events", "categories", "ticket_sources", "units", "hexes", "facts",
    "cameras", "camera_streams", "sensors", "roads", "places", "heritage_objects", "ground_features", "area_residents",
)  # fmt: skip
FUNCTION = """
CREATE FUNCTION keep_for_undo() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    load constant bigint := current_setting('yiping.load_id')::bigint;
    keys text[]; counted boolean; every text[]; told text[]; ids text; ordered text; pairs text; differs text;
BEGIN
    SELECT array_agg(a.attname::text ORDER BY k.place),
           (array_agg(a.atttypid::regtype::text ORDER BY k.place))[1] IN ('smallint', 'integer', 'bigint')
    INTO keys, counted
    FROM pg_index i CROSS JOIN unnest(i.indkey::smallint[]) WITH ORDINALITY k (attnum, place)
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
    WHERE i.indrelid = TG_RELID AND i.indisprimary;
    SELECT array_agg(attname::text ORDER BY attnum) INTO every
    FROM pg_attribute WHERE attrelid = TG_RELID AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
    ids := CASE WHEN counted THEN format('range_agg(int8range(%1$I, %1$I, ''[]''))', keys[1]) ELSE 'null' END;
    SELECT string_agg(format('%I', key), ', ') INTO ordered FROM unnest(keys) key;

    IF TG_OP = 'INSERT' AND counted AND cardinality(keys) = 1 THEN
        EXECUTE 'INSERT INTO load_undo (load_id, table_name, kind, row_count, ids)
                 SELECT $1, $2, ''inserted'', count(*), ' || ids || ' FROM fresh HAVING count(*) > 0'
        USING load, TG_TABLE_NAME;
    ELSIF TG_OP = 'INSERT' THEN
        EXECUTE 'INSERT INTO load_undo (load_id, table_name, kind, row_count, ids, columns, became)
                 SELECT $1, $2, ''inserted'', count(*), ' || ids || ', $3, '
                || (SELECT string_agg(format('array_agg(%I::text)', key), ' || ') FROM unnest(keys) key)
                || ' FROM (SELECT * FROM fresh ORDER BY ' || ordered || ') fresh HAVING count(*) > 0'
        USING load, TG_TABLE_NAME, keys;
    ELSIF TG_OP = 'DELETE' THEN
        EXECUTE 'INSERT INTO load_undo (load_id, table_name, kind, row_count, ids, columns, was)
                 SELECT $1, $2, ''deleted'', count(*), ' || ids || ', $3, '
                || (SELECT string_agg(format('array_agg(%I::text)', name), ' || ') FROM unnest(every) name)
                || ' FROM (SELECT * FROM gone ORDER BY ' || ordered || ') gone HAVING count(*) > 0'
        USING load, TG_TABLE_NAME, every;
    ELSE
        EXECUTE 'SELECT array_remove(ARRAY['
                || (SELECT string_agg(format('CASE WHEN bool_or(o.%1$I IS DISTINCT FROM n.%1$I) THEN %1$L END', name), ', ')
                    FROM unnest(every) name)
                || '], NULL) FROM gone o JOIN fresh n USING (' || ordered || ')'
        INTO told;
        IF cardinality(told) > 0 THEN
            SELECT string_agg(format('o.%1$I::text AS %2$I, n.%1$I::text AS %3$I', name, 'was ' || name, 'now ' || name), ', '),
                   string_agg(format('o.%1$I IS DISTINCT FROM n.%1$I', name), ' OR ')
            INTO pairs, differs FROM unnest(told) name;
            EXECUTE 'INSERT INTO load_undo (load_id, table_name, kind, row_count, ids, columns, was, became)
                     SELECT $1, $2, ''changed'', count(*), ' || ids || ', $3, '
                    || (SELECT string_agg(format('array_agg(%I::text)', key), ' || ') FROM unnest(keys) key) || ' || '
                    || (SELECT string_agg(format('array_agg(%I)', 'was ' || name), ' || ') FROM unnest(told) name) || ', '
                    || (SELECT string_agg(format('array_agg(%I::text)', key), ' || ') FROM unnest(keys) key) || ' || '
                    || (SELECT string_agg(format('array_agg(%I)', 'now ' || name), ' || ') FROM unnest(told) name)
                    || ' FROM (SELECT ' || ordered || ', ' || pairs || ' FROM gone o JOIN fresh n USING (' || ordered
                    || ') WHERE ' || differs || ' ORDER BY ' || ordered || ') pairs HAVING count(*) > 0'
            USING load, TG_TABLE_NAME, keys || told;
        END IF;
    END IF;
    RETURN NULL;
END $$
"""
TRIGGER = """
CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {rows} FOR EACH STATEMENT
WHEN (coalesce(current_setting('yiping.load_id', true), '') <> '') EXECUTE FUNCTION keep_for_undo()
"""
EVENTS = {
    "insert": "NEW TABLE AS fresh",
    "update": "OLD TABLE AS gone NEW TABLE AS fresh",
    "delete": "OLD TABLE AS gone",
}


def create() -> list[str]:
    """Statements that make the triggers; ALWAYS, because a load turns ordinary ones off."""
    made = [FUNCTION]
    for table in TABLES:
        for event, rows in EVENTS.items():
            name = f"keep_{event}"
            made += [
                TRIGGER.format(name=name, event=event.upper(), table=table, rows=rows),
                f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
            ]
    return made


def drop() -> list[str]:
    """Statements that take them away."""
    triggers = [f"DROP TRIGGER keep_{event} ON {table}" for table in TABLES for event in EVENTS]
    return [*triggers, "DROP FUNCTION keep_for_undo()"]
