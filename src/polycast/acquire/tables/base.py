"""What the tables of acquisition hang on."""

from sqlalchemy import MetaData

from polycast.core.storage import metadata

METADATA: MetaData = metadata("acquire")
