"""Writes the words of a picture from standard input as a table that tells how sure each is (TSV).

Run as a process of its own, with limits: it becomes the recogniser (Tesseract), which keeps them.
"""

import os
import resource
import sys

MEMORY_BYTES, CPU_SECONDS = 1024**3, 20
_TABLE = ("-c", "tessedit_create_txt=0", "-c", "tessedit_create_tsv=1")


def main() -> None:
    """Read one picture; the one argument is the path of the recogniser."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    program = sys.argv[1]
    one_thread = {"OMP_THREAD_LIMIT": "1"}
    command = (program, "stdin", "stdout", "-l", "rus", "--psm", "3", *_TABLE)
    os.execve(program, command, one_thread)  # noqa: S606 - no shell


if __name__ == "__main__":
    main()
