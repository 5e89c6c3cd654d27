"""The server as a process of its own: how long until it answers its first page, and how much memory it holds then."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from bench.timing import Figure

COLD_START_SECONDS = 1.5
MEMORY_MEGABYTES = 120
PATIENCE_SECONDS = 30


def measure(url: str) -> list[Figure]:
    """Seconds and megabytes, each against what was promised."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = time.perf_counter()
    program = [sys.executable, "-m", "cli", "serve", "--db", url, "--port", str(port)]
    process = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        seconds = _first_answer(f"http://127.0.0.1:{port}/sign-in", started)
        megabytes = _resident(process.pid)
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)
    return [
        Figure("first page after a cold start (of 1.5 s)", seconds * 1e6, COLD_START_SECONDS * 1e6, 1.0),
        Figure("resident memory (of 120 MB, as µs)", megabytes, MEMORY_MEGABYTES, 1.0),
    ]


def _first_answer(address: str, started: float) -> float:
    while True:
        try:
            with urllib.request.urlopen(address) as answer:
                answer.read()
                return time.perf_counter() - started
        except OSError:
            if time.perf_counter() - started > PATIENCE_SECONDS:
                raise
            time.sleep(0.01)


def _resident(pid: int) -> float:
    """Megabytes, from what Linux says of the process (proc(5), VmRSS)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the system does not tell the resident memory of a process")
