"""Forms: one record, its head, key values, groups of fields, pages and related lists; reading and editing."""
