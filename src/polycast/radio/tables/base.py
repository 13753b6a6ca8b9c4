"""What the tables of radio hosting hang on."""

from sqlalchemy import MetaData

from polycast.core.storage import metadata

METADATA: MetaData = metadata("radio")
