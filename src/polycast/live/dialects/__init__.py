"""The outside APIs that live TV speaks, one folder each."""
