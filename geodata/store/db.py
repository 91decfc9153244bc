"""The way to the database: an engine, and a transaction that is whole or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg.errors import DiskFull
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError, TimeoutError as PoolTimeout

from geodata.errors import Unavailable
from geodata.store.cluster import private_cluster
from geodata.store.settings import Settings

if TYPE_CHECKING:
    from alembic.config import Config

DISK_FULL = "The disk of the database is full; nothing was changed. Free some space and try again."
MIGRATIONS = Path(__file__).parent / "migrations"
LONGEST_WAIT_S = 10  # for a free connection; whoever waits longer is told, and may ask again


def database_url(settings: Settings) -> str:
    """The address of the database: the one given, else the private cluster's."""
    if settings.database_url:
        scheme, _, rest = settings.database_url.partition("://")
        return f"postgresql+psycopg://{rest}" if scheme.startswith("postgres") else settings.database_url
    return private_cluster(settings.home).url()


def make_engine(url: str, *, pool_size: int = 8, most: int = 24, longest_s: int = 60) -> Engine:
    """An engine that keeps UTC and gives up on a statement after a minute, unless told to wait longer.

    It keeps `pool_size` connections and opens `most` at a time.
    """
    # a prepared statement's generic plan knows neither the window nor the area: minutes instead of milliseconds
    options = f"-c timezone=UTC -c statement_timeout={longest_s * 1000} -c plan_cache_mode=force_custom_plan"
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=most - pool_size,
        pool_timeout=LONGEST_WAIT_S,
        pool_pre_ping=True,
        connect_args={"options": options},
    )


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction: committed when the block ends, rolled back when it raises."""
    try:
        with engine.begin() as connection:
            yield connection
    except (OperationalError, PoolTimeout) as fault:
        raise Unavailable(_reason(fault)) from fault


def is_disk_full(fault: DBAPIError) -> bool:
    """Whether the database gave up because its disk is full."""
    return getattr(fault.orig, "sqlstate", None) == DiskFull.sqlstate


def _reason(fault: OperationalError | PoolTimeout) -> str:
    """One sentence for a person; a full disk is theirs to mend, all else passes or is in the log."""
    if isinstance(fault, OperationalError) and is_disk_full(fault):
        return DISK_FULL
    return "The database does not answer or gave up; try again in a moment."


def migrate(url: str, revision: str = "head") -> None:
    """Bring the tables to a revision, with the extensions they need."""
    from alembic import command  # noqa: PLC0415 - a web process never migrates

    command.upgrade(alembic_config(url), revision)


def alembic_config(url: str) -> Config:
    """Alembic's configuration for a database, without an ini file."""
    from alembic.config import Config  # noqa: PLC0415 - a web process never migrates

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def answers(engine: Engine) -> bool:
    """Whether the database answers a question."""
    try:
        with engine.connect() as connection:
            return connection.execute(text("select 1")).scalar() == 1
    except OperationalError:
        return False
