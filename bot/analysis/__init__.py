"""Text to terms; the same for reports and questions."""
