"""Releases package, tool and generator: refuses what is not ready, builds twice, proves what was built, and commits."""
