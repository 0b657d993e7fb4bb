"""Searches for the constants of the search, to be run by hand."""
