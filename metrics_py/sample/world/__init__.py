"""What really happened at the sample company: every event with its true instant, before any vendor saw it."""
