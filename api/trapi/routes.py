"""The addresses of TRAPI: /trapi/2.0, and /trapi/1.6 by conversion.

What is wrong with a question is a problem as everywhere (RFC 9457), under TRAPI's statuses: 400 for
a question that makes no sense, 409 for one that takes longer than it may, 413 for one with too many
answers, 429 for too many at once, 501 for operations that are not offered. It has the members of a
TRAPI Response as well (`refusals`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import NoReturn

import msgspec
from flask import Blueprint, Response, abort, request
from msgspec import UNSET
from werkzeug.exceptions import (
    BadRequest,
    Conflict,
    HTTPException,
    NotFound,
    ServiceUnavailable,
    TooManyRequests,
)

from mechkg.api.http import problems
from mechkg.api.http.decoding import read_body
from mechkg.api.http.problems import refuse
from mechkg.api.http.respond import Responder
from mechkg.api.http.tracing import step
from mechkg.api.trapi import callbacks
from mechkg.api.trapi.answer import answer
from mechkg.api.trapi.deadline import DeadlineExceeded
from mechkg.api.trapi.description import VERSIONS, describe_version
from mechkg.api.trapi.jobs import Jobs, jobs_directory
from mechkg.api.trapi.meta_knowledge_graph import meta_knowledge_graph
from mechkg.api.trapi.rate_limit import Rate
from mechkg.api.trapi.reach import snapshot_for
from mechkg.api.trapi.read import NotOffered, read_question
from mechkg.api.trapi.refusals import as_refusal
from mechkg.api.trapi.types import Question
from mechkg.api.trapi.version_1_6 import to_1_6
from mechkg.kg.errors import QueryError
from mechkg.kg.progress import Cancel

__all__ = ["trapi_blueprint"]


def trapi_blueprint(exchange: Responder) -> Blueprint:
    """Return the routes of TRAPI, bounded by the server's settings."""
    blueprint = Blueprint("trapi", __name__)
    service = _Service(exchange)
    views: tuple[tuple[str, str, Callable[..., Response]], ...] = (
        ("POST", "query", service.query),
        ("POST", "asyncquery", service.take_job),
        ("GET", "asyncquery_status/<job_id>", service.job),
        ("GET", "asyncquery_response/<job_id>", service.job_answer),
        ("GET", "meta_knowledge_graph", service.meta),
        ("GET", "openapi.json", service.describe),
    )
    for version in VERSIONS:
        for method, path, view in views:
            name = f"{path.partition('/')[0].partition('.')[0]}_{version.replace('.', '_')}"
            blueprint.add_url_rule(
                f"/trapi/{version}/{path}",
                name,
                view,
                methods=[method],
                defaults={"version": version},
            )
    blueprint.register_error_handler(QueryError, _wrong)
    blueprint.register_error_handler(ServiceUnavailable, _busy)
    blueprint.after_app_request(as_refusal)  # what no route takes is refused outside of them
    return blueprint


