"""The pages of the documentation site: links that lead from page to page, and the table of contents."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.site.pages import OUTSIDE, add_contents, copy_pages


@pytest.fixture(name="repository")
def repository_with_two_pages(tmp_path: Path) -> Path:
    """A repository with a guide, every page of `OUTSIDE`, a picture and a file that is not a page."""
    root = tmp_path / "repository"
    for name in (*OUTSIDE, "docs/guide.md", "noxfile.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("# Title\n", encoding="utf-8")
    (root / "docs" / "shot.png").write_bytes(b"png")
    (tmp_path / "sources").mkdir()
    return root


@pytest.mark.parametrize(
    ("page", "written", "copied"),
    [
        ("docs/guide.md", "[a](README.md#guides)", "[a](index.md#guides)"),
        ("docs/guide.md", "[a](../CONTRIBUTING.md)", "[a](contributing.md)"),
        ("CONTRIBUTING.md", "[a](docs/guide.md#title)", "[a](guide.md#title)"),
        ("docs/guide.md", "[README.md](README.md)", "[](index.md)"),
        ("tools/README.md", "![a](../docs/shot.png)", "![a](shot.png)"),
        ("docs/guide.md", "[a](#title)", "[a](#title)"),
        ("docs/guide.md", "[a](https://example.com/b.md)", "[a](https://example.com/b.md)"),
        ("docs/guide.md", "[a](gone.md)", "[a](gone.md)"),
        ("docs/guide.md", "```md\n[a](README.md)\n```", "```md\n[a](README.md)\n```"),
    ],
)
def test_link_leads_to_the_page_of_the_site(repository: Path, page: str, written: str, copied: str) -> None:
    """Wherever a page is in the repository; what has no target stays for Sphinx to report."""
    (repository / page).write_text(f"# Title\n\n{written}\n", encoding="utf-8")
    sources = repository.parent / "sources"

    copy_pages(repository, sources, repository=None)

    name = OUTSIDE.get(page, Path(page).name)
    assert (sources / name).read_text(encoding="utf-8") == f"# Title\n\n{copied}\n"
    assert (sources / "shot.png").read_bytes() == b"png"


@pytest.mark.parametrize(
    ("address", "copied"),
    [
        (None, "see the sessions"),
        ("https://example.com/x", "see [the sessions](https://example.com/x/blob/main/noxfile.py)"),
    ],
)
def test_link_to_the_source_code_needs_its_address(repository: Path, address: str | None, copied: str) -> None:
    """A file that is not a page is shown where the source code is published, if it is."""
    (repository / "docs" / "guide.md").write_text("see [the sessions](../noxfile.py)", encoding="utf-8")

    copy_pages(repository, repository.parent / "sources", repository=address)

    assert (repository.parent / "sources" / "guide.md").read_text(encoding="utf-8") == copied


def test_each_section_of_the_index_has_the_contents_of_its_table() -> None:
    """The table that GitHub shows is the table of contents of the site."""
    index = "# Title\n\nText\n\n## One\n\n| page |\n|---|\n| [a](a.md) | b |\n| [c](c.md) | d |\n\n## Two\n\nNothing\n"

    written = add_contents(index)

    first, second = written.split("## Two")
    assert first.startswith(index.partition("## Two")[0])
    assert "```{toctree}\n:hidden:\n:maxdepth: 1\n:caption: One\n\na\nc\n```" in first
    assert ":caption: Two\n\n\n```" in second
