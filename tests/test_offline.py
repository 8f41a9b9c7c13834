"""A bare machine with the network unplugged: the samples are aligned and translated, and the page shows them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest


def test_the_workbench_needs_no_network(tmp_path):
    alone = ["unshare", "-rn"]
    if shutil.which("unshare") is None or subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody make a network namespace")
    done = subprocess.run([*alone, sys.executable, "-m", "tests.offline", str(tmp_path)], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["reachable"] is False
    assert (found["status"], found["projects"], found["engines"]) == (200, 2, ["machine:gemma"])
    assert found["rows"] is None or found["rows"] > 40
