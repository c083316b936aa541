"""lxml reading reports into a tree and writing it again: lxml_reports.py CASE SHARED [RUNS]."""

import os
import sys
import time

from lxml import etree

case, shared = sys.argv[1:3]
assert case == "report-rewrite", case
wanted = int(sys.argv[3]) if len(sys.argv) > 3 else None
files = [
    os.path.join(folder, name)
    for folder, _, names in os.walk(os.path.join(shared, "corpus/backups"))
    for name in names
    if name.lower() == "gpreport.xml"
]


def rewrite(path):
    with open(path, "rb") as file:
        data = file.read()
    if not data.startswith(b"\xff\xfe"):
        # It says UTF-16 and is UTF-8.
        data = data.decode("utf-8-sig").partition("?>")[2].strip()
    root = etree.fromstring(data)
    return etree.tostring(root, encoding="utf-16", xml_declaration=True)


start = time.perf_counter_ns()
best, runs, counted = None, 0, 0
while runs < (wanted or 3) or (not wanted and time.perf_counter_ns() - start < 1_000_000_000):
    run_start = time.perf_counter_ns()
    for path in files:
        rewrite(path)
    counted = len(files)
    taken = time.perf_counter_ns() - run_start
    best = taken if best is None else min(best, taken)
    runs += 1
print(best, runs, counted, file=sys.stderr)
