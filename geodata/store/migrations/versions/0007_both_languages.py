"""Findings are kept in both languages, so that each reader has his own whatever the district speaks."""

from __future__ import annotations

from alembic import op

revision = "0007_both_languages"
down_revision = "0006_closing"
branch_labels = None
depends_on = None
KEPT = {"message": "What is wrong, in one sentence", "action": "What was done about it"}


def upgrade() -> None:
    """Go forward; what was found before stays in the one language it was told in, and what was only tried is tried again."""
    op.execute("update uploads set tried = null")
    for name, comment in KEPT.items():
        op.execute(f"alter table load_findings rename {name} to {name}_zh")
        op.execute(f"alter table load_findings add {name}_en text")
        op.execute(f"update load_findings set {name}_en = {name}_zh")
        op.execute(f"alter table load_findings alter {name}_en set not null")
        op.execute(f"comment on column load_findings.{name}_zh is '{comment}, for a Chinese reader'")
        op.execute(f"comment on column load_findings.{name}_en is 'The same for an English reader'")


def downgrade() -> None:
    """Go back."""
    for name, comment in KEPT.items():
        op.execute(f"alter table load_findings drop {name}_en")
        op.execute(f"alter table load_findings rename {name}_zh to {name}")
        op.execute(f"comment on column load_findings.{name} is '{comment}'")
