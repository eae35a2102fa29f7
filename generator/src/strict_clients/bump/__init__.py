"""Says of a new document what it changes, what breaks for whom, and which version to release."""
