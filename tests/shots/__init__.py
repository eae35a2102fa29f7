"""Looks at a page of `face-audit report` in a real browser: `nox -s report_shots`."""