class _Service:
    """What the routes share."""

    def __init__(self, exchange: Responder) -> None:
        settings = exchange.settings
        self._exchange = exchange
        self._rate = Rate(settings.trapi_per_minute)
        self._hosts = [host for host in settings.callback_hosts.split(",") if host.strip()]
        directory = jobs_directory(settings.data)
        self._jobs = Jobs(directory, settings.jobs, settings.job_kept_seconds)

    def query(self, version: str) -> Response:
        """Answer a question."""
        self._rate.take(request.remote_addr or "")
        question = self._read(version)
        exchange = self._exchange
        with exchange.turn(_kind(question)) as turn, step("search"):
            body = self._answer(question, exchange.settings.query_seconds, cancel=turn)
        return _json(body)

    def take_job(self, version: str) -> Response:
        """Take on a question, to be answered later."""
        self._rate.take(request.remote_addr or "")
        question = self._read(version)
        if (callback := question.callback) is UNSET:
            raise refuse(
                BadRequest,
                "Parameter callback is missing.",
                slug="invalid-parameter",
                parameter="callback",
            )
        try:
            target, refusal = callbacks.target_of(callback, self._hosts), ""
        except callbacks.Refused as error:
            target, refusal = None, str(error)
        seconds = self._exchange.settings.job_seconds

        lanes, client = self._exchange.lanes, self._exchange.client()

        def work() -> tuple[bytes, str]:
            with lanes.background(client) as turn:
                body = self._answer(question, seconds, for_job=True, cancel=turn)
            sent = callbacks.send(target, body) if target else f"{refusal} The answer is kept here."
            return body, f"It is answered. {sent}"

        name = self._jobs.take(work, client)
        where = f"Ask /trapi/{version}/asyncquery_status/{name}."
        description = f"{refusal} {where}" if refusal else f"The answer will be sent. {where}"
        return _json(
            msgspec.json.encode({"status": "Accepted", "description": description, "job_id": name})
        )

    def job(self, version: str, job_id: str) -> Response:
        """Say how a job goes."""
        job = self._jobs.find(job_id)
        if job is None:
            raise NotFound("There is no job of this name; it may have expired.")
        told = {
            "status": job.state,
            "description": job.description,
            "logs": job.logs,
            "job_id": job_id,
        }
        if job.state == "Completed":
            root = request.url_root.rstrip("/")
            told["response_url"] = f"{root}/trapi/{version}/asyncquery_response/{job_id}"
        return _json(msgspec.json.encode(told))

    def job_answer(self, version: str, job_id: str) -> Response:  # noqa: ARG002 - in the job
        """Return the answer of a job that is done."""
        body = self._jobs.answer(job_id)
        if body is None:
            raise NotFound("There is no answer of this name; it may not be there yet, or no more.")
        return _json(body)

    def meta(self, version: str) -> Response:
        """Return the meta knowledge graph."""
        return _json(meta_knowledge_graph(self._exchange.served.graph().snapshot, version))

    def describe(self, version: str) -> Response:
        """Return the OpenAPI description of one version, whose paths are relative to it."""
        root = f"{request.url_root.rstrip('/')}/trapi/{version}"
        return _json(msgspec.json.encode(describe_version(version, root, self._exchange)))

    def _read(self, version: str) -> Question:
        body = read_body(request, self._exchange.settings.body_bytes)
        try:
            return read_question(body, version)
        except msgspec.ValidationError as error:
            _refuse_form(error, version)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise refuse(
                BadRequest, f"The body is not JSON: {error}.", slug="malformed-json"
            ) from error
        except NotOffered as error:
            abort(501, str(error))

    def _answer(
        self,
        question: Question,
        seconds: float,
        *,
        for_job: bool = False,
        cancel: Cancel | None = None,
    ) -> bytes:
        graph = self._exchange.served.graph()
        try:
            with snapshot_for(graph, question, cancel) as (snapshot, posed):
                response = answer(
                    snapshot,
                    posed,
                    max_seconds=seconds,
                    max_edges=self._exchange.settings.export_statements,
                    cancel=cancel,
                )
        except DeadlineExceeded as error:
            if for_job:
                raise
            raise Conflict(str(error)) from error
        body = msgspec.json.encode(response)
        if question.version == "1.6":
            body = msgspec.json.encode(to_1_6(msgspec.json.decode(body)))
        return body


def _kind(question: Question) -> Hashable:
    """Return what questions of about equal cost have in common."""
    return "trapi", question.graph.paths is UNSET, len(bytes(question.echoed)).bit_length()


def _json(body: bytes) -> Response:
    return Response(body, mimetype="application/json")


def _refuse_form(error: msgspec.ValidationError, version: str) -> NoReturn:
    """Refuse a request that is JSON, but not TRAPI."""
    reason, _, where = str(error).partition(" - at `$")
    place = where.rstrip("`").lstrip(".") or "body"
    raise refuse(
        BadRequest,
        f"The request is not TRAPI {version} at {place}: {reason}.",
        slug="invalid-parameter",
        parameter=place,
    ) from error


def _wrong(error: QueryError) -> Response:
    """Answer a question that makes no sense; TRAPI says 400 where the other routes say 422."""
    problem = problems.of_error(error, request.path, {})
    return _problem(msgspec.structs.replace(problem, status=400))


def _busy(error: HTTPException) -> Response:
    """Answer when all searches are taken: TRAPI says 429. Another reason stays a 503."""
    if getattr(error, "members", {}).get("slug") == "jobs-unavailable":
        return _problem(problems.of_http(error, request.method, request.path))
    limited = TooManyRequests(error.description, retry_after=5)
    response = _problem(problems.of_http(limited, request.method, request.path))
    response.headers["Retry-After"] = "5"
    return response


def _problem(problem: problems.Problem) -> Response:
    return Response(
        msgspec.json.encode(problem), status=problem.status, mimetype=problems.MEDIA_TYPE
    )
