"""The addon every database has: users, companies, partners, countries, currencies, and the tables core keeps."""
