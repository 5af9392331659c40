"""Alembic migrations, shipped inside the package and run by `cases.database`."""
