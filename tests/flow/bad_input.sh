#!/usr/bin/env bash
# Every bad input is named, has its exit code, and costs nothing but itself.
. "$(dirname "$0")/../support/flow.sh" || exit 1

county town
cd town
mapfile -t scenes < <(cd scenes && ls -d ./*.SAFE | sort)
band() { echo scenes/"$1"/GRANULE/*/IMG_DATA/R"$3"m/*_"$2"_"$3"m.jp2; }

# with NAME: a copy of the county whose files can be spoilt one by one.
with() {
    cd "$SCRATCH"
    mkdir "$1"
    cp -rl town/scenes town/*.gpkg "$1/"
    cp town/demo.yaml "$1/"
    cd "$1"
}
# own FILE: the copy gets its own bytes.
own() { cp "$1" "$1.own" && mv -f "$1.own" "$1"; }
areas() { cut -d, -f2- <"$(readlink -f out/demo/2025/current)/gep_input_extent.csv"; }

echo "# the good scenes alone"
with good
rm -r "scenes/${scenes[2]}"
expect 0 "$ECOMON" run demo.yaml
areas >"$SCRATCH/good.csv"

echo "# a truncated image costs its scene, once"
with truncated
f=$(band "${scenes[2]}" B04 10)
own "$f"
truncate -s -2000 "$f"
expect 1 "$ECOMON" run demo.yaml
said err "skipped: band red: "
said err "truncated or damaged at byte"
said out "5 ingested now, 1 failed"
areas | cmp - "$SCRATCH/good.csv" || fail "the good scenes' result is another without the bad one"
expect 0 "$ECOMON" run demo.yaml
said out "as before scene"
said out "nothing new"

echo "# a missing band rejects its scene"
with missing
f=$(band "${scenes[2]}" B11 20)
rm "$f"
expect 1 "$ECOMON" run demo.yaml
said err "band B11 is missing, expected the file GRANULE/"
areas | cmp - "$SCRATCH/good.csv" || fail "the good scenes' result is another without the bad one"
expect 1 "$ECOMON" check demo.yaml
said err "scene rejected: "
expect 0 "$ECOMON" run demo.yaml

echo "# an image in another CRS than its metadata say"
with crs
own "scenes/${scenes[2]}/GRANULE/"*/MTD_TL.xml
sed -i 's/EPSG:32651/EPSG:32650/' "scenes/${scenes[2]}/GRANULE/"*/MTD_TL.xml
expect 1 "$ECOMON" run demo.yaml
said err "expected CRS EPSG:32650, found EPSG:32651"
areas | cmp - "$SCRATCH/good.csv" || fail "the good scenes' result is another without the bad one"

echo "# a scene under cloud from edge to edge is no failure"
with clouded
f=$(band "${scenes[2]}" SCL 20)
/usr/bin/python3 - "$f" <<'P'
import os, sys
from osgeo import gdal
gdal.UseExceptions()
path = sys.argv[1]
a = gdal.Open(path)
m = gdal.GetDriverByName('MEM').CreateCopy('', a)
m.GetRasterBand(1).Fill(9)
gdal.GetDriverByName('JP2OpenJPEG').CreateCopy(path + '.new.jp2', m, 0, ['REVERSIBLE=YES', 'QUALITY=100'])
a = None
os.replace(path + '.new.jp2', path)
P
rm -f scenes/"${scenes[2]}"/GRANULE/*/IMG_DATA/R20m/*.aux.xml
expect 0 "$ECOMON" run demo.yaml
said out "6 ingested now"
areas | cmp - "$SCRATCH/good.csv" || fail "a clouded scene changed the areas"

echo "# a scene elsewhere plays no part"
with elsewhere
own "scenes/${scenes[2]}/GRANULE/"*/MTD_TL.xml
own "scenes/${scenes[2]}/MTD_MSIL2A.xml"
sed -i 's/<ULX>249980/<ULX>649980/' "scenes/${scenes[2]}/GRANULE/"*/MTD_TL.xml
expect 0 "$ECOMON" run demo.yaml
said out "1 elsewhere"
areas | cmp - "$SCRATCH/good.csv" || fail "a scene elsewhere changed the areas"

echo "# all scenes bad"
with none
for s in "${scenes[@]}"; do rm "scenes/$s/MTD_MSIL2A.xml"; done
expect 4 "$ECOMON" run demo.yaml
[ ! -e out/demo/2025/current ] || fail "something was published"

echo "# three faults of a config, all told"
with config
sed -i -e 's/^region:.*/regoin: demo/' -e 's/trees: 200/trees: many/' demo.yaml
echo "memory_mb: 1" >>demo.yaml
expect 2 "$ECOMON" run demo.yaml
[ "$(grep -c '^demo.yaml:[0-9]*:[0-9]*: ' "$SCRATCH/err")" -ge 3 ] || { cat "$SCRATCH/err"; fail "three faults expected"; }
said err 'demo.yaml:2:1: unknown key "regoin"; did you mean "region"?'
said err "trees"
said err "memory_mb"

# layer EXPRESSION: changes towns.gpkg by python, in which `l` is the layer.
layer() {
    own towns.gpkg
    /usr/bin/python3 - "$1" <<'P'
import sys
from osgeo import ogr, gdal
gdal.UseExceptions()
d = gdal.OpenEx('towns.gpkg', gdal.OF_UPDATE | gdal.OF_VECTOR)
l = d.GetLayer(0)
exec(sys.argv[1])
d = None
P
}

echo "# a town over its neighbours"
with overlap
layer 'f = l.GetFeature(2); f.SetGeometry(f.GetGeometryRef().Buffer(100)); l.SetFeature(f)'
expect 1 "$ECOMON" run demo.yaml
said err "rejected: "
said err "overlaps"
grep -q '^[^,]*,320682103000,town,[^,]*,2025,L1,1,[^,]*,,,' "$(readlink -f out/demo/2025/current)/gep_input_extent.csv" ||
    fail "the rejected town's rows are not there, empty"
expect 1 "$ECOMON" check demo.yaml

echo "# a town that crosses itself"
with bowtie
layer 'f = l.GetFeature(2); r = ogr.CreateGeometryFromWkt("POLYGON((260000 3590000,261000 3591000,261000 3590000,260000 3591000,260000 3590000))"); f.SetGeometry(r); l.SetFeature(f)'
expect 1 "$ECOMON" run demo.yaml
said err "elf-intersection"

echo "# a layer without the code field"
with field
sed -i 's/{path: towns.gpkg,/{path: towns.gpkg, code: gbcode,/' demo.yaml
expect 2 "$ECOMON" run demo.yaml
said err "gbcode"
said err "code, name, parent"

echo "# a model grown on other features"
with model
expect 0 "$ECOMON" train demo.yaml --output other.h5
said out "out of bag: accuracy"
sed -i -e '/^samples:/d' -e '/^features:/,+1d' demo.yaml
printf 'model: other.h5\nfeatures: {list: [ndvi.median, clear.count]}\n' >>demo.yaml
expect 2 "$ECOMON" run demo.yaml
said err "other.h5"
said err "ndvi.median"

echo "# a class whose samples nobody has seen"
with unseen
own samples.gpkg
/usr/bin/python3 - <<'P'
from osgeo import gdal, ogr
gdal.UseExceptions()
d = gdal.OpenEx('samples.gpkg', gdal.OF_UPDATE | gdal.OF_VECTOR)
l = d.GetLayer(0)
for f in list(l):
    if f['class'] == 'wetland':
        f.SetGeometry(ogr.CreateGeometryFromWkt('POLYGON((400000 3600000,400100 3600000,400100 3600100,400000 3600000))'))
        l.SetFeature(f)
d = None
P
expect 4 "$ECOMON" train demo.yaml
said err "class 5 wetland has "
said err "but no pixel of them was seen in period 2025"
expect 4 "$ECOMON" run demo.yaml
[ ! -e out/demo/2025/current ] || fail "something was published"

echo "# a sample of a class that there is not"
with legend
own samples.gpkg
/usr/bin/python3 - <<'P'
from osgeo import gdal
gdal.UseExceptions()
d = gdal.OpenEx('samples.gpkg', gdal.OF_UPDATE | gdal.OF_VECTOR)
l = d.GetLayer(0)
f = l.GetFeature(3); f['class'] = 'swamp'; l.SetFeature(f)
d = None
P
expect 2 "$ECOMON" check demo.yaml
expect 2 "$ECOMON" run demo.yaml
[ ! -e out ] || fail "work was done before the samples were looked at"
said err 'sample 3 has class "swamp", which is no class of the legend; name it under samples.map'

echo "# a county that lies elsewhere by some hundred metres"
with shifted
layer 'import itertools
for f in list(l):
    w = f.GetGeometryRef().ExportToWkt(); g = f.GetGeometryRef()
    for i in range(g.GetGeometryCount()):
        r = g.GetGeometryRef(i)
        for k in range(r.GetPointCount()): r.SetPoint_2D(k, r.GetX(k) + 470, r.GetY(k) - 200)
    f.SetGeometry(g); l.SetFeature(f)'
b=$(/usr/bin/python3 -c "
from osgeo import ogr, osr
d = ogr.Open('$SCRATCH/town/towns.gpkg'); l = d.GetLayer(0); e = l.GetExtent()
w = osr.SpatialReference(); w.ImportFromEPSG(4326); w.SetAxisMappingStrategy(0); s = l.GetSpatialRef(); s.SetAxisMappingStrategy(0)
t = osr.CoordinateTransformation(s, w); p = [t.TransformPoint(e[i], e[j]) for i in (0, 1) for j in (2, 3)]
print('[%.5f, %.5f, %.5f, %.5f]' % (min(q[0] for q in p) - .0005, min(q[1] for q in p) - .0005, max(q[0] for q in p) + .0005, max(q[1] for q in p) + .0005))")
sed -i "s/expected_bbox:.*/expected_bbox: $b/" demo.yaml
expect 4 "$ECOMON" run demo.yaml
said err "expected_bbox"

echo "# a full disk: exit 3, nothing half published, and the run goes on when there is room"
if [ "$(id -u)" = 0 ] && mkdir "$SCRATCH/small" && mount -t tmpfs -o size=3m tmpfs "$SCRATCH/small" 2>/dev/null; then
    trap 'umount -q "$SCRATCH/small" "$SCRATCH/shut" 2>/dev/null || true; rm -rf "$SCRATCH"' EXIT
    with full
    echo "out: $SCRATCH/small/out" >>demo.yaml
    expect 3 "$ECOMON" run demo.yaml
    said err "No space left on device"
    [ -z "$(find "$SCRATCH/small" -name manifest.json)" ] || fail "something was published"
    mount -o remount,size=200m "$SCRATCH/small"
    expect 0 "$ECOMON" run demo.yaml
    umount "$SCRATCH/small"
    echo "# a read-only output folder"
    mkdir "$SCRATCH/shut"
    mount -t tmpfs -o ro tmpfs "$SCRATCH/shut"
    with shut_out
    echo "out: $SCRATCH/shut/out" >>demo.yaml
    expect 3 "$ECOMON" run demo.yaml
    said err "Read-only file system"
    umount "$SCRATCH/shut"
else
    echo "SKIPPED: no small file system can be mounted here"
fi
echo ok
