"""Makes a release of the package: refuses what is not ready, builds twice, proves what was built, and commits."""
