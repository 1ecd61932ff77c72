"""Finds the shipped queries and data, in a wheel and in a checkout, and the place of the store."""

from __future__ import annotations

import hashlib
import os
import tomllib
from pathlib import Path

import platformdirs

from kg.errors import KgError, did_you_mean

_SETTINGS = ("data", "email", "endpoint", "llm_model", "llm_url", "proposed", "reader", "store")
_HERE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The shipped folder `queries` or `data`: inside the package where installed, beside it in a checkout."""
    for place in (_HERE / name, _HERE.parent / name):
        if place.is_dir():
            return place
    raise KgError(f"the folder '{name}' is missing from this installation; install cordgraph again")


def setting(name: str) -> str:
    """What the environment (`KG_NAME`) or else the user's config.toml (`name = "..."`) says; empty where neither does.

    Raises KgError where config.toml cannot be read or sets what nobody knows.
    """
    return os.environ.get(f"KG_{name.upper()}") or _config().get(name, "")


def _config() -> dict[str, str]:
    file = Path(os.environ.get("KG_CONFIG") or Path(platformdirs.user_config_dir("cordgraph")) / "config.toml")
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise KgError(f"{file} cannot be read: {' '.join(str(error).split())}") from error
    for name, value in told.items():
        if name not in _SETTINGS or not isinstance(value, str):
            raise KgError(f"{file}: {name!r} is no setting of text.{did_you_mean(name, _SETTINGS)}")
    return told


def data() -> Path:
    """The folder of rows: the setting `data`, else the shipped one."""
    return Path(setting("data")) if setting("data") else folder("data")


def store() -> Path:
    """The default place of the graph: the setting `store`, else a cache folder of its own for each data folder."""
    if setting("store"):
        return Path(setting("store"))
    key = hashlib.sha256(str(data().resolve()).encode()).hexdigest()[:12]
    return Path(platformdirs.user_cache_dir("cordgraph")) / f"graph-{key}"


def proposed() -> Path:
    """The folder of proposals: the setting `proposed`, else one among the user's data."""
    return Path(setting("proposed") or Path(platformdirs.user_data_dir("cordgraph")) / "proposed")


def digest(place: Path) -> str:
    """A fingerprint of every table and ontology file below a folder: SHA-256 over names and bytes."""
    total = hashlib.sha256()
    for path in sorted(place.rglob("*")):
        if path.suffix in {".csv", ".ttl"} and path.is_file():
            total.update(path.relative_to(place).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()
