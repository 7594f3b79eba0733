"""Broken input gives an error that says where, and never a crash.

    check_broken.py COMMAND.. FOLDER

Runs COMMAND on every .mlir file of FOLDER. The exit status must be a failure
but not a signal or an abort, and the output must have a line FILE:..error:.
"""

import subprocess
import sys
from pathlib import Path

*command, folder = sys.argv[1:]
files = sorted(Path(folder).glob("*.mlir"))
failures = 0
for path in files:
    try:
        done = subprocess.run(command + [str(path)], capture_output=True, timeout=20)
    except subprocess.TimeoutExpired:
        print(f"{path.name}: no end after 20 s")
        failures += 1
        continue
    lines = done.stderr.decode(errors="replace").splitlines()
    if not 0 < done.returncode < 128:
        print(f"{path.name}: exit status {done.returncode}")
        failures += 1
    elif not any(path.name + ":" in line and "error: " in line for line in lines):
        print(f"{path.name}: no error that names the file")
        failures += 1
print(f"{len(files)} files, {failures} failures")
sys.exit(failures > 0 or len(files) < 20)
