"""Questions that are answered later: files in a directory that all workers of a server share.

::

    DATA/.jobs/             or /tmp/mechkg-jobs-UID/, where DATA is read-only
      lock              held while a job is taken on
      <job>.json        what is known of it
      <job>.response    its answer, once there is one

At most `limit` jobs are kept, done ones included, until they expire; one more is refused, as it is
where one client has a quarter of them. Each worker process answers one at a time. A job whose
process is gone has failed, and says so.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import stat
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from tempfile import gettempdir
from typing import Final

import msgspec
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from mechkg.api.http.problems import refuse
from mechkg.api.trapi.types import LogEntry

__all__ = ["Job", "Jobs", "jobs_directory"]

MAX_BYTES: Final = 1 << 25
"""Bytes of one job's answer."""

SHARE, LEAST = 4, 4
"""A client may have one part in so many of the jobs, but so many of them in any case."""

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{16,40}")


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a job; `state` is Queued, Running, Completed or Failed.

    `client` is a digest of whose it is.
    """

    state: str
    description: str
    process: int
    expires: float
    logs: list[LogEntry]
    client: str = ""


def jobs_directory(data: Path) -> Path:
    """Return where jobs are kept: beside the graphs, or where these are read-only, below /tmp.

    The latter is a directory that this user alone can enter; where there is none, and none can be
    made, jobs are refused.
    """
    own = data / ".jobs"
    if os.access(data, os.W_OK):
        return own
    path = Path(gettempdir()) / f"mechkg-jobs-{os.getuid()}"
    try:
        path.mkdir(mode=0o700, exist_ok=True)
        found = path.lstat()
    except OSError:
        return own
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    return path if is_ours and not found.st_mode & 0o077 else own


class Jobs:
    """The jobs of a server; `kept_seconds` counts from when one was taken on."""

    def __init__(self, directory: Path, limit: int, kept_seconds: float) -> None:
        self._directory = directory
        self._limit = limit
        self._kept = kept_seconds
        self._pool: tuple[int, ThreadPoolExecutor] | None = None

    def take(self, work: Callable[[], tuple[bytes, str]], client: str) -> str:
        """Take on a job of a client and return its name.

        `work` returns the answer, and in words what was done with it; an exception of it fails the
        job. Raises `TooManyRequests` where there are `limit` already, or a quarter of these of
        the client, `ServiceUnavailable` where the directory cannot be written to.
        """
        name = secrets.token_urlsafe(16)
        whose = blake2b(client.encode(), digest_size=8).hexdigest()
        try:
            self._enter(name, whose)
        except OSError as error:
            raise refuse(
                ServiceUnavailable,
                f"This server cannot keep jobs: {error.strerror}.",
                slug="jobs-unavailable",
            ) from error
        self._threads().submit(self._run, name, work, whose)
        return name

    def _enter(self, name: str, client: str) -> None:
        """Write down a new job, if there is room for one more of its client."""
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self._directory / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._expire()
            kept = list(self._directory.glob("*.json"))
            if len(kept) >= self._limit:
                raise TooManyRequests(
                    f"All {self._limit} jobs are taken; they are freed in turn.", retry_after=60
                )
            share = max(LEAST, self._limit // SHARE)
            if sum(self._client_of(path) == client for path in kept) >= share:
                raise TooManyRequests(
                    f"A client may have {share} of {self._limit} jobs; yours are freed in turn.",
                    retry_after=60,
                )
            self._write(name, "Queued", "It waits for its turn.", [], client)

    def _client_of(self, path: Path) -> str:
        try:
            return msgspec.json.decode(path.read_bytes(), type=Job).client
        except (OSError, msgspec.MsgspecError):
            return ""

    def find(self, name: str) -> Job | None:
        """Return a job, None if there is none of this name."""
        if not _NAME.fullmatch(name):
            return None
        try:
            job = msgspec.json.decode((self._directory / f"{name}.json").read_bytes(), type=Job)
        except FileNotFoundError:
            return None
        if job.expires < time.time():
            return None
        if job.state in {"Queued", "Running"} and not _lives(job.process):
            return msgspec.structs.replace(
                job, state="Failed", description="The process that had it is gone. Ask again."
            )
        return job

    def answer(self, name: str) -> bytes | None:
        """Return the answer of a job that is done, else None."""
        job = self.find(name)
        if job is None or job.state != "Completed":
            return None
        try:
            return (self._directory / f"{name}.response").read_bytes()
        except FileNotFoundError:
            return None

    def _threads(self) -> ThreadPoolExecutor:
        """Return this process's thread; one that was inherited by a fork does not run."""
        if self._pool is None or self._pool[0] != os.getpid():
            self._pool = os.getpid(), ThreadPoolExecutor(1, thread_name_prefix="trapi-job")
        return self._pool[1]

    def _run(self, name: str, work: Callable[[], tuple[bytes, str]], client: str) -> None:
        try:
            self._write(name, "Running", "It is being answered.", ["Taken up."], client)
            body, message = work()
        except Exception as error:  # noqa: BLE001 - whatever it is, the job says that it failed
            failed = ["Taken up.", "Failed."]
            self._write(name, "Failed", str(error) or "It failed.", failed, client)
            return
        if len(body) > MAX_BYTES:
            message = f"The answer has {len(body):,} bytes; {MAX_BYTES:,} is the most."
            self._write(name, "Failed", message, ["Taken up.", message], client)
            return
        _write_private(self._directory / f"{name}.response", body)
        self._write(name, "Completed", message, ["Taken up.", message], client)

    def _write(self, name: str, state: str, description: str, logs: list[str], client: str) -> None:
        now = datetime.now(UTC).isoformat()
        job = Job(
            state=state,
            description=description,
            process=os.getpid(),
            expires=time.time() + self._kept,
            logs=[
                LogEntry(timestamp=now, level="INFO", code=state, message=text)
                for text in logs or [description]
            ],
            client=client,
        )
        _write_private(self._directory / f"{name}.json", msgspec.json.encode(job))

    def _expire(self) -> None:
        oldest = time.time() - self._kept
        for file in self._directory.iterdir():
            try:
                if file.name != "lock" and file.stat().st_mtime < oldest:
                    file.unlink(missing_ok=True)
            except FileNotFoundError:
                continue


def _write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read; it appears whole."""
    fresh = path.with_suffix(f"{path.suffix}.part")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    fresh.replace(path)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
