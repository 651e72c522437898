"""Settings of a server, from arguments or from the environment.

`Settings` is the one list: its fields give name, default, range and meaning, and `SETTINGS` shows
them as a table for the documentation, the command line and the tests that hold both to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_type_hints
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from mechkg.kg.curation.tokens import ROLES, Role
from mechkg.kg.errors import QueryError

__all__ = ["SETTINGS", "Setting", "Settings", "is_safe"]

Count = Annotated[int, Meta(ge=1, le=2**40)]
Seconds = Annotated[float, Meta(gt=0, le=3600)]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How a server runs.

    >>> Settings(port=9000).workers
    2
    """

    host: Annotated[str, Meta(min_length=1, description="Address to listen on; :: is IPv6.")] = (
        "127.0.0.1"
    )
    port: Annotated[
        int, Meta(ge=0, le=65535, description="Port to listen on; 0 takes any free one.")
    ] = 8000
    data: Annotated[Path, Meta(description="Directory that holds the snapshots.")] = Path("data")
    graph: Annotated[
        str, Meta(description="Name of the graph to serve; empty serves the latest loaded.")
    ] = ""
    engine: Annotated[
        str,
        Meta(description="Address of a SPARQL endpoint whose graph to serve, not a snapshot."),
    ] = ""
    mapping: Annotated[
        str, Meta(description="File (TOML) that says what the triples of the engine mean.")
    ] = ""
    workers: Annotated[
        int, Meta(ge=1, le=256, description="Worker processes, sharing the map.")
    ] = 2
    threads: Annotated[int, Meta(ge=2, le=256, description="Threads of each worker.")] = 8
    connections: Annotated[
        Count, Meta(description="Connections that each worker holds open, idle ones included.")
    ] = 1000
    queue: Annotated[
        int,
        Meta(ge=0, le=256, description="Requests of a kind that may wait in each worker; see 429."),
    ] = 32
    queue_seconds: Annotated[
        Seconds, Meta(description="How long a request waits for its turn.")
    ] = 10.0
    proxies: Annotated[
        int,
        Meta(
            ge=0, le=8, description="Proxies in front, whose X-Forwarded-For tells clients apart."
        ),
    ] = 0
    query_seconds: Annotated[
        Seconds, Meta(description="Longest search; a query's own timeout is capped at it.")
    ] = 30.0
    request_seconds: Annotated[
        Seconds, Meta(description="A worker with a request older than this is replaced.")
    ] = 90.0
    arrival_seconds: Annotated[
        Seconds, Meta(description="A request must have arrived whole, body included, in this time.")
    ] = 10.0
    send_seconds: Annotated[
        Seconds, Meta(description="Time in which a client must have received its answer.")
    ] = 30.0
    idle_seconds: Annotated[
        Seconds, Meta(description="How long a connection is kept open for its next request.")
    ] = 15.0
    worker_requests: Annotated[
        int, Meta(ge=0, description="Requests after which a worker is replaced, about; 0: never.")
    ] = 0
    stop_seconds: Annotated[
        Seconds, Meta(description="How long a stopping server waits for requests under way.")
    ] = 20.0
    body_bytes: Annotated[Count, Meta(description="Largest request body.")] = 1_048_576
    export_statements: Annotated[
        Count, Meta(description="Most statements that one answer in a file format may hold.")
    ] = 100_000
    allow_origins: Annotated[
        str,
        Meta(description="Origins, by comma, whose pages may read answers; *: any, empty: none."),
    ] = "*"
    allow_hosts: Annotated[
        str, Meta(description="Names, by comma, that requests may give as Host; empty: any.")
    ] = ""
    trapi_per_minute: Annotated[
        int, Meta(ge=0, description="TRAPI requests that a client may make in a minute; 0: any.")
    ] = 0
    callback_hosts: Annotated[
        str, Meta(description="Hosts, by comma, that TRAPI answers may be sent to; empty: none.")
    ] = ""
    jobs: Annotated[Count, Meta(description="TRAPI jobs kept at once, done ones included.")] = 100
    job_seconds: Annotated[Seconds, Meta(description="Longest search of a TRAPI job.")] = 120.0
    job_kept_seconds: Annotated[
        Annotated[float, Meta(gt=0)], Meta(description="How long a TRAPI job is kept.")
    ] = 3600.0
    oidc_issuer: Annotated[
        str, Meta(description="OpenID Connect issuer whose tokens curators may use; empty: none.")
    ] = ""
    oidc_audience: Annotated[
        str, Meta(description="Audience that such a token must be for; needed with an issuer.")
    ] = ""
    oidc_keys: Annotated[
        str, Meta(description="Its key set: a file or an address; empty: as the issuer announces.")
    ] = ""
    oidc_scope_claim: Annotated[
        str, Meta(min_length=1, description="Claim that lists the scopes of a token.")
    ] = "scope"
    oidc_name_claim: Annotated[
        str, Meta(min_length=1, description="Claim that names the holder of a token.")
    ] = "sub"
    oidc_roles: Annotated[
        str, Meta(description="Roles, by comma, that scopes give: read, propose or accept.")
    ] = "mechkg:read=read,mechkg:curate=propose,mechkg:review=accept,mechkg:admin=accept"
    sparql_processes: Annotated[
        int, Meta(ge=1, le=64, description="Processes of each worker that evaluate SPARQL queries.")
    ] = 2
    sparql_seconds: Annotated[Seconds, Meta(description="Longest SPARQL query.")] = 10.0
    sparql_rows: Annotated[
        Count, Meta(description="Most rows, or triples, of a SPARQL answer.")
    ] = 100_000
    sparql_bytes: Annotated[Count, Meta(description="Largest SPARQL answer.")] = 16_777_216
    sparql_megabytes: Annotated[
        int, Meta(ge=64, description="Memory that a SPARQL process may take beside its store, MiB.")
    ] = 1024
    sparql_statements: Annotated[
        Count, Meta(description="Largest graph whose RDF store a server makes by itself.")
    ] = 5_000_000
    otel_endpoint: Annotated[
        str, Meta(description="Address that traces are sent to by OTLP over HTTP; empty: none.")
    ] = ""
    access_log: Annotated[bool, Meta(description="Write one line a request to standard error.")] = (
        True
    )
    log_queries: Annotated[
        bool, Meta(description="Write what follows the question mark of an address there, too.")
    ] = False
    log_format: Annotated[
        Literal["text", "json"],
        Meta(description="How a line of the log is written: text, or json, an object a line."),
    ] = "text"

    @classmethod
    def gather(cls, environment: Mapping[str, str], **arguments: Any) -> Settings:
        """Return settings from arguments, else from the environment, else defaults.

        An argument that is None counts as not given. Raises `QueryError` naming the setting and,
        where it came from the environment, the variable.

        >>> Settings.gather({"PORT": "9000", "MECHKG_WORKERS": "1"}, workers=4)
        ... # doctest: +ELLIPSIS
        Settings(host='127.0.0.1', port=9000, data=..., workers=4, ...)
        """
        given = {name: value for name, value in arguments.items() if value is not None}
        variables = {row.name: row.env for row in SETTINGS if row.env in environment}
        found = {name: environment[env] for name, env in variables.items()}
        try:
            values = {**found, **given}
            settings = msgspec.convert(values, cls, strict=False, dec_hook=_path)
        except msgspec.ValidationError as error:
            reason, _, where = str(error).partition(" - at `$.")
            name = where.rstrip("`")
            source = name if name in given else variables.get(name, name)
            raise QueryError(source, _said(reason, values.get(name))) from error
        named = {k: v for k, v in variables.items() if k not in given}
        _check_hosts(settings, named)
        _check_issuer(settings, named)
        if settings.otel_endpoint and not _ADDRESS.fullmatch(settings.otel_endpoint):
            raise QueryError(
                named.get("otel_endpoint", "otel_endpoint"),
                f"must be an address of HTTP, not {settings.otel_endpoint[:80]!r}",
                hint="Write http://127.0.0.1:4318.",
            )
        return settings

    def roles_of_scopes(self, named: str = "oidc_roles") -> dict[str, Role]:
        """Return which role each scope of an OpenID Connect token gives.

        Raises `QueryError`, in which the setting is `named` so.

        >>> Settings(oidc_roles="curators = propose").roles_of_scopes()
        {'curators': 'propose'}
        """
        found: dict[str, Role] = {}
        for entry in filter(None, map(str.strip, self.oidc_roles.split(","))):
            scope, _, given = entry.rpartition("=")
            role = next((role for role in ROLES if role == given.strip()), None)
            if not scope.strip() or role is None:
                raise QueryError(
                    named,
                    f"is a list of SCOPE=ROLE, by comma: {entry[:80]!r} is none",
                    hint=f"Roles are {', '.join(ROLES)}.",
                )
            found[scope.strip()] = role
        return found


