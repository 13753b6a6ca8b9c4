"""Long work that people see."""

from sqlalchemy import BigInteger, Column, Index, Table, UniqueConstraint

from polycast.core.storage import JsonText
from polycast.core.storage.columns import key, moment, words
from polycast.library.tables.base import METADATA

workflows = Table(
    "library_workflows",
    METADATA,
    key(),
    words("nanoid"),
    words("type"),  # library.scan, metadata.refresh ...
    words("title"),
    words("subject"),  # what it is about: "library:3"; two of one type and subject do not run at once
    words("status"),  # pending, running, completed, failed, cancelled
    Column("job_id", BigInteger),  # the core's job; its progress is read there
    Column("parent_id", BigInteger),
    Column("input", JsonText, nullable=False),
    Column("result", JsonText),
    words("error"),
    Column("created_by", BigInteger),
    moment("created_at"),
    moment("started_at", optional=True),
    moment("finished_at", optional=True),
    UniqueConstraint("nanoid"),
    Index("ix_library_workflows_subject", "type", "subject", "finished_at"),
    Index("ix_library_workflows_status", "status", "id"),
    Index("ix_library_workflows_type", "type", "id"),
    Index("ix_library_workflows_parent", "parent_id"),
)
