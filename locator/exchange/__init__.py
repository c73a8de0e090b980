"""Data in and out: tables and vectors, what is wrong with each row, all or nothing."""
