"""What every page stands in: its template, its policy, and what it says of its data."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from kg.library import BadValue
from kg.store import replacing

Value = str | int | float | bool | None
_HERE = Path(__file__).parent


def own(name: str) -> str:
    """The text of a file of this folder."""
    return (_HERE / name).read_text(encoding="utf-8")


def about(facts: Mapping[str, Value]) -> list[tuple[str, str]]:
    """What the page says of itself, a digest cut to its first 12 characters."""
    return [(key.replace("_", " "), _short(value)) for key, value in sorted(facts.items()) if value not in (None, "")]


def _short(value: Value) -> str:
    text = f"{value:,}" if type(value) is int else str(value)
    return text[:12] if re.fullmatch("[0-9a-f]{64}", text) else text


def cite(facts: Mapping[str, Value]) -> str:
    """How to cite: the words of `facts` where it has them."""
    if facts.get("cite"):
        return str(facts["cite"])
    digests = [text for _, text in about(facts) if re.fullmatch("[0-9a-f]{12}", text)]
    data = f", data {digests[0]}" if digests else ""
    dated = f" of {facts['date']}" if facts.get("date") else ""
    return f"cordgraph {facts.get('version', '')}{data}{dated}; and the papers behind each finding you use."


def policy(scripts: Sequence[str], style: str) -> str:
    """A content security policy under which only these scripts run and nothing is fetched."""
    hashes = " ".join(map(_hash, scripts)) or "'none'"
    return f"default-src 'none'; script-src {hashes}; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def template(name: str) -> Any:
    """A template of this folder; what it is given is escaped."""
    import jinja2

    loader = jinja2.FileSystemLoader(_HERE)
    return jinja2.Environment(loader=loader, autoescape=True, keep_trailing_newline=True).get_template(name)


@dataclass(frozen=True, slots=True)
class Shown:
    """A page that shows itself in a notebook, without a server, and can be written to a file."""

    html: str

    def _repr_html_(self) -> str:
        """The page in a frame of its own, which can reach neither the notebook nor the network."""
        allowed = "allow-scripts allow-popups allow-downloads"
        frame = 'style="width:100%;height:640px;border:1px solid #cfd6dd" title="cordgraph"'
        return f'<iframe sandbox="{allowed}" {frame} srcdoc="{escape(self.html)}"></iframe>'

    def save(self, file: Path | str) -> Path:
        """Write it in the form that the file's name asks for, whole or not at all, and return where."""
        content = self.content(Path(file))
        with replacing(Path(file)) as beside:
            beside.write_bytes(content)
        return Path(file)

    def content(self, file: Path) -> bytes:
        """What is written into a file of this name: the page. Raises BadValue where it is no name of a page."""
        if file.suffix.lower() not in (".html", ".htm"):
            raise BadValue(f"a page is HTML; name the file .html, not {file.name!r}")
        return self.html.encode()
