"""A question to hits."""
