"""The commands of `strict-clients`, one module each."""
