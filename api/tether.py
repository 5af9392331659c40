"""Runs a command that ends when the process that began it ends, however that ends: `tether.py PARENT_PID COMMAND ...`.

The kernel is asked for it (Linux, `prctl(PR_SET_PDEATHSIG)`), then the command takes this process over.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent_id: int, command: list[str]) -> None:
    """Tie this process to its parent and become the command."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != parent_id:  # it was gone before we asked
        sys.exit("the server that wanted this done is gone")
    os.execv(command[0], command)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
