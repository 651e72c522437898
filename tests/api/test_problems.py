"""The table of problems covers the tree of errors, and every row says what it means."""

from __future__ import annotations

import jsonschema
import msgspec
from werkzeug.exceptions import default_exceptions

from mechkg.api.http.problems import BASE, PROBLEMS, Problem, of_error, of_http, of_status
from mechkg.kg import errors


def kinds(root: type[errors.MechKGError]) -> set[type[errors.MechKGError]]:
    return {root}.union(*(kinds(below) for below in root.__subclasses__()))


def test_every_error_of_the_core_is_a_row():
    assert {kind.slug for kind in kinds(errors.MechKGError)} <= set(PROBLEMS)
    assert all(row.meaning.endswith((".", "again.")) for row in PROBLEMS.values())
    assert all(row.title and 400 <= row.status < 600 for row in PROBLEMS.values())


def test_every_exception_of_the_framework_becomes_a_problem_of_its_status():
    for status, kind in default_exceptions.items():
        problem = of_http(kind(), "GET", "/x y")
        assert problem.status == status
        assert problem.type.startswith(BASE)
        assert problem.instance == "/x%20y"


def test_what_the_address_names_and_is_not_there_is_404():
    error = errors.UnknownEntity("entity", "nonsense", [("CL:1", "x")])
    assert of_error(error, "/", {"entity": "nonsense"}).status == 404
    assert of_error(error, "/", {}).status == 422
    assert of_error(error, "/", {}).suggestions == ({"id": "CL:1", "name": "x"},)


def test_a_problem_leaves_out_what_it_does_not_have():
    schema = msgspec.json.schema(Problem)
    value = msgspec.to_builtins(of_status(404, "No.", "/x"))
    jsonschema.validate(value, schema)
    assert set(value) == {"type", "title", "status", "detail", "instance"}
