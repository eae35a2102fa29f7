"""Values: what JSON becomes in Python."""
