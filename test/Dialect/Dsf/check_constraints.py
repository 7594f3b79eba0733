"""Every constraint tagged in the dialect's sources has a test and a README entry.

    check_constraints.py SOURCE_ROOT
"""

import re
import sys
from pathlib import Path

root = Path(sys.argv[1])
dialect = root / "dialects" / "Dsf"
tags = lambda text, before: set(re.findall(before + r"([a-z]+_c\d+)\b", text))
sources = "".join(path.read_text() for path in sorted(dialect.glob("*.cpp")))
wanted = tags(sources, "// ")
places = {
    "test/Dialect/Dsf/invalid.mlir": "// ",
    "dialects/Dsf/README.md": r"- \*\*",
}
status = 0
for place, before in places.items():
    found = tags((root / place).read_text(), before)
    for tag in sorted(wanted ^ found):
        print(f"{place}: {tag} is {'missing' if tag in wanted else 'unknown'}")
        status = 1
sys.exit(status)
