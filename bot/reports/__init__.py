"""Files of the corpus → Report ▸ Section ▸ Passage."""
