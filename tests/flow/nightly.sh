#!/usr/bin/env bash
# The nightly run on a made county: truth in, tables out; a second run does nothing; one new scene
# costs that scene; one town redone carries the rest over; nothing is written by a dry run.
. "$(dirname "$0")/../support/flow.sh" || exit 1

county town
cd town

# A scene that has not arrived yet.
mapfile -t scenes < <(cd scenes && ls -d ./*.SAFE | sort)
[ "${#scenes[@]}" = 6 ] || fail "6 scenes expected, found ${#scenes[@]}"
mkdir "$SCRATCH/later"
mv "scenes/${scenes[3]}" "$SCRATCH/later/"

echo "# dry run"
tree . >"$SCRATCH/before"
expect 0 "$ECOMON" run demo.yaml --dry-run
said out "would do, for region"
[ "$(grep -c '^ingest ' "$SCRATCH/out")" = 5 ] || fail "5 scenes to ingest expected"
tree . >"$SCRATCH/after"
same "$SCRATCH/before" "$SCRATCH/after"
[ ! -e out ] || fail "a dry run made a folder"

echo "# first run"
expect 0 "$ECOMON" run demo.yaml
said out "5 of the period, 5 ingested now"
said out "published "
first=$(current .)
expect 0 "$ECOMON" verify "$first"
for f in class.tif class.tif.aux.xml class.qml confidence.tif clear.tif gep_input_extent.csv \
    gep_input_extent.schema.json manifest.json run.json; do
    [ -s "$first/$f" ] || fail "$f is not in the published folder"
done
python3 - "$first/gep_input_extent.csv" <<'P'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], encoding='utf-8-sig')))
units = {r['unit_code'] for r in rows if r['unit_type'] == 'town'}
assert len(units) == 14, f'{len(units)} towns'
by = {}
for r in rows:
    by.setdefault((r['unit_type'], r['unit_code']), []).append(r)
for key, all_ in by.items():
    codes = [r['class_code'] for r in all_]
    assert codes == sorted(codes, key=int) and set('1234567') <= set(codes) and '250' in codes, (key, codes)
towns = {}
for r in rows:
    if r['unit_type'] == 'town':
        towns[r['class_code']] = towns.get(r['class_code'], 0) + round(float(r['area_m2']) * 1000)
county = [r for r in rows if r['unit_type'] == 'county']
assert county, 'no county row'
for r in county:
    off = abs(round(float(r['area_m2']) * 1000) - towns[r['class_code']])
    assert off <= 14 * 1000, ('county is not the sum of its towns', r['class_code'], off)
P

echo "# nothing new"
tree out >"$SCRATCH/before"
expect 0 "$ECOMON" run demo.yaml
said out "nothing new"
said out "0 ingested now"
tree out >"$SCRATCH/after" # but for the ledger, the lock's text and run.json of the period
diff "$SCRATCH/before" "$SCRATCH/after" | grep '^[<>]' |
    grep -v -e /ledger.sqlite -e /work/lock -e "/2025/run.json" && fail "files changed"

echo "# one new scene"
(cd out/work/cube && find . -name '*.h5' | sort) >"$SCRATCH/before"
mv "$SCRATCH/later/${scenes[3]}" scenes/
expect 0 "$ECOMON" run demo.yaml
said out "6 of the period, 1 ingested now"
(cd out/work/cube && find . -name '*.h5' | sort) >"$SCRATCH/after"
new=$(comm -13 "$SCRATCH/before" "$SCRATCH/after" | wc -l)
tiles=$(cut -d/ -f2 "$SCRATCH/before" | sort -u | wc -l)
[ "$new" = "$tiles" ] || fail "$new new cube files for one scene and $tiles tiles"
second=$(current .)
[ "$first" != "$second" ] || fail "the new scene gave no new run"
[ -s "$first/manifest.json" ] || fail "the run before is gone"
expect 0 "$ECOMON" verify "$first"

echo "# another period, beside the year"
expect 0 "$ECOMON" run demo.yaml --period 2025Q3
said out "period 2025Q3"
[ -s "$(readlink -f out/demo/2025Q3/current)/gep_input_extent.csv" ] || fail "no table of the quarter"
[ "$(readlink -f out/demo/2025/current)" = "$second" ] || fail "the year's run moved"
expect 4 "$ECOMON" run demo.yaml --period 2019
said err "no scene of period 2019 touches the units"

echo "# a changed byte is found"
cp -r "$second" "$SCRATCH/copy"
printf 'X' | dd of="$SCRATCH/copy/class.tif" bs=1 seek=2000 conv=notrunc status=none
expect 5 "$ECOMON" verify "$SCRATCH/copy"
said err "class.tif"

echo "# the same inputs elsewhere give the same bytes"
mkdir "$SCRATCH/again"
cp -r scenes ./*.gpkg demo.yaml truth "$SCRATCH/again/"
(cd "$SCRATCH/again" && expect 0 "$ECOMON" run demo.yaml)
third=$(current "$SCRATCH/again")
[ "$(basename "$second")" = "$(basename "$third")" ] || fail "other run id: $second $third"
for f in "$second"/*; do
    [ "${f##*/}" = run.json ] || same "$f" "$third/${f##*/}"
done
echo "ok"
