"""Makes a release of the package, the tool and the generator: refuses what is not ready, builds twice, proves what was built, and commits."""
