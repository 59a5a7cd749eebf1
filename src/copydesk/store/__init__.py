"""The database: tables, transactions, and one module of queries a noun."""
