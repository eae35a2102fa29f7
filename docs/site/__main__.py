"""The command `python -m docs.site`: builds the site; with `serve`, shows it on this machine afterwards."""

from __future__ import annotations

import os
import shutil
import sys
import zlib
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from face_audit.testing import load_document
from sphinx.cmd.build import main as run_sphinx

from .pages import add_contents, copy_pages
from .reference import write_reference, write_types

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SITE = ROOT / "build" / "site"
HTML = SITE / "html"


def build() -> int:
    """Write the sources of the site and build it, where each warning is an error; gives Sphinx's exit code."""
    sources = SITE / "sources"
    shutil.rmtree(SITE, ignore_errors=True)
    sources.mkdir(parents=True)
    addresses = load_document()["info"]["x-sdk"].get("urls", {})
    copy_pages(ROOT, sources, repository=addresses.get("Repository"))
    index = sources / "index.md"
    guides, title, rest = index.read_text(encoding="utf-8").partition("## How it is built\n")
    index.write_text(add_contents(guides + write_reference(sources) + title + rest), encoding="utf-8")
    write_types(sources, (ROOT / "openapi" / "face-audit.surface.txt").read_text(encoding="utf-8"))
    for path in (HERE / "inventories").glob("*.txt"):
        write_inventory(path, SITE / f"{path.stem}.inv")
    os.environ["SITE_INVENTORIES"] = str(SITE)
    settings = ("--conf-dir", str(HERE), "--doctree-dir", str(SITE / "doctrees"))
    return run_sphinx(["--fail-on-warning", "--quiet", *settings, str(sources), str(HTML)])


def write_inventory(source: Path, target: Path) -> None:
    """Write the names of another project, one a line with its role and its page, as Sphinx reads them."""
    head = f"# Sphinx inventory version 2\n# Project: {source.stem}\n# Version: \n# The rest is compressed with zlib.\n"
    lines = (line.split() for line in source.read_text(encoding="utf-8").splitlines())
    listed = "".join(f"{name} py:{role} 1 {page} -\n" for name, role, page in lines)
    target.write_bytes(head.encode() + zlib.compress(listed.encode()))


def serve() -> None:
    """Serve the site on loopback until the process is interrupted."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(HTML))
    with ThreadingHTTPServer(("127.0.0.1", 8000), handler) as server:
        print("http://127.0.0.1:8000")
        server.serve_forever()


def main(arguments: list[str]) -> int:
    """Build, and serve if that is asked for; gives the exit code of the build."""
    code = build()
    if code == 0 and arguments == ["serve"]:
        serve()
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
