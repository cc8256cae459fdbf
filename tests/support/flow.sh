# Shared by the flow tests: a scratch folder that vanishes, a small made county, and checks that say
# what was expected and what was found. Sourced; $ECOMON is the program.
set -euo pipefail
export LC_ALL=C.UTF-8 OMP_WAIT_POLICY=passive
: "${ECOMON:?path of the program}"
SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/ecomon-flow.XXXXXX")
trap 'rm -rf "$SCRATCH"' EXIT
cd "$SCRATCH"

fail() {
    echo "FAIL: $*" >&2
    exit 1
}

# county DIR [demo options]: a made county small enough for a test.
county() {
    local dir=$1
    shift
    "$ECOMON" -q demo "$dir" --size 300x300 --dates 6 "$@" >demo.log 2>&1 || {
        cat demo.log
        fail "the demo county could not be made"
    }
}

# expect CODE COMMAND...: runs it, keeps its output in ./out and ./err, compares the exit code.
expect() {
    local want=$1 got=0
    shift
    "$@" >"$SCRATCH/out" 2>"$SCRATCH/err" || got=$?
    if [ "$got" != "$want" ]; then
        echo "--- stdout"; cat "$SCRATCH/out"
        echo "--- stderr"; cat "$SCRATCH/err"
        fail "exit code $got, expected $want: $*"
    fi
}

# said FILE TEXT: the file (out or err) has a line with this text.
said() {
    grep -qF -- "$2" "$SCRATCH/$1" || {
        echo "--- $1"; cat "$SCRATCH/$1"
        fail "std$1 does not say: $2"
    }
}

not_said() {
    if grep -qF -- "$2" "$SCRATCH/$1"; then
        cat "$SCRATCH/$1"
        fail "std$1 says: $2"
    fi
}

# same A B: two files of equal bytes.
same() {
    cmp -s "$1" "$2" || fail "$1 and $2 differ: $(cmp "$1" "$2" 2>&1 | head -1)"
}

# tree DIR: names, sizes and sums of every file below.
tree() {
    (cd "$1" && find . -type f ! -name '*-wal' ! -name '*-shm' -print0 | sort -z | xargs -0 -r sha256sum)
}

# The one published folder of a region and period.
current() {
    readlink -f "$1/out"/*/*/current
}
