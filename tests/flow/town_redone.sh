#!/usr/bin/env bash
# One town redone because a late scene came in: its tiles are, the others are carried over by hash and
# named; the whole night after it redoes the rest. And of two runs at once the second goes away.
. "$(dirname "$0")/../support/flow.sh" || exit 1

county town --size 640x640 --dates 4
cd town
sed -i '/^grid:/d' demo.yaml
echo "grid: {tile: 256}" >>demo.yaml
mapfile -t scenes < <(cd scenes && ls -d ./*.SAFE | sort)
mkdir "$SCRATCH/later"
mv "scenes/${scenes[2]}" "$SCRATCH/later/"
table() { cat "$(readlink -f out/demo/2025/current)/gep_input_extent.csv"; }

expect 0 "$ECOMON" run demo.yaml
table >"$SCRATCH/before.csv"
first=$(basename "$(readlink -f out/demo/2025/current)")

echo "# nothing new for one town either"
expect 0 "$ECOMON" run demo.yaml --unit 320682001000
said out "nothing new"

echo "# a late scene, one town"
mv "$SCRATCH/later/${scenes[2]}" scenes/
expect 2 "$ECOMON" run demo.yaml --unit 320682001001
said err '--unit "320682001001": no unit has this code or name; did you mean 320682001000?'
expect 0 "$ECOMON" run demo.yaml --unit 320682001000 --dry-run
said out "ingest "
expect 0 "$ECOMON" run demo.yaml --unit 320682001000 --reason "late scene"
said out "carried over"
said out "that of the run before"
said out "units that share a redone tile:"
table >"$SCRATCH/after.csv"
second=$(readlink -f out/demo/2025/current)
[ "$first" != "$(basename "$second")" ] || fail "the late scene gave no new run"
expect 0 "$ECOMON" verify "$second"
grep -q '"reason": "late scene"' "$second/run.json" || fail "run.json does not say why"
/usr/bin/python3 - "$SCRATCH/before.csv" "$SCRATCH/after.csv" "$second/manifest.json" "$second/run.json" <<'P'
import csv, json, sys
def read(path):
    return {(r['unit_type'], r['unit_code'], r['class_code']): r for r in csv.DictReader(open(path, encoding='utf-8-sig'))}
a, b = read(sys.argv[1]), read(sys.argv[2])
manifest, record = (json.load(open(p)) for p in sys.argv[3:])
states = [t['state'] for t in manifest['tiles']]
assert 'carried over' in states and 'whole' in states, states
note = next(n for n in record['notes'] if n.startswith('units that share'))
changed = {k[1] for k in a if a[k]['area_m2'] != b[k]['area_m2']}
assert '320682001000' in changed, 'the town itself did not change'
left = {u for u in changed if u not in note and u != '320682'}
assert not left, ('changed, and not named', left)
same = {k[1] for k in a} - changed
assert same, 'every unit changed: nothing was carried over'
P

echo "# a box"
expect 0 "$ECOMON" run demo.yaml --bbox 120.36,32.40,120.40,32.44 --dry-run
expect 2 "$ECOMON" run demo.yaml --bbox 10,10,11,11
said err "--bbox touches none of the"

echo "# the whole night"
expect 0 "$ECOMON" run demo.yaml
said out "0 carried over"
expect 0 "$ECOMON" run demo.yaml
said out "nothing new"

echo "# two at once"
mkdir "$SCRATCH/two"
cp -r scenes ./*.gpkg demo.yaml "$SCRATCH/two/"
cd "$SCRATCH/two"
"$ECOMON" -q run demo.yaml >"$SCRATCH/one.log" 2>&1 &
one=$!
for _ in $(seq 200); do [ -s out/work/lock ] && break; sleep 0.05; done
kill -STOP "$one"
expect 75 "$ECOMON" run demo.yaml
said err "another run holds "
said err "pid $one on "
kill -CONT "$one"
wait "$one" || { cat "$SCRATCH/one.log"; fail "the first run failed"; }
expect 0 "$ECOMON" run demo.yaml
said out "nothing new"
echo ok
