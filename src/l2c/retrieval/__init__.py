"""Documents: read, cut into passages, found again, and quoted."""
