"""What the tables of the media library hang on."""

from sqlalchemy import MetaData

from polycast.core.storage import metadata

METADATA: MetaData = metadata("library")
