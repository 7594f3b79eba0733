"""Verifies every example of the language manual. Usage: manual.py LRC README"""

import os
import re
import subprocess
import sys
import tempfile


def main():
    lrc, manual = sys.argv[1:3]
    with open(manual, encoding="utf-8") as handle:
        blocks = re.findall(r"^```dsf\n(.*?)^```", handle.read(), re.S | re.M)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, block in enumerate(blocks):
            path = os.path.join(folder, f"example{number}.dsf")
            with open(path, "w", encoding="utf-8") as handle:
                handle.write(block)
            names = re.findall(r"^recurrence (\w+)", block, re.M)
            for name in names:
                result = subprocess.run(
                    [lrc, "verify", path, "--recurrence", name],
                    capture_output=True, text=True)
                good = result.returncode == 0
                failed += not good
                print(f"{name:24} {'ok' if good else 'BAD'}")
                if not good:
                    print(block, result.stdout, result.stderr, sep="\n")
    print(f"{len(blocks)} examples, {failed} failed")
    return 1 if failed or not blocks else 0


if __name__ == "__main__":
    sys.exit(main())
