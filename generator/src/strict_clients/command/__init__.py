"""What `strict-clients` can do, a module for each command."""
