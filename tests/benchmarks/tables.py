"""Markdown tables on standard output."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(title: str, columns: Sequence[str], lines: Iterable[Sequence[object]]) -> None:
    """Print a Markdown table; None is an empty cell."""
    print(f"\n### {title}\n\n| " + " | ".join(columns) + " |\n" + "|---" * len(columns) + "|")
    for line in lines:
        print("| " + " | ".join(_shown(cell) for cell in line) + " |", flush=True)


def _shown(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:,.0f}" if cell >= 100 else f"{cell:.3g}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)
