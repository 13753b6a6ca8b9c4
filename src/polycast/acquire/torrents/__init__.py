"""Magnets and `.torrent` files of unknown origin, read into structs."""
