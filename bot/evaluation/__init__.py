"""Judged questions → figures, what changed since the last run, a picture, and a gate before publishing."""
