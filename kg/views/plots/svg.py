"""Makes matplotlib's SVG fit for a strict page: no styles, no metadata, only known elements, marks with titles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from kg.views.plots.letters import FAMILY, plain

if TYPE_CHECKING:
    from kg.views.plots.canvas import Mark

    Element = ElementTree.Element[str]

_NS = "http://www.w3.org/2000/svg"
_KEPT = {"svg", "g", "path", "text", "defs", "pattern", "rect", "clipPath", "title", "desc"}
_NUMBER = re.compile(r"-?\d+\.\d+")
_REFERENCE = re.compile(r"url\(#([\w-]+)\)")
PART = "~"  # parts of a mark are called `mark~1`, `mark~2` ... until they are put together


def tidy(text: str, size: tuple[float, float], label: str, note: str, marks: Iterable[Mark]) -> str:
    """The picture as SVG of `size` millimetres; each mark is one group with its id, class and title."""
    root = ElementTree.fromstring(text)  # noqa: S314  # our own text, written by matplotlib a moment ago
    _clean(root)
    kept = {found for element in root.iter() for value in element.attrib.values() for found in _references(value)}
    _without_ids(root, kept)
    _put_together(root, {mark.id: mark for mark in marks})
    root.attrib.update(_head(size, label, str(root.get("viewBox"))))
    description = ElementTree.Element(f"{{{_NS}}}desc")
    description.text = plain(note, 2000)
    root.insert(0, description)
    ElementTree.register_namespace("", _NS)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _references(value: str) -> list[str]:
    return _REFERENCE.findall(value)


def _head(size: tuple[float, float], label: str, box: str) -> dict[str, str]:
    return {
        "width": f"{size[0]:g}mm",
        "height": f"{size[1]:g}mm",
        "viewBox": box,
        "role": "img",
        "aria-label": plain(label),
        "font-family": ", ".join(FAMILY),
        "stroke-linejoin": "round",
    }


def _clean(element: Element) -> None:
    """Drop what is no picture, and turn styles into attributes, so that a page may forbid styles."""
    for child in list(element):
        if child.tag.removeprefix(f"{{{_NS}}}") not in _KEPT:
            element.remove(child)
        else:
            _clean(child)
    style = element.attrib.pop("style", "")
    declared = (part.split(":", 1) for part in style.split(";") if ":" in part)
    element.attrib.update({name.strip(): value.strip() for name, value in declared if "font-family" not in name})
    for name in ("d", "transform", "x", "y"):
        if name in element.attrib:
            element.set(name, " ".join(_NUMBER.sub(_short, element.attrib[name]).split()))
    if element.get("transform", "").startswith(("rotate(-0 ", "rotate(0 ")):
        del element.attrib["transform"]
    element.text = element.text if element.tag == f"{{{_NS}}}text" else None
    element.tail = "\n"


def _short(number: re.Match[str]) -> str:
    text = f"{float(number[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _without_ids(element: Element, kept: set[str]) -> None:
    """Drop matplotlib's own ids and the groups that were there for them."""
    for number, child in enumerate(list(element)):
        _without_ids(child, kept)
        id = child.get("id", "")
        if PART in id or id in kept:
            continue
        child.attrib.pop("id", None)
        if child.tag == f"{{{_NS}}}g" and not child.attrib and len(child) == 1:
            element[number] = child[0]


def _put_together(element: Element, marks: Mapping[str, Mark]) -> None:
    """Put the neighbouring parts of a mark into one group."""
    children = list(element)
    for child in children:
        element.remove(child)
    group: Element | None = None
    for child in children:
        id = child.get("id", "").partition(PART)[0]
        if id not in marks:
            group = None
            _put_together(child, marks)
            element.append(child)
            continue
        if group is None or group.get("id") != id:
            group = _group(marks[id])
            element.append(group)
        group.extend(child)


def _group(mark: Mark) -> Element:
    group = ElementTree.Element(f"{{{_NS}}}g", {"id": mark.id, "class": "mark"})
    title = ElementTree.SubElement(group, f"{{{_NS}}}title")
    title.text = plain(mark.text, 1000)
    group.tail = "\n"
    return group
