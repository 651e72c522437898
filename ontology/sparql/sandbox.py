"""A process sealed from the network, by a filter that the kernel holds it to (Linux, seccomp).

No privilege is needed, and no way leads back: the filter holds for all threads started later. It
refuses to make sockets, so that whatever a library would fetch fails at its first step.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from typing import Final

__all__ = ["seal"]

PR_SET_NO_NEW_PRIVS: Final = 38
PR_SET_SECCOMP: Final = 22
SECCOMP_MODE_FILTER: Final = 2
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EACCES
IO_URING_SETUP: Final = 425

MACHINES: Final = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""The audit number of each machine, and its number of the system call `socket`."""


def seal() -> bool:
    """Take the way to any network from this process; says whether the system could."""
    machine = MACHINES.get(platform.machine())
    if machine is None or platform.system() != "Linux":
        return False
    audit, make_socket = machine
    # struct seccomp_data: the number of the call at 0, the machine at 4 (seccomp(2)).
    steps = (
        (LOAD, 0, 0, 4),
        (EQUAL, 0, 4, audit),
        (LOAD, 0, 0, 0),
        (EQUAL, 1, 0, make_socket),
        (EQUAL, 0, 1, IO_URING_SETUP),
        (RETURN, 0, 0, REFUSE),
        (RETURN, 0, 0, ALLOW),
    )
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(code)))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    place = ctypes.addressof(program)
    return bool(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, place, 0, 0) == 0)
