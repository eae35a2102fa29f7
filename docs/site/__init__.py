"""The documentation site: `nox -s docs`."""
