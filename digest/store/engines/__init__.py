"""The two engines: SQLite in a file, PostgreSQL on a server. Only `digest.store` imports them."""
