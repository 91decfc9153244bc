"""Statements of migrations that no table definition can say."""
