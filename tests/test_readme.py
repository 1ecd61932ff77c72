"""README.md tells the truth: its sessions are run, its links and commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import readme


def test_every_session_of_the_readme_gives_what_it_shows(shipped_at: Path) -> None:
    text = readme.README.read_text(encoding="utf-8")
    assert readme.answered(text, shipped_at) == text, "run: make readme"


def test_every_file_the_readme_names_exists() -> None:
    text = readme.README.read_text(encoding="utf-8")
    linked = re.findall(r"\]\((?!http)([^)#]+)\)", text)
    assert linked
    assert [path for path in linked if not (readme.README.parent / path).exists()] == []
