"""What the tables of live TV hang on."""

from sqlalchemy import MetaData

from polycast.core.storage import metadata

METADATA: MetaData = metadata("live")
