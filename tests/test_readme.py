"""README.md and data/README.md tell the truth: their sessions and tables are run, their links exist."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
import readme

PAGES = pytest.mark.parametrize("page", readme.PAGES, ids=lambda page: page.parent.name)


@PAGES
def test_every_session_and_table_of_a_page_is_what_it_shows(page: Path, shipped_at: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert readme.answered(text, shipped_at) == text, "run: make readme"


def test_every_picture_of_the_readme_says_what_it_says_today(shipped_at: Path) -> None:
    drawn = readme.pictures(readme.PAGES[0].read_text(encoding="utf-8"), shipped_at)
    assert drawn
    for file, text in drawn.items():  # words and numbers; the strokes may differ between versions of matplotlib
        assert words(file.read_text(encoding="utf-8")) == words(text), "run: make readme"


def words(svg: str) -> list[str]:
    return list(ElementTree.fromstring(svg).itertext())  # noqa: S314  # our own text


@PAGES
def test_every_file_a_page_names_exists(page: Path) -> None:
    linked = re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text(encoding="utf-8"))
    assert linked
    assert [path for path in linked if not (page.parent / path).exists()] == []


def test_an_id_once_given_stays_and_a_new_one_is_remembered() -> None:
    """Others cite them: a row that was wrong is marked withdrawn, not taken out or renumbered."""
    remembered = set(readme.IDS.read_text(encoding="utf-8").split())
    assert remembered - readme.ids() == set()
    assert readme.ids() - remembered == set(), "run: make readme"
