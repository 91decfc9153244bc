"""A home says of itself whether it can be served at once."""

from __future__ import annotations

from alembic.script import ScriptDirectory

from geodata.store.cluster import Cluster
from geodata.store.db import alembic_config
from geodata.store.ready import head, state_of


def test_the_newest_file_is_the_newest_migration() -> None:
    assert head() == ScriptDirectory.from_config(alembic_config("postgresql://")).get_current_head()


def test_a_home_is_whole_once_it_has_tables_a_profile_and_accounts(cluster: Cluster) -> None:
    cluster.drop_database("yiping")
    assert state_of(cluster) is None, "no database yet"
    cluster.create_database("yiping", "template_empty")
    empty = state_of(cluster)
    assert empty is not None
    assert not empty.whole
    cluster.ask("yiping", "insert into facts values ('profile', '\"gusu\"')")
    cluster.ask("yiping", "insert into accounts (name, role, password_hash) values ('ada', 'admin', 'x')")
    whole = state_of(cluster)
    assert whole is not None
    assert (whole.whole, whole.profile, whole.demo_last) == (True, "gusu", None)
    cluster.drop_database("yiping")
