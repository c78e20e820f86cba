"""Writes the text of a picture from standard input: run as a process of its own, with limits.

It becomes the recogniser (Tesseract), which keeps the limits.
"""

import os
import resource
import sys

MEMORY_BYTES, CPU_SECONDS = 1024**3, 20


def main() -> None:
    """Read one picture; the one argument is the path of the recogniser."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    program = sys.argv[1]
    one_thread = {"OMP_THREAD_LIMIT": "1"}
    os.execve(program, (program, "stdin", "stdout", "-l", "rus", "--psm", "3"), one_thread)  # noqa: S606 - no shell


if __name__ == "__main__":
    main()
