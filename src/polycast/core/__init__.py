"""The shared rooms. Nothing in here knows a module."""
