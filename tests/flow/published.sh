#!/usr/bin/env bash
# What a run publishes, on a real scene (Gewata, Landsat 7): the same bytes in another folder with
# another number of threads, tables that add up, and a verification that sees every difference.
. "$(dirname "$0")/../support/flow.sh"
DATA=${ECOMON_SHARED:-$ECOMON_SOURCE_DIR/../shared}/data/gewata_l7
if [ ! -d "$DATA" ]; then
    echo "SKIPPED: ../shared is not on this machine"
    exit 0
fi

# polygon CODE NAME RING: one feature of the towns.
polygon() {
    printf '{"type":"Feature","properties":{"code":"%s","name":"%s"},' "$1" "$2"
    printf '"geometry":{"type":"Polygon","coordinates":[[%s]]}}' "$3"
}

# layer FILE FEATURE...: a GeoJSON file.
layer() {
    local file=$1 IFS=,
    shift
    printf '{"type":"FeatureCollection","features":[%s]}' "$*" >"$file"
}

WEST=$(polygon 01 "West, \\\"old\\\"" "[35.82,7.68],[35.99,7.68],[35.99,7.42],[35.82,7.42],[35.82,7.68]")
EAST=$(polygon 02 East "[35.99,7.68],[36.19,7.68],[36.19,7.42],[35.99,7.42],[35.99,7.68]")
BOWTIE=$(polygon 03 Bow "[35.9,7.41],[36,7.40],[36,7.41],[35.9,7.40],[35.9,7.41]")
layer whole.geojson "$WEST" "$EAST"
layer broken.geojson "$WEST" "$EAST" "$BOWTIE"

# config FILE LAYER OUT
config() {
    cat >"$1" <<END
region: gewata
period: "2001"
out: $3
scenes:
  - path: $DATA
    format: geotiff
    sensor: LE7
    date: "2001-02-05"
    bands: {blue: {file: GewataB1.tif}, green: {file: GewataB2.tif}, red: {file: GewataB3.tif},
            nir: {file: GewataB4.tif}, swir1: {file: GewataB5.tif}, swir2: {file: GewataB7.tif}}
units:
  layers: [{path: $2, type: town}]
  county: {code: "00", name: Gewata}
samples: {path: $DATA/trainingPoly.csv, field: Class, crs: EPSG:32636}
features: {list: [bands.median]}
forest: {max_per_class: 200, trees: 10}
END
}

# ---- the same bytes anywhere ----
config a.yaml whole.geojson a
config b.yaml whole.geojson b
expect 0 "$ECOMON" -q run a.yaml --threads 1
expect 0 "$ECOMON" -q run b.yaml --threads 2 --reason "second look"
A=$(readlink -f a/gewata/2001/current)
B=$(readlink -f b/gewata/2001/current)
[ "${A##*/}" = "${B##*/}" ] || fail "run ids differ: $A $B"
(cd "$A" && sha256sum -- * | grep -v ' run.json$') >a.sums
(cd "$B" && sha256sum -- * | grep -v ' run.json$') >b.sums
same a.sums b.sums
grep -q '"reason": "second look"' "$B/run.json" || fail "run.json does not give the reason"

# ---- tables ----
python3 - "$A/gep_input_extent.csv" "$A/gep_input_extent.schema.json" <<'END'
import csv, decimal, json, re, sys
rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8-sig", newline="")))
D = decimal.Decimal
units = {}
for r in rows:
    units.setdefault((r["unit_type"], r["unit_code"]), {})[r["class_code"]] = r
assert list(units) == [("county", "00"), ("town", "01"), ("town", "02")], list(units)
assert units["town", "01"]["1"]["unit_name"] == 'West, "old"'
fields = json.load(open(sys.argv[2], encoding="utf-8"))["fields"]
for r in rows:
    assert list(r) == [f["name"] for f in fields]
    for f in fields:
        value, rule = r[f["name"]], f.get("constraints", {})
        assert value or not rule.get("required"), (f, r)
        if value:
            assert value in rule.get("enum", [value]), (f, r)
            assert re.fullmatch(rule.get("pattern", ".*"), value), (f, r)
            assert f["type"] == "string" or D(value) >= rule.get("minimum", D(value)), (f, r)
            assert f["type"] == "string" or D(value) <= rule.get("maximum", D(value)), (f, r)
for unit, classes in units.items():
    assert list(classes) == ["1", "2", "3", "4", "5", "6", "7", "250"], (unit, list(classes))
    share = sum(D(r["share_pct"]) for r in classes.values())
    assert abs(share - 100) <= D("0.000004"), (unit, share)
    for r in classes.values():
        assert abs(D(r["area_ha"]) - D(r["area_m2"]) / 10000) <= D("0.00005"), r
        assert abs(D(r["area_mu"]) - D(r["area_m2"]) * 3 / 2000) <= D("0.006"), r
        assert r["area_adj_ha"] == r["se_ha"] == r["wetland_legal_ha"] == "", r
        assert r["quality_flag"] == "A", r
