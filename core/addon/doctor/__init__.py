"""Finding what is lost, orphaned or unowned in a database, and repairing it: `tessera doctor`."""
