#!/usr/bin/env bash
# Runs one case of the command line: tests/cli/run_case.sh CASE. A case calls
#   expect CODE COMMAND...     runs it and compares the exit code (tests/support/flow.sh)
#   printed out|err [TEXT]     compares the whole of stdout or stderr, byte by byte; TEXT is its one
#                              line, and without TEXT it comes from the case's here-document
#   silent out|err             nothing was written there
# in a scratch folder of its own, with $ECOMON as the program and no terminal.
[ $# = 1 ] || { echo "usage: $0 CASE" >&2; exit 2; }
case_file=$(readlink -f "$1")
: "${ECOMON_SOURCE_DIR:=$(readlink -f "$(dirname "$0")/../..")}"
. "$ECOMON_SOURCE_DIR/tests/support/flow.sh"
unset TERM

printed() {
    local what=$1
    if [ $# -gt 1 ]; then printf '%s\n' "$2" >"$SCRATCH/want"; else cat >"$SCRATCH/want"; fi
    cmp -s "$SCRATCH/want" "$SCRATCH/$what" && return
    diff -u --label "expected std$what" --label "found" "$SCRATCH/want" "$SCRATCH/$what" >&2 || true
    fail "std$what is not what was expected"
}

silent() { printed "$1" </dev/null; }

# skip_without PROGRAM: ends the case, aloud, where the machine lacks it.
skip_without() {
    command -v "$1" >/dev/null && return
    echo "SKIPPED: $1 is not on this machine"
    exit 0
}

. "$case_file"
