"""What the warehouse must say: every fact and number worked out from the world by plain Python, not by the project."""