_REASONS: Final = (
    (r"Expected `int`, got .*", "must be a whole number, not {value}"),
    (r"Expected `float`, got .*", "must be a number, not {value}"),
    (r"Expected `bool`, got .*", "must be true or false, not {value}"),
    (r"Integer value out of range", "is too large: {value}"),
    (r"Expected `(?:int|float)` (<=|>=|>|<) ([\d.]+)", "must be {0} {1}, not {value}"),
    (r"Expected `str` of length >= 1", "must not be empty"),
    (
        r"Invalid enum value .*",
        "must be one of those that the table of settings names, not {value}",
    ),
)
"""What msgspec says of a value, and what a person reads."""

_HOST: Final = re.compile(r"[A-Za-z0-9._-]+(:\d{1,5})?|\[?[0-9A-Fa-f:.]+\]?(:\d{1,5})?")


_ADDRESS: Final = re.compile(r"https?://[^\s/]+(/\S*)?")


def _said(reason: str, value: Any) -> str:
    shown = repr(value)[:80]
    for pattern, words in _REASONS:
        if found := re.fullmatch(pattern, reason):
            return words.format(*found.groups(), value=shown)
    return f"cannot be {shown}"


def _check_hosts(settings: Settings, variables: Mapping[str, str]) -> None:
    """Raise `QueryError` for a list of hosts with an entry that is none, such as an address."""
    for name in ("allow_hosts", "callback_hosts"):
        for entry in filter(None, map(str.strip, getattr(settings, name).split(","))):
            if not _HOST.fullmatch(entry):
                raise QueryError(
                    variables.get(name, name),
                    f"is a list of hosts, by comma: {entry[:80]!r} is none",
                    hint="Write kg.example.org or kg.example.org:8443.",
                )


