"""Giving up rights: run as a script it confines itself and becomes the tool; media children call its functions.

As a script it knows nothing of Polycast and imports three modules, because it starts once for each child: 10 ms.

    python -I -S confine.py KEY=VALUE... -- /absolute/tool ARGUMENT...

Source: Linux `Documentation/userspace-api/landlock.rst` (ABI 1 to 7), `seccomp(2)`, `prctl(2)`, `capabilities(7)`.
"""

import ctypes
import os
import resource
import sys
from collections.abc import Iterable, Sequence
from typing import Final

PR_SET_PDEATHSIG: Final = 1
PR_SET_SECCOMP: Final = 22
PR_CAPBSET_DROP: Final = 24
PR_SET_NO_NEW_PRIVS: Final = 38
PR_CAP_AMBIENT: Final = 47
SIGKILL: Final = 9
SIGPIPE: Final = 13
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446  # the same on every architecture

EXECUTE: Final = 1 << 0
WRITE_FILE: Final = 1 << 1
READ_FILE: Final = 1 << 2
READ_DIR: Final = 1 << 3
TRUNCATE: Final = 1 << 14
IOCTL_DEV: Final = 1 << 15
FS_BY_ABI: Final = (13, 14, 15, 15, 16)  # how many kinds of file access ABI 1, 2, ... know
FILE_RIGHTS: Final = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
MAKE_RIGHTS: Final = ((1 << 15) - 1) & ~(EXECUTE | (1 << 6) | (1 << 9) | (1 << 10) | (1 << 11) | (1 << 12))
READ: Final = READ_FILE | READ_DIR
SYSTEM: Final = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/fonts")
RANDOM: Final = ("/dev/urandom",)
NULL: Final = "/dev/null"

ALLOW: Final = 0x7FFF0000
REFUSE: Final = 0x00050000  # | errno
KILL: Final = 0x80000000
EPERM, EACCES, ENOSYS = 1, 13, 38
CLONE_THREAD: Final = 0x00010000
X32: Final = 0x40000000
# machine: (audit arch, {name: number}); Source: Linux arch/*/entry/syscalls
SYSCALLS: Final = {
    "x86_64": (
        0xC000003E,
        {"socket": 41, "clone": 56, "fork": 57, "vfork": 58, "ptrace": 101, "bpf": 321, "io_uring": 425, "clone3": 435},
    ),
    "aarch64": (0xC00000B7, {"socket": 198, "clone": 220, "ptrace": 117, "bpf": 280, "io_uring": 425, "clone3": 435}),
}
CAP_DAC_OVERRIDE: Final = 1
CAPABILITY_VERSION: Final = 0x20080522


class Refused(OSError):
    """The kernel did not take a restriction."""


def landlock_abi() -> int:
    """The version of Landlock the kernel offers; 0 for none."""
    found = int(_libc().syscall(LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1)))
    return max(found, 0)


def knows_syscalls() -> bool:
    """Whether system calls can be filtered on this machine."""
    return os.uname().machine in SYSCALLS


def die_with_parent(parent: int) -> None:
    """Be killed when the thread that made us ends; at once, when `parent` is gone already."""
    _prctl(PR_SET_PDEATHSIG, SIGKILL)
    if parent and os.getppid() != parent:
        os._exit(125)


def drop_privileges() -> None:
    """No new rights by any later exec; as root, keep of root's powers only the reading and writing of others' files."""
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    if os.geteuid() != 0:
        return
    _prctl(PR_CAP_AMBIENT, 4)
    for capability in range(64):
        if capability != CAP_DAC_OVERRIDE and _libc().prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break  # past the last one the kernel knows, or not ours to drop
    head = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    kept = 1 << CAP_DAC_OVERRIDE
    held = (ctypes.c_uint32 * 6)(0, 0, 0, 0, 0, 0)
    if _libc().capget(head, held) != 0:
        raise Refused(ctypes.get_errno(), "capget")
    wanted = (ctypes.c_uint32 * 6)(held[0] & kept, held[1] & kept, 0, 0, 0, 0)
    if _libc().capset(head, wanted) != 0:
        raise Refused(ctypes.get_errno(), "capset")


