"""Documents of the key-result cycle from a published snapshot, and the checker of the numbers that texts state."""
