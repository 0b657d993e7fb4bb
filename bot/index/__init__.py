"""Terms to scored passages."""
