#!/usr/bin/env bash
# What a kernel may call: memory moves and exact arithmetic of libc and libm, nothing else. A kernel
# that allocates, prints, opens or exits fails here. Reads the object files of the kernel library.
set -u
cd "$(dirname "$0")/.." || exit 2
lib=${ECOMON_KERNEL_LIB:-build/dev/libecomon_kernels.a}
[ -f "$lib" ] || { echo "no kernel library at $lib: build first"; exit 2; }
ok='ek_.*|_GLOBAL_OFFSET_TABLE_|mem(cpy|move|set|cmp)|strlen|strcmp|strncmp|(sqrt|floor|ceil|fabs|trunc|rint|lrint|llrint|round|lround|llround|fmin|fmax|fma|copysign|nextafter)f?|__assert_fail|__stack_chk_fail|__(asan|ubsan|tsan|sanitizer)_.*|__cpu_(model|indicator_init|features2)|__popcountdi2|_+(lsan|msan)_.*|__(u|)(div|mod|divmod)ti[34]'
own=$(nm -A --defined-only "$lib" 2>/dev/null | awk '{print $NF}' | sed 's/\..*//' | sort -u)
bad=$(nm -A --undefined-only "$lib" 2>/dev/null | awk '{print $1, $NF}' | while read -r where symbol; do
    symbol=${symbol%%@*}
    [[ $symbol =~ ^($ok)(\..*)?$ ]] && continue
    grep -qx -- "${symbol%%.*}" <<<"$own" && continue
    echo "${where##*/}: calls $symbol, which no kernel may"
done)
if [ -n "$bad" ]; then echo "$bad"; exit 1; fi
# A const table of pointers lies in .data.rel.ro, which is read-only once loaded.
data=$(objdump -t "$lib" 2>/dev/null | grep -E '[[:space:]]O[[:space:]]+(\.data|\.bss|\*COM\*)' | grep -vE '\.data\.rel\.ro|__(asan|ubsan|odr|tsan)|\.LASAN|\.Lubsan' || true)
if [ -n "$data" ] && ! nm "$lib" 2>/dev/null | grep -q '__asan\|__tsan'; then
    echo "mutable file-scope data in a kernel:"; echo "$data"; exit 1
fi
echo "kernel symbols: only what the allow-list names"
