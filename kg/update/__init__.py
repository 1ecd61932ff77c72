"""What is new since the last run: asked of the services or read in files, sorted by what is known, written down."""

from kg.update.asking import Failed, Inquiry, Search, answers, asked, last, read
from kg.update.sorting import Known, News, known, news
from kg.update.writing import Written, apply, write

__all__ = [
    "Failed",
    "Inquiry",
    "Known",
    "News",
    "Search",
    "Written",
    "answers",
    "apply",
    "asked",
    "known",
    "last",
    "news",
    "read",
    "write",
]
