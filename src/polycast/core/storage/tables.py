"""The naming of tables and their constraints, and the one table that storage itself keeps."""

from sqlalchemy import Column, MetaData, Table, Text

VERSIONS = "core_revisions"  # Alembic's own table
OWN_TABLES = frozenset({"core_meta", VERSIONS})  # what storage itself keeps; no part of anybody's data
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def metadata(module: str) -> MetaData:
    """An empty collection of tables for `module`; their names start with `<module>_`.

    Foreign keys to `core_users` are written as `ForeignKeyConstraint` in migrations; in the model a plain column will
    do, because another room's MetaData is not this one's.
    """
    return MetaData(naming_convention=NAMING, info={"module": module})


def meta_table(tables: MetaData) -> Table:
    """`core_meta`: what the database knows about itself, one text value for each key."""
    return Table("core_meta", tables, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))
