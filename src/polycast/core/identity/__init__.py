"""Users, their credentials, and the one way in.

Its names are imported from where they are: events need the scopes of this package, and its services need events.
"""
