#!/usr/bin/env bash
# clang-format decides layout; this says which files differ from it. `--fix` formats them.
set -u
cd "$(dirname "$0")/.." || exit 2
mapfile -t files < <(find kernels pipeline jobs tests -name '*.[ch]' | sort)
if [ "${1:-}" = --fix ]; then clang-format -i "${files[@]}"; exit; fi
bad=$(clang-format --dry-run --Werror "${files[@]}" 2>&1 | grep -E 'error:' | cut -d: -f1 | sort | uniq -c)
if [ -n "$bad" ]; then echo "not as clang-format has them (scripts/check_format.sh --fix):"; echo "$bad"; exit 1; fi
echo "format: ${#files[@]} files as clang-format would have them"
