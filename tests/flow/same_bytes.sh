#!/usr/bin/env bash
# Same inputs, same bytes: threads 1 and 2, tiles of 256 and 1024, SAFE read in another order of
# arrival.
. "$(dirname "$0")/../support/flow.sh" || exit 1

county town
cd town

# run_as NAME THREADS TILE
run_as() {
    sed -e '/^grid:/d' demo.yaml >"$1.yaml"
    printf 'out: out-%s\ngrid: {tile: %s}\n' "$1" "$3" >>"$1.yaml"
    expect 0 "$ECOMON" run "$1.yaml" --threads "$2"
}

if grep -q '^out:' demo.yaml; then fail "the demo's config names its folder; mend this test"; fi
run_as one 1 1024
run_as two 2 1024
run_as small 2 256
a=$(readlink -f out-one/*/*/current)
for other in two small; do
    b=$(readlink -f out-$other/*/*/current)
    [ "${a##*/}" = "${b##*/}" ] || fail "run ids differ: ${a##*/} and ${b##*/}"
    for f in class.tif class.tif.aux.xml confidence.tif clear.tif gep_input_extent.csv quality.json; do
        same "$a/$f" "$b/$f"
    done
done
b=$(readlink -f out-two/*/*/current)
# out: stands in the resolved config of the manifest, so that is the one line that may differ.
diff <(sed 's/out-one/out/g' "$a/manifest.json" | grep -v sha256) \
    <(sed 's/out-two/out/g' "$b/manifest.json" | grep -v sha256) >/dev/null ||
    fail "the manifests of 1 and 2 threads differ"
cmp -s <(cd out-one/work/tiles && find . -type f | sort | xargs sha256sum) \
    <(cd out-two/work/tiles && find . -type f | sort | xargs sha256sum) || fail "tile results differ"
cmp -s <(cd out-one/work/cube && find . -type f | sort | xargs sha256sum) \
    <(cd out-two/work/cube && find . -type f | sort | xargs sha256sum) || fail "cube files differ"
echo "ok"
