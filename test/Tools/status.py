"""Runs a command and checks how it ends.

    status.py STATUS COMMAND...

Exits 0 if the exit status is STATUS and, for 2 (bad usage or input), standard
error has an error and nothing else went to standard output. What the command
prints is passed on, both streams to standard output.
"""

import subprocess
import sys


def main():
    expected = int(sys.argv[1])
    done = subprocess.run(sys.argv[2:], capture_output=True, text=True)
    print(done.stdout + done.stderr, end="")
    problems = []
    if done.returncode != expected:
        problems.append(f"exit status {done.returncode}, expected {expected}")
    if expected == 2 and not done.stderr.strip():
        problems.append("no message on standard error")
    if "Stack dump" in done.stderr:
        problems.append("a crash")
    for problem in problems:
        print(f"status.py: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
