"""How rows become structs: columns and fields have the same names, so that one line does for each table."""

from typing import Any

from sqlalchemy import Row

from polycast.radio.stations.model import Channel, Dj, Played, Station, Track


def station_of(row: Row[Any]) -> Station:
    return Station(**{name: row._mapping[name] for name in Station.__struct_fields__})


def channel_of(row: Row[Any]) -> Channel:
    return Channel(**{name: row._mapping[name] for name in Channel.__struct_fields__})


def dj_of(row: Row[Any]) -> Dj:
    return Dj(**{name: row._mapping[name] for name in Dj.__struct_fields__})


def track_of(row: Row[Any]) -> Track:
    return Track(**{name: row._mapping[name] for name in Track.__struct_fields__})


def played_of(row: Row[Any]) -> Played:
    return Played(**{name: row._mapping[name] for name in Played.__struct_fields__})
