"""Accounts as this module's API sees them: invitations, members, profiles."""
