"""The Xtream Codes API: line-up, guide and streams for players that know a server, a user name and a password."""
