import os
import sys

import pytest

from lkmr_servicekit.child import answer_of

ECHO = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())"


def python(text: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-c", text)


async def test_a_child_answers_and_gets_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LKMR_SECRET", "x")

    assert await answer_of(python(ECHO), b"a" * 3_000_000, seconds=20) == b"a" * 3_000_000
    names = await answer_of(python("import os; print(*os.environ)"), b"", seconds=20)
    assert names is not None
    assert b"LKMR_SECRET" not in names
    assert "LKMR_SECRET" in os.environ


@pytest.mark.parametrize(
    "text",
    [
        "import os; os.close(0); raise SystemExit(1)",  # reads nothing of what it is given
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "raise SystemExit(3)",
    ],
)
async def test_a_child_that_ends_early_is_no_answer_and_no_fault(text: str) -> None:
    assert await answer_of(python(text), b"a" * 3_000_000, seconds=20) is None


async def test_a_child_that_takes_too_long_is_ended() -> None:
    assert await answer_of(python("import time; time.sleep(60)"), b"", seconds=0.3) is None
