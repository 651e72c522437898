"""Refusals as clients of TRAPI read them: a problem (RFC 9457) that is a TRAPI Response as well.

Both have a member `status`: the code of HTTP in a problem, a short word in a Response. TRAPI's
address has TRAPI's; a reader of problems passes over a member of another type (RFC 9457, 3.1) and
has the code in the status line.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from flask import Response, request

from mechkg.api.http.problems import MEDIA_TYPE, Problem
from mechkg.api.trapi.biolink import BIOLINK_VERSION
from mechkg.api.trapi.remarks import Remarks
from mechkg.api.trapi.types import LogEntry

__all__ = ["REFUSAL", "Refusal", "as_refusal", "schemas_of_refusals", "status_word"]

REFUSAL: Final = "TrapiRefusal"
"""The name of the schema of a refusal."""

ROOT: Final = "/trapi/"
"""Where the addresses of TRAPI begin."""


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """The members that a refusal has as a TRAPI Response, beside those of a problem.

    `status` is a short word for the type of the problem, `description` its `detail`; `logs` says
    the same as an error.
    """

    message: dict[str, Any]
    status: str
    description: str
    logs: tuple[LogEntry, ...]
    biolink_version: str


def status_word(slug: str) -> str:
    """Return the short word of a type of problem, in the manner of TRAPI.

    >>> status_word("invalid-parameter")
    'InvalidParameter'
    """
    return "".join(part.capitalize() for part in slug.split("-"))


def as_refusal(response: Response) -> Response:
    """Return a response, with the members of a TRAPI Response where it refuses a TRAPI request."""
    if response.mimetype == MEDIA_TYPE and request.path.startswith(ROOT):
        problem = msgspec.json.decode(response.get_data(), type=dict[str, Any])
        response.set_data(msgspec.json.encode(problem | _members(problem)))
    return response


def _members(problem: dict[str, Any]) -> dict[str, Any]:
    word = status_word(problem["type"].rpartition("/")[2])
    remarks = Remarks()
    remarks.error(word, problem["detail"])
    added = Refusal(
        message={},
        status=word,
        description=problem["detail"],
        logs=tuple(remarks.entries),
        biolink_version=BIOLINK_VERSION,
    )
    return msgspec.structs.asdict(added)


def schemas_of_refusals() -> dict[str, dict[str, Any]]:
    """Return the JSON Schemas of refusals and of their parts by name, as OpenAPI has them.

    A refusal is a problem whose `status` is TRAPI's.

    >>> schemas_of_refusals()[REFUSAL]["properties"]["status"]["type"]
    'string'
    """
    _, schemas = msgspec.json.schema_components(
        [Problem, Refusal], ref_template="#/components/schemas/{name}"
    )
    problem, added = schemas.pop("Problem"), schemas.pop("Refusal")
    return schemas | {
        REFUSAL: {
            "type": "object",
            "properties": problem["properties"] | added["properties"],
            "required": sorted({*problem["required"], *added["required"]}),
        }
    }
