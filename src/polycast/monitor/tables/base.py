"""What the tables of the watch hang on."""

from sqlalchemy import MetaData

from polycast.core.storage import metadata

METADATA: MetaData = metadata("monitor")
