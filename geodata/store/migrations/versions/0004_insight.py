"""Insight: what planners keep, jobs, what the heat cube lives on, rosters with their authors, accounts of teams."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import UserDefinedType

from geodata.store.sql import near_tickets, team_accounts, ticket_changes

revision = "0004_insight"
down_revision = "0003_sensorthings"
branch_labels = None
depends_on = None


class Xid(UserDefinedType[str]):
    """Number of a transaction."""

    cache_ok = True

    def get_col_spec(self) -> str:
        """Name of the type."""
        return "xid8"


def upgrade() -> None:
    """Go forward."""
    op.create_table('escalation_waits',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('level', sa.Text(), nullable=False, comment='notice, watch, warning, danger'),
    sa.Column('wait_s', sa.Double(), nullable=True, comment='Seconds until an alert that nobody takes goes one step up; null: it stays'),
    sa.Column('valid_from', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False, comment='From when it holds'),
    sa.Column('valid_to', sa.DateTime(timezone=True), nullable=True, comment='Until when it held; null while it holds'),
    sa.Column('author', sa.Text(), nullable=False, comment='Account that set it'),
    sa.Column('why', sa.Text(), nullable=True, comment='Why it was set'),
    sa.CheckConstraint("level IN ('notice', 'watch', 'warning', 'danger')", name=op.f('ck_escalation_waits_level_known')),
    sa.CheckConstraint('wait_s > 0', name=op.f('ck_escalation_waits_wait_forward')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_escalation_waits')),
    comment='How long an alert waits to be taken, with history and author; where none is set what is shipped holds'
    )
    op.create_index('ix_escalation_waits_now', 'escalation_waits', ['level'], unique=True, postgresql_where=sa.text('valid_to IS NULL'))
    op.create_table('ticket_changes',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('xid', Xid(), server_default=sa.text('pg_current_xact_id()'), nullable=False, comment='Transaction that wrote it: who holds a snapshot knows whether it saw it'),
    sa.Column('n', sa.Integer(), nullable=False, comment='Tickets more or less of this kind; 0: too many changed to tell'),
    sa.Column('hex_r9', sa.BigInteger(), nullable=True, comment='H3 cell; null when the ticket is not on the heat map'),
    sa.Column('hex_r10', sa.BigInteger(), nullable=True, comment='The same at resolution 10'),
    sa.Column('hex_r11', sa.BigInteger(), nullable=True, comment='The same at resolution 11'),
    sa.Column('area_id', sa.BigInteger(), nullable=True, comment="As the ticket's"),
    sa.Column('category_id', sa.BigInteger(), nullable=True, comment="As the ticket's"),
    sa.Column('source_id', sa.SmallInteger(), nullable=True, comment="As the ticket's"),
    sa.Column('family', postgresql.ENUM('service', 'city', name='ticket_family'), nullable=True, comment="As the ticket's"),
    sa.Column('state', postgresql.ENUM('received', 'transferred', 'signed', 'handling', 'resolved_online', 'closed', 'followed_up', 'merged', name='ticket_state'), nullable=True, comment="As the ticket's"),
    sa.Column('place', sa.SmallInteger(), nullable=True, comment='0 located, 1 on a default point, 2 not located'),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=True, comment="As the ticket's"),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True, comment="As the ticket's"),
    sa.Column('on_time', sa.Boolean(), nullable=True, comment='Closed by the deadline; null while not closed or not due'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_changes')),
    comment='What each statement changed in tickets, in sums: the tail of the heat cube, folded into it and then dropped'
    )
    op.create_index('ix_ticket_changes_xid', 'ticket_changes', ['xid'], unique=False)
    op.create_table('duty_changes',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False, comment='When'),
    sa.Column('move', sa.Text(), nullable=False, comment='add or remove'),
    sa.Column('account_id', sa.BigInteger(), nullable=True, comment='Who changed it'),
    sa.Column('role', sa.Text(), nullable=False, comment='Duty that was given or taken'),
    sa.Column('who', sa.Text(), nullable=False, comment='Account or team that it was given to or taken from'),
    sa.Column('area_code', sa.Text(), nullable=True, comment='Area of the duty; null for the whole district'),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False, comment='From when the duty was to last'),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False, comment='Until when'),
    sa.CheckConstraint("move IN ('add', 'remove')", name=op.f('ck_duty_changes_move_known')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_duty_changes_account_id_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_duty_changes')),
    comment='Every change of the duty roster by hand; rows are added, never changed'
    )
    op.create_table('jobs',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('kind', sa.Text(), nullable=False, comment='What is to be done'),
    sa.Column('asked', postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment='The question and its options'),
    sa.Column('account_id', sa.BigInteger(), nullable=False, comment='Who asked'),
    sa.Column('state', sa.Text(), nullable=False, comment='Where it stands: waiting, running, done, failed, cancelled'),
    sa.Column('progress', sa.Float(), nullable=True, comment='Share done, 0 to 1; null while not known'),
    sa.Column('step', sa.Text(), nullable=True, comment='What it does now, in words'),
    sa.Column('reason', sa.Text(), nullable=True, comment='Why it failed, in one sentence'),
    sa.Column('result', sa.Text(), nullable=True, comment='File below the home, or a JSON document'),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False, comment='When it was asked'),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=True, comment='When the worker took it up'),
    sa.Column('heard_at', sa.DateTime(timezone=True), nullable=True, comment='Last sign of life of who does it'),
    sa.Column('attempt', sa.SmallInteger(), server_default=sa.text('0'), nullable=False, comment='How often it was taken up; only the last taker may write'),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True, comment='When it ended'),
    sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name=op.f('ck_jobs_state_known')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_jobs_account_id_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_jobs')),
    comment='Long work that the worker does: questions, exports, loads, reports'
    )
    op.create_index('ix_jobs_open', 'jobs', ['asked_at'], unique=False, postgresql_where=sa.text("state IN ('waiting', 'running')"))
    op.create_table('saved_questions',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('name', sa.Text(), nullable=False, comment='What its maker calls it'),
    sa.Column('account_id', sa.BigInteger(), nullable=False, comment='Who saved it'),
    sa.Column('shared', sa.Boolean(), server_default=sa.text('false'), nullable=False, comment='Others see it too'),
    sa.Column('address', sa.Text(), nullable=False, comment='Path and query that ask it again'),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False, comment='When it was saved last'),
    sa.CheckConstraint("address LIKE '/planning%'", name=op.f('ck_saved_questions_address_is_ours')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_saved_questions_account_id_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_questions')),
    sa.UniqueConstraint('account_id', 'name', name=op.f('uq_saved_questions_account_id_name')),
    comment='Questions of planners, by name'
    )
    op.create_geospatial_table('shapes',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('name', sa.Text(), nullable=False, comment='What its maker calls it'),
    sa.Column('origin', sa.Text(), nullable=False, comment='How it was made: drawn, buffer, upload'),
    sa.Column('account_id', sa.BigInteger(), nullable=False, comment='Who made it'),
    sa.Column('shared', sa.Boolean(), server_default=sa.text('false'), nullable=False, comment='Others may ask about it too'),
    sa.Column('geom', Geometry(geometry_type='MULTIPOLYGON', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False, comment='The area, EPSG:4326'),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False, comment='When it was made'),
    sa.CheckConstraint("origin IN ('drawn', 'buffer', 'upload')", name=op.f('ck_shapes_origin_known')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_shapes_account_id_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shapes'))
    )
    op.create_table_comment('shapes', 'Areas that people drew, buffered or uploaded to ask about')
    for statement in (*near_tickets.create(), *ticket_changes.create()):
        op.execute(statement)
    team_accounts.allow(op.get_bind())


def downgrade() -> None:
    """Go back."""
    team_accounts.forbid(op.get_bind())
    for statement in (*ticket_changes.drop(), *near_tickets.drop()):
        op.execute(statement)
    op.drop_geospatial_table('shapes')
    op.drop_table('saved_questions')
    op.drop_index('ix_jobs_open', table_name='jobs', postgresql_where=sa.text("state IN ('waiting', 'running')"))
    op.drop_table('jobs')
    op.drop_table('duty_changes')
    op.drop_index('ix_ticket_changes_xid', table_name='ticket_changes')
    op.drop_table('ticket_changes')
    op.drop_index('ix_escalation_waits_now', table_name='escalation_waits', postgresql_where=sa.text('valid_to IS NULL'))
    op.drop_table('escalation_waits')
