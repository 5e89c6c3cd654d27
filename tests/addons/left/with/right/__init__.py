"""Left things know their right ones while both addons are there."""