for code, county in units["county", "00"].items():
    towns = [units["town", t][code] for t in ("01", "02")]
    assert int(county["px_count"]) == sum(int(t["px_count"]) for t in towns), county
    off = D(county["area_m2"]) - sum(D(t["area_m2"]) for t in towns)
    assert abs(off) <= D("0.015"), (code, off)
END

# ---- a map is not judged by its own samples ----
config d.yaml whole.geojson d
echo "validation: {path: own.csv, field: Class, crs: EPSG:32636}" >>d.yaml
cp "$DATA/trainingPoly.csv" own.csv
expect 0 "$ECOMON" -q run d.yaml
said out "no accuracy: validation and samples are one file"
D=d/gewata/2001/current
grep -q '"validation": null' "$D/quality.json" || fail "quality.json judges a map by its samples"
grep -q '01,town,.*,A,,$' "$D/gep_input_extent.csv" || fail "the rows lack flag A"
head -8 "$DATA/trainingPoly.csv" >own.csv
expect 0 "$ECOMON" -q run d.yaml
said out "accuracy  "
grep -q '"overall": ' "$D/quality.json" || fail "quality.json has no accuracy"
grep -q '01,town,.*,G,,$' "$D/gep_input_extent.csv" || fail "the rows lack flag G"
expect 0 "$ECOMON" verify "$D" --deep

# ---- nothing new, and verification ----
expect 0 "$ECOMON" -q run a.yaml
said out "nothing new"
grep -q '"unchanged": [1-9]' a/gewata/2001/run.json || fail "run.json of an idle run has no counts"
expect 0 "$ECOMON" verify "$A" --deep
cp "$A/class.qml" kept
printf x >>"$A/class.qml"
expect 5 "$ECOMON" verify "$A"
said err "class.qml: expected"
cp kept "$A/class.qml"
mv "$A/class.tif" .
touch "$A/more"
expect 5 "$ECOMON" verify "$A"
said err "class.tif: is missing"
said err "more: is not in the manifest"
mv class.tif "$A"
rm "$A/more"
expect 0 "$ECOMON" verify "$A"
printf ' ' >>whole.geojson
expect 0 "$ECOMON" verify "$A"
expect 5 "$ECOMON" verify "$A" --deep
said err "whole.geojson: its bytes have changed"
rm "$A/manifest.json"
expect 4 "$ECOMON" verify "$A"

# ---- towns that leave a part of the county out: quarantined, and what was published stays ----
layer county.geojson "$(polygon 00 Gewata "[35.80,7.70],[36.2,7.70],[36.2,7.40],[35.80,7.40],[35.80,7.70]")"
sed 's/name: Gewata}/name: Gewata, boundary: county.geojson, tolerance_pct: 1}/' b.yaml >e.yaml
expect 5 "$ECOMON" -q run e.yaml
said out "quarantined"
[ "$(readlink -f b/gewata/2001/current)" = "$B" ] || fail "current moved to a run that failed"
E=$(echo b/gewata/2001/quarantine/2001-*)
grep -q '^[^,]*,00,county,.*,AM,,$' "$E/gep_input_extent.csv" || fail "the county lacks flag M"
grep -q '^[^,]*,01,town,.*,A,,$' "$E/gep_input_extent.csv" || fail "a town has the county's flag"
grep -q '"result": "failed"' "$E/quality.json" || fail "quality.json does not say so"
grep -q '"exit_code": 5' b/gewata/2001/run.json || fail "run.json has another exit code"
expect 0 "$ECOMON" verify "$E"

# ---- a town that cannot be used has rows without figures, and its county too ----
config c.yaml broken.geojson c
expect 1 "$ECOMON" -q run c.yaml
said out "00 Gewata  not known"
C=c/gewata/2001/current
grep -q '^[^,]*,03,town,Bow,2001,L1,1,农田,,,,,,,,,,,,rf_v[0-9]*,AN,,$' "$C/gep_input_extent.csv" ||
    fail "the rejected town has no row, or figures"
grep -q '^[^,]*,00,county,Gewata,2001,L1,1,农田,,,,,,,,,,,,rf_v[0-9]*,AN,,$' "$C/gep_input_extent.csv" ||
    fail "the county has figures although a town of it has none"
grep -q '"state": "rejected"' "$C/quality.json" || fail "quality.json does not say so"
expect 0 "$ECOMON" verify "$C" --deep
