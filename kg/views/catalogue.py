"""The library of questions for other tools: SHACL in the way of the SIB's sparql-examples, and an OpenAPI document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from kg import __version__, shape
from kg.library import Param, Question
from kg.store import Triple, serialise

_PREFIXES = {name: shape.PREFIXES[name] for name in ("kg", "rdfs")} | {
    "owl": "http://www.w3.org/2002/07/owl#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "xsd": shape.PREFIXES["xsd"],
}
_SCHEMAS = {"integer": "integer", "number": "number"}
_DECLARED = re.compile(r"^PREFIX (\w+): <(.*)>", re.MULTILINE)


def turtle(questions: Sequence[Question], target: str = "") -> str:
    """The questions as sh:SPARQLSelectExecutable, sorted; `target` is the address of an endpoint that answers them.

    The form is that of https://github.com/sib-swiss/sparql-examples, with IRIs in the place of blank nodes. The slots
    of the parameters stand in the text as they are, so that every query runs as it is.
    """
    content = [triple for question in questions for triple in _question(question, target)]
    return serialise([*content, *_prefixes(questions)], ".ttl", _PREFIXES).decode()


def _question(question: Question, target: str) -> Iterator[Triple]:
    node, name = shape.iri("question", question.name), shape.name
    comment = "\n\n".join(text for text in (question.summary, question.description) if text)
    yield Triple(node, shape.TYPE, name("sh:SPARQLExecutable"))
    yield Triple(node, shape.TYPE, name("sh:SPARQLSelectExecutable"))
    yield Triple(node, shape.LABEL, shape.literal(question.summary))
    yield Triple(node, name("rdfs:comment"), shape.english(comment))
    yield Triple(node, name("sh:prefixes"), shape.iri("question", "prefixes"))
    yield Triple(node, name("sh:select"), shape.literal(question.sparql))
    yield from (Triple(node, name("schema:keywords"), shape.literal(tag)) for tag in question.tags)
    if target:
        yield Triple(node, name("schema:target"), shape.node(target))


def _prefixes(questions: Sequence[Question]) -> Iterator[Triple]:
    all_, name = shape.iri("question", "prefixes"), shape.name
    yield Triple(all_, shape.TYPE, name("owl:Ontology"))
    for prefix, namespace in sorted({pair for question in questions for pair in _DECLARED.findall(question.text)}):
        node = shape.iri("question", "prefixes", prefix)
        yield Triple(all_, name("sh:declare"), node)
        yield Triple(node, name("sh:prefix"), shape.literal(prefix))
        yield Triple(node, name("sh:namespace"), shape.address(namespace))


def openapi(questions: Sequence[Question]) -> str:
    """The questions as the paths of an OpenAPI 3.1 document, each with its SPARQL under `x-sparql`."""
    made = {
        "openapi": "3.1.0",
        "info": {
            "title": "cordgraph questions",
            "version": __version__,
            "summary": "Treatment evidence in spinal cord injury. Research material, no medical advice.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {f"/questions/{question.name}": {"get": _operation(question)} for question in questions},
    }
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def _operation(question: Question) -> dict[str, Any]:
    example = dict(question.example)
    return {
        "operationId": question.name,
        "summary": question.summary,
        "description": question.description,
        "tags": list(question.tags),
        "parameters": [_parameter(param, example.get(param.name)) for param in question.params],
        "responses": {"200": {"description": "The rows.", "content": _content(question)}},
        "x-view": question.view,
        "x-sparql": question.sparql,
    }


def _parameter(param: Param, example: str | None) -> dict[str, Any]:
    """Several values of one parameter mean any of them; leaving it out means any at all."""
    item: dict[str, Any] = {"type": _SCHEMAS.get(param.type, "string")}
    item |= {"enum": list(param.choices)} if param.choices else {}
    schema = {"type": "array", "items": item}
    made = {"name": param.name, "in": "query", "description": param.help, "required": param.required, "schema": schema}
    return made | {"x-type": param.type} | ({"example": [example]} if example else {})


def _content(question: Question) -> dict[str, Any]:
    cell = {"type": ["string", "number", "boolean", "null"]}
    row = {"type": "object", "properties": dict.fromkeys(question.columns, cell)}
    names = {"type": "array", "items": {"type": "string"}}
    whole = {"columns": names, "rows": {"type": "array", "items": row}, "complete": {"type": "boolean"}}
    return {"application/json": {"schema": {"type": "object", "properties": whole, "required": list(whole)}}}
