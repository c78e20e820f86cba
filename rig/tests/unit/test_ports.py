"""Ports that tests listen on."""

import subprocess
import sys
from pathlib import Path

from lkmr_rig.guard import free_port, is_free

ASK = "from lkmr_rig.guard import free_port; print(free_port(first={first}, last={last}))"


def outgoing_ports() -> range:
    first, last = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    return range(int(first), int(last) + 1)


def test_a_free_port_is_none_that_an_outgoing_connection_may_take() -> None:
    assert free_port() not in outgoing_ports()


def test_a_port_is_given_once_also_to_another_process_and_before_anybody_listens() -> None:
    mine = free_port()
    assert is_free(mine)
    assert free_port(mine, mine + 2) == mine + 1
    command = ASK.format(first=mine, last=mine + 40)
    other = subprocess.run([sys.executable, "-c", command], check=True, capture_output=True)
    assert int(other.stdout) not in {mine, mine + 1}
