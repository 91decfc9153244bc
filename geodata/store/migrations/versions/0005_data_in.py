"""Data in: what takes a load back, saved mappings, uploads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import UserDefinedType

from geodata.store.sql import load_undo

revision = "0005_data_in"
down_revision = "0004_insight"
branch_labels = None
depends_on = None

TABLES = ("load_undo", "uploads", "saved_mappings", "area_residents")


class Xid(UserDefinedType[str]):
    """Number of a transaction."""

    cache_ok = True

    def get_col_spec(self) -> str:
        """Name of the type."""
        return "xid8"


def upgrade() -> None:
    """Go forward."""
    op.add_column("loads", sa.Column("xid", Xid(), comment="Transaction that wrote its rows"))
    op.add_column(
        "loads", sa.Column("rolled_back_at", sa.DateTime(timezone=True), comment="When it was taken back")
    )
    op.add_column(
        "loads",
        sa.Column(
            "rolled_back_by",
            sa.Text(),
            comment="Name of the account that took it back; null at the command line",
        ),
    )
    op.add_column(
        "load_findings",
        sa.Column("sheet", sa.Text(), comment="Sheet or layer of the file; null when it has only one"),
    )
    op.add_column(
        "load_findings",
        sa.Column("geom", Geometry("GEOMETRY", srid=4326, spatial_index=False),
                  comment="Where on the map, EPSG:4326; null when it is nowhere"),
    )  # fmt: skip
    op.create_table('load_undo',
    sa.Column('seq', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Order in which it was done'),
    sa.Column('load_id', sa.BigInteger(), nullable=False, comment='Which load'),
    sa.Column('table_name', sa.Text(), nullable=False, comment='Table that one statement of the load wrote to'),
    sa.Column('kind', sa.Text(), nullable=False, comment='inserted, changed or deleted'),
    sa.Column('row_count', sa.Integer(), nullable=False, comment='How many rows'),
    sa.Column('ids', postgresql.INT8MULTIRANGE(), nullable=True, comment='Keys of the rows; null for a table whose key is no single number'),
    sa.Column('columns', postgresql.ARRAY(sa.Text()), nullable=True, comment='The columns that was and became hold, the key first; null when ids say all'),
    sa.Column('was', postgresql.ARRAY(sa.Text()), nullable=True, comment='What stood there before, column after column, each of row_count values'),
    sa.Column('became', postgresql.ARRAY(sa.Text()), nullable=True, comment='What the load wrote there, likewise'),
    sa.CheckConstraint("kind IN ('inserted', 'changed', 'deleted')", name=op.f('ck_load_undo_kind_known')),
    sa.ForeignKeyConstraint(['load_id'], ['loads.id'], name=op.f('fk_load_undo_load_id_loads'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_load_undo')),
    comment='What a load did to each table, so that it can be taken back'
    )
    op.create_index('ix_load_undo_load_id', 'load_undo', ['load_id', 'seq'], unique=False)
    op.create_table('uploads',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('account_id', sa.BigInteger(), nullable=False, comment='Who sent it'),
    sa.Column('name', sa.Text(), nullable=False, comment='What the file was called; shown to people, never used as a path'),
    sa.Column('suffix', sa.Text(), nullable=False, comment='Ending of the stored file, a dot with letters and digits, or nothing'),
    sa.Column('size_bytes', sa.BigInteger(), nullable=False, comment='How large it is said to be'),
    sa.Column('got_bytes', sa.BigInteger(), server_default=sa.text('0'), nullable=False, comment='How much of it is here'),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False, comment='When it began to come'),
    sa.Column('looked', postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment='What it seems to be: format, layers, columns, rows, CRS'),
    sa.Column('choice', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False, comment='How it is to be loaded'),
    sa.Column('tried', postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment='Report of the last dry run with this choice'),
    sa.Column('job_id', sa.BigInteger(), nullable=True, comment='The task that works on it'),
    sa.Column('load_id', sa.BigInteger(), nullable=True, comment='The load made of it'),
    sa.CheckConstraint('got_bytes BETWEEN 0 AND size_bytes', name=op.f('ck_uploads_no_more_than_said')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_uploads_account_id_accounts')),
    sa.ForeignKeyConstraint(['job_id'], ['jobs.id'], name=op.f('fk_uploads_job_id_jobs'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['load_id'], ['loads.id'], name=op.f('fk_uploads_load_id_loads'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_uploads')),
    comment='Files sent to the data page, until they are loaded or forgotten'
    )
    op.create_index('ix_uploads_load', 'uploads', ['load_id'], unique=False)
    op.create_table('saved_mappings',
    sa.Column('name', sa.Text(), nullable=False, comment='Name by which it is asked for'),
    sa.Column('kind', sa.Text(), nullable=False, comment='Kind of file that it reads'),
    sa.Column('body', postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment='The mapping, as its TOML file would say it'),
    sa.Column('author_id', sa.BigInteger(), nullable=True, comment='Who saved it; null from the command line'),
    sa.Column('saved_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When it was last saved'),
    sa.CheckConstraint("name <> ''", name=op.f('ck_saved_mappings_named')),
    sa.ForeignKeyConstraint(['author_id'], ['accounts.id'], name=op.f('fk_saved_mappings_author_id_accounts'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_saved_mappings')),
    comment='Mappings saved by name, to be used again for the next file of the same source'
    )
    op.create_table('area_residents',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('scheme', sa.Text(), nullable=False, comment='Scheme of the area'),
    sa.Column('area_code', sa.Text(), nullable=False, comment='Code of the area'),
    sa.Column('counted_on', sa.Date(), nullable=False, comment='Day for which it was counted'),
    sa.Column('residents', sa.Integer(), nullable=False, comment='People who live there'),
    sa.Column('load_id', sa.BigInteger(), nullable=True, comment='Load that brought it'),
    sa.CheckConstraint('residents >= 0', name=op.f('ck_area_residents_residents_counted')),
    sa.ForeignKeyConstraint(['load_id'], ['loads.id'], name=op.f('fk_area_residents_load_id_loads')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_area_residents')),
    sa.UniqueConstraint('scheme', 'area_code', 'counted_on', name=op.f('uq_area_residents_scheme_area_code_counted_on')),
    comment='Residents by area; of several counts the latest holds'
    )
    for statement in load_undo.create():
        op.execute(statement)


def downgrade() -> None:
    """Go back."""
    for statement in load_undo.drop():
        op.execute(statement)
    for name in reversed(TABLES):
        op.drop_table(name)
    for table, column in (
        ("load_findings", "geom"), ("load_findings", "sheet"),
        ("loads", "rolled_back_by"), ("loads", "rolled_back_at"), ("loads", "xid"),
    ):  # fmt: skip
        op.drop_column(table, column)
