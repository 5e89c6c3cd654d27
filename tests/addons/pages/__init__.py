"""An addon with pages, for tests."""
