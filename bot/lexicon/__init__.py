"""What a term is, and what it may also be called."""
