"""What a part holds, as lines of JSON: harvests, notices, problems, and one line of what was read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from kg import document
from kg.document import Harvest, Notice
from kg.errors import Problem
from kg.model import PaperStatus


@dataclass(frozen=True, slots=True)
class Read:
    """The file that a part was read from: its maker, how many sound entries it has and how many are of the field."""

    file: str
    maker: str
    entries: int
    of_field: int


Entry = Harvest | Notice | Problem | Read
_KINDS: dict[str, type[Notice | Problem | Read]] = {"notice": Notice, "problem": Problem, "read": Read}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def line(entry: Entry) -> str:
    """An entry as one line, always the same for the same value; all but a harvest are tagged by their kind."""
    if isinstance(entry, Harvest):
        return document.line(entry)
    tagged = {_NAMES[type(entry)]: asdict(entry)}
    return json.dumps(tagged, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def of_line(text: str) -> Entry:
    """The entry that `line` wrote. Raises ValueError where it is none."""
    if text.startswith('{"document"'):
        return document.of_line(text)
    try:
        ((name, fields),) = json.loads(text).items()
        entry = _KINDS[name](**fields)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"is no line of a part: {error!r}") from error
    if isinstance(entry, Notice):
        fields["status"] = PaperStatus(fields["status"])
        return Notice(**fields)
    return entry
