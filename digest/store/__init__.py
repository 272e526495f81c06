"""The database: engine, tables, migrations, and one module of questions per table group."""
