"""Checks the shape of the code: sizes of files, and which folder may include
which. Usage: lint.py SOURCE_ROOT"""

import os
import re
import subprocess
import sys

MAX_LINES = 800

# What a folder under lib/ may include from lib/; dialects and include are free.
ALLOWED = {
    "Support": set(),
    "Tensor": {"Support"},
    "Solver": set(),
    "Cache": {"Support"},
    "Target": {"Cache"},
    "Frontend": set(),
    "Analysis": set(),
    "Algebra": {"Analysis"},
    "Transforms": {"Algebra", "Analysis"},
    "Schedule": {"Algebra", "Analysis", "Solver", "Target", "Transforms"},
    "Explain": {"Algebra", "Analysis", "Schedule", "Transforms"},
    "Interp": set(),
    "Binding": {"Tensor"},
    "Conversion": {"Algebra", "Analysis"},
    "Pipeline": {"Conversion", "Schedule", "Transforms"},
    "Gpu": {"Cache", "Conversion", "Pipeline", "Schedule", "Target", "Transforms"},
    "JIT": {"Analysis", "Binding", "Cache", "Frontend", "Gpu", "Pipeline", "Schedule",
            "Target", "Tensor", "Transforms"},
    "Driver": {"Binding", "Explain", "Frontend", "Gpu", "Interp", "JIT", "Pipeline",
               "Schedule", "Solver", "Support", "Target", "Tensor", "Transforms"},
}
SOURCES = (".cpp", ".h", ".td", ".c", ".py")


def tracked_files(root):
    try:
        listing = subprocess.run(
            ["git", "-C", root, "ls-files"], capture_output=True, text=True, check=True
        ).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        listing = [
            os.path.relpath(os.path.join(folder, name), root)
            for folder, _, names in os.walk(root)
            for name in names
            if "/build" not in folder
        ]
    return [path for path in listing if os.path.exists(os.path.join(root, path))]


def check_file(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as handle:
        lines = handle.read().splitlines()
    if len(lines) > MAX_LINES:
        yield f"{path}: {len(lines)} lines, more than {MAX_LINES}"
    folder = path.split("/")
    for number, line in enumerate(lines, 1):
        include = re.match(r'#include "(dialects|lib|tools|test)/(\w+)', line)
        if not include:
            continue
        top, name = include.groups()
        where = f"{path}:{number}"
        if folder[0] == "dialects" and top != "dialects":
            yield f"{where}: a dialect includes {top}/"
        if folder[0] == "include":
            yield f"{where}: a public header includes {top}/"
        if top in ("tools", "test") and folder[0] not in ("tools", "test"):
            yield f"{where}: includes {top}/"
        if folder[0] == "lib" and top == "lib" and len(folder) > 2:
            mine = folder[1]
            if name != mine and name not in ALLOWED.get(mine, set()):
                yield f"{where}: {mine} includes {name}"


def main():
    root = sys.argv[1]
    paths = [p for p in tracked_files(root) if p.endswith(SOURCES)]
    problems = [problem for path in paths for problem in check_file(root, path)]
    for problem in problems:
        print(problem)
    print(f"{len(paths)} files, {len(problems)} problems")
    return 1 if problems or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
