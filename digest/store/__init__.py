"""The database: engine, tables, migrations, and one module of queries per table group."""
