"""The rules of the house that no off-the-shelf linter holds (`design.md` 2)."""