def _check_issuer(settings: Settings, variables: Mapping[str, str]) -> None:
    """Raise `QueryError` for settings of an OpenID Connect issuer that do not go together."""
    settings.roles_of_scopes(variables.get("oidc_roles", "oidc_roles"))
    given = {name: getattr(settings, name) for name in ("oidc_issuer", "oidc_audience")}
    for name, other in (("oidc_issuer", "oidc_audience"), ("oidc_audience", "oidc_issuer")):
        if given[other] and not given[name]:
            raise QueryError(variables.get(name, name), f"is missing: {other} is set")
    for name in ("oidc_issuer", "oidc_keys"):
        address = getattr(settings, name)
        if (name == "oidc_issuer" or "://" in address) and address and not is_safe(address):
            raise QueryError(
                variables.get(name, name),
                f"must be an address that begins with https://, not {address[:80]!r}",
                hint="http:// is for 127.0.0.1 and localhost alone.",
            )


def is_safe(address: str) -> bool:
    """Say whether an address is of HTTPS, or of this machine.

    >>> is_safe("https://id.example.org"), is_safe("http://127.0.0.1:80"), is_safe("http://a.org")
    (True, True, False)
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    local = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
    return bool(parts.hostname) and (parts.scheme == "https" or local)


def _path(kind: type[Path], value: Any) -> Path:
    return kind(value)


class Setting(msgspec.Struct, frozen=True):
    """A row of the table of settings; `env` is the variable that sets it.

    >>> SETTINGS[1].name, SETTINGS[1].env, SETTINGS[1].default
    ('port', 'PORT', '8000')
    """

    name: str
    env: str
    default: str
    meaning: str


def _meaning(annotation: Any) -> str:
    metas = getattr(annotation, "__metadata__", ())
    return next((m.description for m in reversed(metas) if m.description), "")


SETTINGS: tuple[Setting, ...] = tuple(
    Setting(
        name=field.name,
        env="PORT" if field.name == "port" else f"MECHKG_{field.name.upper()}",
        default=str(field.default),
        meaning=_meaning(get_type_hints(Settings, include_extras=True)[field.name]),
    )
    for field in msgspec.structs.fields(Settings)
)
