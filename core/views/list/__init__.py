"""Lists: columns over records, with groups and totals; also the lists of related records inside forms."""
