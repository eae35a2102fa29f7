"""Releases package, tool and generator: refuses what is not ready, builds twice, verifies the result, and commits."""
