"""What the vendors show of the world: the rows of each table over time, and the files an extract of them gives."""
