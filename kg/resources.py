"""Finds the shipped queries and data, in a wheel and in a checkout, and the place of the store."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import platformdirs

from kg.errors import KgError

_HERE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The shipped folder `queries` or `data`: inside the package where installed, beside it in a checkout."""
    for place in (_HERE / name, _HERE.parent / name):
        if place.is_dir():
            return place
    raise KgError(f"the folder '{name}' is missing from this installation; install cordgraph again")


def data() -> Path:
    """The folder of rows: `$KG_DATA` where set, else the shipped one."""
    return Path(os.environ["KG_DATA"]) if os.environ.get("KG_DATA") else folder("data")


def store() -> Path:
    """The default place of the graph: `$KG_STORE` where set, else a cache folder of its own for each data folder."""
    if os.environ.get("KG_STORE"):
        return Path(os.environ["KG_STORE"])
    key = hashlib.sha256(str(data().resolve()).encode()).hexdigest()[:12]
    return Path(platformdirs.user_cache_dir("cordgraph")) / f"graph-{key}"


def digest(place: Path) -> str:
    """A fingerprint of every table and ontology file below a folder: SHA-256 over names and bytes."""
    total = hashlib.sha256()
    for path in sorted(place.rglob("*")):
        if path.suffix in {".csv", ".ttl"} and path.is_file():
            total.update(path.relative_to(place).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()
