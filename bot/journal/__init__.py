"""What was asked, how it was judged, and what people chose; nobody is named in it."""
