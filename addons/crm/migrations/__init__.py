"""What brings databases of former versions up to date."""
