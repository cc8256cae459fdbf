#!/usr/bin/env bash
# clang-tidy over every source, by .clang-tidy. A file is looked at again when it, any header or the
# rules have changed; $ECOMON_BUILD_DIR (default: build/dev) holds the commands and remembers.
set -u
cd "$(dirname "$0")/.." || exit 2
build=${ECOMON_BUILD_DIR:-build/dev}
[ -f "$build/compile_commands.json" ] || { echo "check_tidy: no $build/compile_commands.json; build first"; exit 2; }
command -v clang-tidy >/dev/null || { echo "check_tidy: no clang-tidy; run scripts/setup --test"; exit 2; }
memory=$build/tidy
mkdir -p "$memory"

shared=$({ clang-tidy --version; cat .clang-tidy CMakeLists.txt; find kernels pipeline jobs -name '*.h' -print0 | sort -z | xargs -0 cat; } | sha256sum | cut -c1-32)
todo=()
mapfile -t files < <(find kernels pipeline jobs -name '*.c' | sort)
for file in "${files[@]}"; do
    key=$({ echo "$shared $file"; cat "$file"; } | sha256sum | cut -c1-32)
    [ -e "$memory/$key" ] || todo+=("$key" "$file")
done

export build memory
# One call per file: clang-tidy 14 carries findings of one file over into the next.
look() {
    local out
    if out=$(clang-tidy -p "$build" --quiet "$2" 2>/dev/null); then
        : >"$memory/$1"
    else
        echo "$out"
        return 1
    fi
}
export -f look
if [ ${#todo[@]} -gt 0 ]; then
    printf '%s\0' "${todo[@]}" | xargs -0 -n2 -P"$(nproc)" bash -c 'look "$1" "$2"' look || exit 1
fi
echo "tidy: ${#files[@]} files, $((${#todo[@]} / 2)) of them looked at now"