def landlock(
    *,
    read: Iterable[str] = (),
    write: Iterable[str] = (),
    execute: Iterable[str] = (),
    devices: Iterable[str] = (),
    network: bool = False,
) -> None:
    """From now on only these paths (files, or folders with all below) can be opened, and no TCP port without `network`.

    Descriptors that are open stay usable. Raises: Refused, OSError for a path that is not there.
    """
    abi = landlock_abi()
    if abi == 0:
        raise Refused(ENOSYS, "no Landlock in this kernel")
    files = (1 << FS_BY_ABI[min(abi, len(FS_BY_ABI)) - 1]) - 1
    ports = 0 if network or abi < 4 else 3  # bind, connect
    scopes = 0 if abi < 6 else 3  # abstract sockets and signals of others
    attributes = (ctypes.c_uint64 * 3)(files, ports, scopes)
    ruleset = int(_libc().syscall(LANDLOCK_CREATE, attributes, ctypes.c_size_t(24), ctypes.c_uint32(0)))
    if ruleset < 0:
        raise Refused(ctypes.get_errno(), "landlock_create_ruleset")
    try:
        for paths, rights in (
            (read, READ),
            (execute, READ | EXECUTE),
            (write, READ | MAKE_RIGHTS | TRUNCATE),
            (devices, READ | WRITE_FILE | IOCTL_DEV),
        ):
            for path in paths:
                _allow(ruleset, path, rights & files)
        if _libc().syscall(LANDLOCK_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint32(0)) != 0:
            raise Refused(ctypes.get_errno(), "landlock_restrict_self")
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not os.path.isdir(path):  # noqa: PTH112 - pathlib costs 8 ms at the start of each child
            rights &= FILE_RIGHTS | READ_FILE
        rule = (ctypes.c_uint8 * 12)()
        ctypes.memmove(rule, rights.to_bytes(8, sys.byteorder) + handle.to_bytes(4, sys.byteorder), 12)
        if _libc().syscall(LANDLOCK_ADD, ctypes.c_int(ruleset), ctypes.c_int(1), rule, ctypes.c_uint32(0)) != 0:
            raise Refused(ctypes.get_errno(), f"landlock_add_rule {path}")
    finally:
        os.close(handle)


def filter_calls(*, network: bool = False, children: bool = False) -> None:
    """From now on no socket of any kind (without `network`), no child process (without `children`), no tracing.

    Threads stay possible. clone3 hides its flags in memory, so it is refused with ENOSYS and the C library falls back.
    """
    machine = os.uname().machine
    if machine not in SYSCALLS:
        return
    arch, numbers = SYSCALLS[machine]
    refused = [("ptrace", EPERM), ("bpf", EPERM), ("io_uring", ENOSYS)]
    if not network:
        refused.append(("socket", EACCES))
    if not children:
        refused += [("fork", EPERM), ("vfork", EPERM), ("clone3", ENOSYS)]
    program = [_bpf(0x20, 4), _bpf(0x15, arch, 1, 0), _bpf(0x06, KILL), _bpf(0x20, 0)]
    program += [_bpf(0x35, X32, 0, 1), _bpf(0x06, REFUSE | EPERM)]
    for name, error in refused:
        if name in numbers:
            program += [_bpf(0x15, numbers[name], 0, 1), _bpf(0x06, REFUSE | error)]
    if not children:
        # if (nr == clone) { load the low word of the flags; threads are allowed, else EPERM }
        program += [_bpf(0x15, numbers["clone"], 0, 3), _bpf(0x20, 16)]
        program += [_bpf(0x45, CLONE_THREAD, 1, 0), _bpf(0x06, REFUSE | EPERM)]
    program.append(_bpf(0x06, ALLOW))
    code = ctypes.create_string_buffer(b"".join(program))
    pointer = (ctypes.c_uint64 * 2)(len(program), ctypes.addressof(code))
    _prctl(PR_SET_SECCOMP, 2, ctypes.addressof(pointer))


def limit(name: str, value: int) -> None:
    """Set a resource limit, soft and hard: "as", "fsize", "nofile", "nproc", "cpu", "core". Never raises an inherited one."""
    kind = getattr(resource, f"RLIMIT_{name.upper()}")
    _, hard = resource.getrlimit(kind)
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (bound, bound))


def _bpf(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return (
        code.to_bytes(2, sys.byteorder) + bytes((if_true, if_false)) + (value & 0xFFFFFFFF).to_bytes(4, sys.byteorder)
    )


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, first: int, second: int = 0) -> None:
    longs = [ctypes.c_ulong(value) for value in (first, second, 0, 0)]
    if _libc().prctl(option, *longs) != 0:
        raise Refused(ctypes.get_errno(), f"prctl {option}")


def main(arguments: Sequence[str]) -> None:
    """Confine this process as told, then become the tool."""
    at = arguments.index("--")
    told: dict[str, list[str]] = {}
    for argument in arguments[:at]:
        key, _, value = argument.partition("=")
        told.setdefault(key, []).append(value)
    die_with_parent(int(told["parent"][0]))
    os.umask(0o027)
    for entry in told.get("limit", []):
        name, _, value = entry.partition(":")
        limit(name, int(value))
    if "nice" in told:
        os.nice(int(told["nice"][0]))
    network = "network" in told
    if "landlock" in told:
        drop_privileges()
        landlock(
            read=[*told.get("read", []), *_present(RANDOM)],
            write=told.get("write", []),
            execute=[*_present(SYSTEM), *told.get("execute", [])],
            devices=[*told.get("device", []), NULL],
            network=network,
        )
    if "calls" in told:
        filter_calls(network=network, children="children" in told)
    _libc().signal(SIGPIPE, 0)  # Python ignores it, and a tool would inherit that
    os.execve(arguments[at + 1], [*arguments[at + 1 :]], {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"})  # noqa: S606


def _present(paths: Iterable[str]) -> list[str]:
    return [path for path in paths if os.path.exists(path)]  # noqa: PTH110 - see _allow


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except OSError as problem:
        sys.stderr.write(f"cannot confine the tool: {problem}\n")
        sys.exit(125)
