"""Side by side with other clients and with the floors: `nox -s bench`."""
