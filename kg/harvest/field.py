"""What belongs to the field: whether a document, or an entry that is not parsed yet, speaks of spinal cord injury."""

from __future__ import annotations

import re

from kg.document import Document

_HURT = r"(?:injur|lesion|trauma|contus|transect|hemisect|section|crush|compress|damag|isch|regenerat|repair)"
FIELD = re.compile(
    rf"\bspinal\W+(?:cord\W+)?(?:\w+\W+){{0,2}}{_HURT}"  # spinal cord injury, spinal (T10) transection
    rf"|\b{_HURT}\w*\W+(?:\w+\W+){{0,5}}spinal\b"  # lesions of the adult rat's spinal cord, a transected spinal cord
    r"|\b(?:para|tetra|quadri)plegi|\bcervical (?:\w+ )?myelopath",
    re.IGNORECASE,
)
_PIECES = (b"spinal", b"plegi", b"myelopath")  # one of them stands in whatever FIELD finds


def of_field(document: Document) -> bool:
    """Whether a title or text speaks of it."""
    return bool(FIELD.search(document.paper.title) or FIELD.search(document.text))


def wanted(entry: bytes) -> bool:
    """Whether the bytes of an entry may be of the field; all that `of_field` takes passes."""
    lower = entry.lower()
    return any(piece in lower for piece in _PIECES)
