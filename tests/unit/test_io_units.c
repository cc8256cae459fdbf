/* Reporting units from made and real files: what is read, and every way in which a layer or a
 * polygon is refused, with its message. */
#include "pipeline/io/units.h"

#include <gdal.h>
#include <math.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <unistd.h>

#include "kernels/base/arena.h"
#include "kernels/zonal/coverage.h"
#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"
#include "pipeline/io/geo.h"
#include "tests/support/test.h"

static em_error err;
static em_grid grid; /* EPSG:4549, 10 m */

typedef struct row {
    const char *code, *name, *wkt; /* wkt NULL: no geometry */
} row;

/* Squares of 1 km in EPSG:4549 near Rugao. */
#define A                                                                                          \
    "POLYGON ((556000 3564000, 557000 3564000, 557000 3565000, 556000 3565000, 556000 3564000))"
#define B                                                                                          \
    "POLYGON ((557000 3564000, 558000 3564000, 558000 3565000, 557000 3565000, 557000 3564000))"

static const char *in_folder(const char *folder, const char *name)
{
    static char paths[8][600];
    static int next;
    char *const path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

/* Writes fields code and name; epsg 0: no CRS. */
static void write_layer(const char *path, const char *driver, int epsg, const row *rows, size_t n,
                        char **options)
{
    GDALDatasetH ds = GDALCreate(GDALGetDriverByName(driver), path, 0, 0, 0, GDT_Unknown, NULL);
    assert_non_null(ds);
    OGRSpatialReferenceH srs = epsg ? OSRNewSpatialReference(NULL) : NULL;
    if (srs) {
        OSRImportFromEPSG(srs, epsg);
        OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
    }
    OGRLayerH layer = GDALDatasetCreateLayer(ds, "towns", srs, wkbUnknown, options);
    assert_non_null(layer);
    const char *const names[] = {"code", "name"};
    for (int k = 0; k < 2; k++) {
        OGRFieldDefnH field = OGR_Fld_Create(names[k], OFTString);
        OGR_L_CreateField(layer, field, TRUE);
        OGR_Fld_Destroy(field);
    }
    for (size_t i = 0; i < n; i++) {
        OGRFeatureH f = OGR_F_Create(OGR_L_GetLayerDefn(layer));
        OGR_F_SetFieldString(f, 0, rows[i].code);
        OGR_F_SetFieldString(f, 1, rows[i].name);
        char *text = rows[i].wkt ? strdup(rows[i].wkt) : NULL;
        char *at = text;
        OGRGeometryH g = NULL;
        if (text) assert_int_equal(OGR_G_CreateFromWkt(&at, NULL, &g), OGRERR_NONE);
        if (g) OGR_F_SetGeometryDirectly(f, g);
        assert_int_equal(OGR_L_CreateFeature(layer, f), OGRERR_NONE);
        OGR_F_Destroy(f);
        free(text);
    }
    if (srs) OSRDestroySpatialReference(srs);
    GDALClose(ds);
}

static const em_units_check no_place = {{NAN, NAN, NAN, NAN}, 100};

static em_units_layer layer_at(const char *path)
{
    return (em_units_layer){.path = path, .code = "code", .name = "name", .type = "town"};
}

static em_units read_ok(const char *path)
{
    const em_units_layer layer = layer_at(path);
    em_units units;
    TEST_OK(em_units_read(&layer, 1, &no_place, &grid, &units, &err));
    return units;
}

/* Reading must fail; err.text must be `path: text`, or hold `text` where path is NULL. */
static void read_fails(const em_units_layer *layer, const em_units_check *check, em_status want,
                       const char *text)
{
    em_units units;
    assert_int_equal(em_units_read(layer, 1, check, &grid, &units, &err), want);
    if (!strstr(err.text, text)) fail_msg("\"%s\" does not hold \"%s\"", err.text, text);
    assert_int_equal(units.n, 0);
    assert_null(units.items);
}

static void a_good_layer_gives_codes_names_rings_and_areas(void **state)
{
    const char *const path = in_folder(test_folder("good"), "towns.gpkg");
    const row rows[] = {{"0320682111000", "长江镇", A}, {"320682112000", "吴窑镇", B}};
    write_layer(path, "GPKG", 4549, rows, 2, NULL);
    em_units_layer layer = layer_at(path);
    layer.default_parent = "320682000000";
    em_units units;
    TEST_OK(em_units_read(&layer, 1, &no_place, &grid, &units, &err));
    assert_int_equal(units.n, 2);
    const em_unit *const u = &units.items[0];
    assert_string_equal(u->code, "0320682111000");
    assert_string_equal(u->name, "长江镇");
    assert_string_equal(u->type, "town");
    assert_string_equal(u->parent, "320682000000");
    assert_string_equal(u->code_system, "local");
    assert_string_equal(u->why, "");
    assert_int_equal(u->state, EM_UNIT_OK);
    assert_int_equal(u->n_ring, 1);
    assert_int_equal(u->rings[0].n, 5);
    TEST_NEAR(u->rings[0].at[0][0], 55600, 0);
    TEST_NEAR(u->rings[0].at[0][1], -356400, 0);
    assert_int_equal(u->box.x0, 55600);
    assert_int_equal(u->box.x1, 55700);
    assert_int_equal(u->box.y0, -356500);
    assert_int_equal(u->box.y1, -356400);
    /* gep-spec.md section 8: GK 120E inflates areas by 26e-6 to 155e-6 in the county. */
    assert_true(u->area_m2 < 1e6 * (1 - 26e-6) && u->area_m2 > 1e6 * (1 - 155e-6));
    assert_int_equal(units.n_file, 1);
    assert_string_equal(units.files[0], path);
    assert_int_equal(units.notes.n, 1);
    assert_non_null(strstr(units.notes.items[0], "units.expected_bbox is not set"));
    em_units_release(&units);
}

static void a_polygon_that_cannot_be_used_says_why(void **state)
{
    const struct {
        const char *wkt, *why;
    } bad[] = {
        {NULL, "no geometry"},
        {"POLYGON EMPTY", "the geometry is empty"},
        {"LINESTRING (120 32, 121 33)", "a Line String, not a polygon"},
        {"POLYGON ((120 32, 121 33, 122 34, 120 32))", "it has no area"},
        {"POLYGON ((120 32, 121 33, 121 32, 120 33, 120 32))",
         "Self-intersection at 120.5000000, 32.5000000"},
        {"POLYGON ((120 32, 121 32, 121 33, 120 33, 120 32), (122 32, 123 32, 123 33, 122 32))",
         "Hole lies outside shell at 122.0000000, 32.0000000"},
        /* Two squares cross in (121, 32.5) and (120.5, 33); GEOS names one. */
        {"MULTIPOLYGON (((120 32, 121 32, 121 33, 120 33, 120 32)), ((120.5 32.5, 122 32.5, 122 "
         "34, "
         "120.5 34, 120.5 32.5)))",
         "Self-intersection at 121.0000000, 32.5000000"},
        {"POLYGON ((120 32, 121 32, 121 95, 120 32))",
         "longitudes 120.000000 to 121.000000, latitudes 32.000000 to 95.000000: outside -180 to "
         "180, -90 to 90"},
        {"POLYGON ((32 120, 33 120, 33 121, 32 120))",
         "longitudes 32.000000 to 33.000000, latitudes 120.000000 to 121.000000: outside -180 to "
         "180, -90 to 90"},
        {"POLYGON ((-179 10, 179 10, 179 11, -179 11, -179 10))",
         "spans 358.000000 degrees of longitude: it crosses the antimeridian; split it there"},
    };
    const char *const folder = test_folder("bad");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char name[32];
        snprintf(name, sizeof name, "bad%zu.gpkg", i);
        const char *const path = in_folder(folder, name);
        const row rows[] = {
            {"1", "bad", bad[i].wkt},
            {"2", "good", "POLYGON ((120.6 32, 120.7 32, 120.7 32.1, 120.6 32.1, 120.6 32))"}};
        write_layer(path, "GPKG", 4326, rows, 2, NULL);
        em_units units = read_ok(path);
        assert_int_equal(units.n, 2);
        assert_int_equal(units.items[0].state, EM_UNIT_REJECTED);
        assert_string_equal(units.items[0].why, bad[i].why);
        assert_int_equal(units.items[0].n_ring, 0);
        assert_int_equal(units.items[1].state, EM_UNIT_OK);
        em_units_release(&units);
    }
}

static void a_polygon_that_vanishes_on_the_grid_is_rejected(void **state)
{
    const row rows[] = {{"1", "dust",
                         "POLYGON ((556000 3564000, 556000.0000001 3564000, "
                         "556000.0000001 3564000.0000001, 556000 3564000))"},
                        {"2", "good", B}};
    const char *const path = in_folder(test_folder("dust"), "towns.gpkg");
    write_layer(path, "GPKG", 4549, rows, 2, NULL);
    em_units units = read_ok(path);
    assert_string_equal(units.items[0].why, "it has no area left on the grid");
    assert_int_equal(units.items[0].state, EM_UNIT_REJECTED);
    em_units_release(&units);
}

static void overlaps_above_tolerance_reject_both_and_below_are_noted(void **state)
{
    const char *const folder = test_folder("overlap");
    /* C reaches 5 m into A over 1 km; D reaches 5 cm into B. */
    const row rows[] = {
        {"a", "A", A},
        {"b", "B", B},
        {"c", "C",
         "POLYGON ((555000 3564000, 556005 3564000, 556005 3565000, 555000 3565000, 555000 "
         "3564000))"},
        {"d", "D",
         "POLYGON ((557999.95 3564000, 559000 3564000, 559000 3565000, 557999.95 3565000, "
         "557999.95 3564000))"}};
    const char *const path = in_folder(folder, "towns.gpkg");
    write_layer(path, "GPKG", 4549, rows, 4, NULL);
    em_units units = read_ok(path);
    assert_int_equal(units.items[0].state, EM_UNIT_REJECTED);
    assert_string_equal(units.items[0].why,
                        "overlaps c C by 4999.61 m2, more than the 100.00 m2 allowed");
    assert_string_equal(units.items[2].why,
                        "overlaps a A by 4999.61 m2, more than the 100.00 m2 allowed");
    assert_int_equal(units.items[0].n_ring, 0);
    assert_int_equal(units.items[1].state, EM_UNIT_OK);
    assert_int_equal(units.items[3].state, EM_UNIT_OK);
    assert_int_equal(units.notes.n, 2);
    assert_string_equal(units.notes.items[1],
                        "b B and d D overlap by 50.00 m2, within the 100.00 m2 allowed");
    em_units_release(&units);
}

static void gaps_between_units_are_noted(void **state)
{
    /* Two halves of a square with a slit of 2 m by 100 m between them. */
    const row rows[] = {
        {"l", "left",
         "POLYGON ((556000 3564000, 556500 3564000, 556500 3564100, 556499 3564100, 556499 "
         "3564200, 556500 3564200, 556500 3565000, 556000 3565000, 556000 3564000))"},
        {"r", "right",
         "POLYGON ((556500 3564000, 557000 3564000, 557000 3565000, 556500 3565000, 556500 "
         "3564200, 556501 3564200, 556501 3564100, 556500 3564100, 556500 3564000))"}};
    const char *const path = in_folder(test_folder("gaps"), "towns.gpkg");
    write_layer(path, "GPKG", 4549, rows, 2, NULL);
    em_units units = read_ok(path);
    assert_int_equal(units.notes.n, 2);
    assert_non_null(
        strstr(units.notes.items[1], "towns.gpkg: 1 gap within the units together, 199.98 m2"));
    em_units_release(&units);
}

static void layers_that_cannot_be_used_fail_with_one_message(void **state)
{
    const char *const folder = test_folder("layers");
    const row rows[] = {{"1", "one", A}, {"2", "two", B}};
    const row twice[] = {{"1", "one", A}, {"1", "two", B}};
    const row nameless[] = {{"1", "one", A}, {" ", "two", B}};
    const char *path = in_folder(folder, "towns.gpkg");
    write_layer(path, "GPKG", 4549, rows, 2, NULL);
    em_units_layer layer = layer_at(path);
    layer.code = "XZQDM";
    read_fails(&layer, &no_place, EM_ECONFIG,
               "towns.gpkg: units code: no field \"XZQDM\"; there are: code, name");
    layer = layer_at(path);
    layer.name = "XZQMC";
    read_fails(&layer, &no_place, EM_ECONFIG, "units name: no field \"XZQMC\"");
    layer = layer_at(path);
    layer.parent = "up";
    read_fails(&layer, &no_place, EM_ECONFIG, "units parent: no field \"up\"");
    layer = layer_at(path);
    layer.layer = "villages";
    read_fails(&layer, &no_place, EM_ECONFIG,
               "towns.gpkg: no layer \"villages\"; there are: towns");

    layer = layer_at(in_folder(folder, "absent.gpkg"));
    read_fails(&layer, &no_place, EM_EINPUT, "absent.gpkg: no such file");
    layer = layer_at("/vsizip/towns.zip/towns.gpkg");
    read_fails(&layer, &no_place, EM_ECONFIG, "virtual file systems are not read");
    layer = layer_at(in_folder(folder, "towns.kml"));
    read_fails(&layer, &no_place, EM_ECONFIG, "extension not known; expected .gpkg");

    path = in_folder(folder, "junk.gpkg");
    TEST_OK(em_file_publish(path, "no such thing", 13, &err));
    layer = layer_at(path);
    read_fails(&layer, &no_place, EM_EINPUT, "junk.gpkg: cannot be read as GPKG");

    path = in_folder(folder, "nocrs.gpkg");
    write_layer(path, "GPKG", 0, rows, 2, NULL);
    layer = layer_at(path);
    read_fails(&layer, &no_place, EM_EINPUT,
               "nocrs.gpkg: the layer declares no coordinate system; a Shapefile needs its .prj");

    path = in_folder(folder, "xian.gpkg");
    write_layer(path, "GPKG", 2379, rows, 2, NULL);
    layer = layer_at(path);
    read_fails(&layer, &no_place, EM_EINPUT, "but a ballpark one");

    path = in_folder(folder, "twice.gpkg");
    write_layer(path, "GPKG", 4549, twice, 2, NULL);
    layer = layer_at(path);
    read_fails(&layer, &no_place, EM_EINPUT, "unit code 1 stands twice: one and two");

    path = in_folder(folder, "nameless.gpkg");
    write_layer(path, "GPKG", 4549, nameless, 2, NULL);
    layer = layer_at(path);
    read_fails(&layer, &no_place, EM_EINPUT, "nameless.gpkg: feature 2 has no code");

    path = in_folder(folder, "empty.gpkg");
    write_layer(path, "GPKG", 4549, rows, 0, NULL);
    layer = layer_at(path);
    read_fails(&layer, &no_place, EM_EINPUT, "empty.gpkg: the layer is empty");
}

/* Real outline: a GCJ-02 copy of a layer lies some hundreds of metres off. */
static void a_layer_outside_its_expected_place_tells_the_shift(void **state)
{
    const char *const folder = test_folder("place");
    const char *const here = in_folder(folder, "here.geojson");
    const char *const moved = in_folder(folder, "moved.geojson");
    const row at[] = {{"1", "one",
                       "POLYGON ((120.34 32, 120.83 32, 120.83 32.49, 120.34 32.49, "
                       "120.34 32))"}};
    const row off[] = {{"1", "one",
                        "POLYGON ((120.3446 31.998, 120.8346 31.998, 120.8346 32.488, "
                        "120.3446 32.488, 120.3446 31.998))"}};
    write_layer(here, "GeoJSON", 4326, at, 1, NULL);
    write_layer(moved, "GeoJSON", 4326, off, 1, NULL);
    const em_units_check check = {{120.34, 32, 120.83, 32.49}, 100};
    em_units_layer layer = layer_at(here);
    em_units units;
    TEST_OK(em_units_read(&layer, 1, &check, &grid, &units, &err));
    assert_int_equal(units.notes.n, 0);
    em_units_release(&units);
    layer = layer_at(moved);
    read_fails(&layer, &check, EM_EINPUT,
               "moved.geojson: outside expected_bbox: the layer spans 120.3446 31.9980 120.8346 "
               "32.4880, expected 120.3400 32.0000 120.8300 32.4900; it sticks out by 434 m and "
               "its centre is shifted by 487 m (434 m east, -222 m north); GCJ-02 coordinates "
               "show such a shift");
}

static void a_shapefile_in_gb18030_is_read_with_its_encoding(void **state)
{
    const char *const folder = test_folder("gb");
    const char *const path = in_folder(folder, "towns.shp");
    char option[] = "ENCODING=GB18030";
    char *options[] = {option, NULL};
    const row rows[] = {{"320682111000", "长江镇", A}};
    write_layer(path, "ESRI Shapefile", 4549, rows, 1, options);
    em_units units = read_ok(path); /* by its .cpg */
    assert_string_equal(units.items[0].name, "长江镇");
    assert_int_equal(units.n_file, 5); /* shp shx dbf prj cpg */
    em_units_release(&units);
    assert_int_equal(unlink(in_folder(folder, "towns.cpg")), 0);
    em_units_layer layer = layer_at(path);
    read_fails(&layer, &no_place, EM_EINPUT,
               "towns.shp: feature 1: the text of field \"name\" is not UTF-8");
    layer.encoding = "GB18030";
    TEST_OK(em_units_read(&layer, 1, &no_place, &grid, &units, &err));
    assert_string_equal(units.items[0].name, "长江镇");
    em_units_release(&units);
    layer.encoding = "GB99999";
    read_fails(&layer, &no_place, EM_ECONFIG, "encoding \"GB99999\" is not known");
}

static void a_shared_edge_stays_shared_through_a_projection(void **state)
{
    /* A common edge of 40 km, stored in opposite directions, from degrees to metres. */
    const row rows[] = {
        {"w", "west", "POLYGON ((120.2 32, 120.6 32, 120.63 32.4, 120.2 32.4, 120.2 32))"},
        {"e", "east", "POLYGON ((120.6 32, 121 32, 121 32.4, 120.63 32.4, 120.6 32))"}};
    const char *const path = in_folder(test_folder("shared"), "towns.geojson");
    write_layer(path, "GeoJSON", 4326, rows, 2, NULL);
    em_units units = read_ok(path);
    assert_int_equal(units.n, 2);
    assert_true(units.items[0].rings[0].n > 160); /* cut into pieces of 1 km */
    ek_zone zones[2];
    void *memory[2];
    for (int k = 0; k < 2; k++) {
        const ek_zone_ring ring = {units.items[k].rings[0].at[0], units.items[k].rings[0].n};
        TEST_OK(em_calloc(1, ek_zone_bytes(&ring, 1), "zone", &memory[k], &err));
        assert_int_equal(ek_zone_init(&ring, 1, memory[k], &zones[k]), EK_OK);
    }
    static double cover[2][64 * 64];
    ek_arena arena;
    TEST_OK(em_arena_init(&arena, ek_coverage_scratch_bytes(64, 64), &err));
    int mixed = 0;
    for (int64_t step = 1; step < 40; step++) {
        double at[1][2] = {{120.6 + 0.03 * (double)step / 40, 32 + 0.4 * (double)step / 40}};
        TEST_OK(em_crs_transform("EPSG:4326", grid.crs, at, 1, &err));
        double col = 0;
        double line = 0;
        em_grid_to_pixel(&grid, at[0][0], at[0][1], &col, &line);
        const ek_window win = {(int64_t)col - 32, (int64_t)floor(line) - 32, 64, 64};
        for (int k = 0; k < 2; k++) ek_coverage(&zones[k], win, cover[k], &arena);
        for (int i = 0; i < 64 * 64; i++) {
            TEST_NEAR(cover[0][i] + cover[1][i], 1, 0);
            mixed += cover[0][i] > 0 && cover[0][i] < 1;
        }
    }
    assert_true(mixed > 39 * 32);
    em_arena_release(&arena);
    for (int k = 0; k < 2; k++) em_free(memory[k]);
    em_units_release(&units);
}

static int by_row_then_column(const void *a, const void *b)
{
    const double *const p = a;
    const double *const q = b;
    if (p[1] != q[1]) return p[1] < q[1] ? -1 : 1;
    return (p[0] > q[0]) - (p[0] < q[0]);
}

static void cut_points_are_the_same_from_either_side(void **state)
{
    /* A zigzag border of 3000 edges of some 28 km each, once upwards and once downwards. */
    enum { EDGES = 3000 };
    em_str west = {0};
    em_str east = {0};
    em_str_append(&west, "POLYGON ((120 31");
    em_str_append(&east, "POLYGON ((121 33");
    for (int i = 0; i <= EDGES; i++) {
        const int k[2] = {i, EDGES - i}; /* west goes up the border, east comes down */
        for (int side = 0; side < 2; side++) {
            const double lat = 31 + 2.0 * k[side] / EDGES;
            const double lon = 120.6 + (k[side] % 2 ? 0.15 : -0.15) * (1 + 0.1 * sin(k[side]));
            em_str_printf(side ? &east : &west, ", %.9f %.9f", lon, lat);
        }
    }
    em_str_append(&west, ", 120 33, 120 31))");
    em_str_append(&east, ", 121 31, 121 33))");
    const row rows[] = {{"w", "west", em_str_text(&west)}, {"e", "east", em_str_text(&east)}};
    const char *const path = in_folder(test_folder("zigzag"), "towns.gpkg");
    write_layer(path, "GPKG", 4326, rows, 2, NULL);
    em_units units = read_ok(path);
    for (int k = 0; k < 2; k++) {
        const em_ring *const ring = &units.items[k].rings[0];
        qsort(ring->at, ring->n, sizeof *ring->at, by_row_then_column);
    }
    const em_ring *const w = &units.items[0].rings[0];
    const em_ring *const e = &units.items[1].rings[0];
    size_t common = 0;
    for (size_t i = 0, k = 0; i < w->n && k < e->n;) {
        const int order = by_row_then_column(w->at[i], e->at[k]);
        common += order == 0;
        i += order <= 0;
        k += order >= 0;
    }
    assert_true(common > 28 * EDGES);
    /* The rest: three straight sides of some 223, 57 and 57 km. */
    assert_in_range(w->n - common, 300, 400);
    assert_in_range(e->n - common, 250, 330);
    em_units_release(&units);
    em_str_release(&west);
    em_str_release(&east);
}

static void the_outline_of_rugao_has_its_area(void **state)
{
    const char *const path =
        test_shared("data/rugao_admin/rugao_county_wgs84_mapchina_GPL3.geojson");
    TEST_NEEDS(path);
    const em_units_layer layer = layer_at(path);
    double box[4];
    TEST_OK(em_units_bounds(&layer, 1, box, &err));
    TEST_NEAR(box[0], 120.340314, 1e-6);
    TEST_NEAR(box[1], 31.997786, 1e-6);
    TEST_NEAR(box[2], 120.833533, 1e-6);
    TEST_NEAR(box[3], 32.492244, 1e-6);
    em_units units = read_ok(path);
    assert_int_equal(units.n, 1);
    assert_int_equal(units.items[0].state, EM_UNIT_OK);
    assert_true(units.items[0].area_m2 > 1450e6 && units.items[0].area_m2 < 1600e6);
    /* gep-spec.md section 8: E 532037-578551, N 3541782-3596571. */
    assert_int_equal(units.items[0].box.x0, 53203);
    assert_int_equal(units.items[0].box.x1, 57856);
    assert_int_equal(units.items[0].box.y0, -359658);
    assert_int_equal(units.items[0].box.y1, -354178);
    print_message("Rugao, outline of mapchina: %.4f km2\n", units.items[0].area_m2 / 1e6);
    em_units_release(&units);
    const em_units_check gcj = {{120.3432, 31.9977, 120.8389, 32.4923}, 100};
    const em_units_layer again = layer_at(path);
    em_units none;
    assert_int_equal(em_units_read(&again, 1, &gcj, &grid, &none, &err), EM_EINPUT);
    assert_non_null(strstr(err.text, "GCJ-02"));
}

static int start(void **state)
{
    setenv("SHAPE_ENCODING", "ISO-8859-1", 1); /* the user's environment decides nothing */
    if (em_geo_start(&err) != EM_OK) return -1;
    return em_grid_init(&grid, "EPSG:4549", 10, 0, 0, 1024, &err) == EM_OK ? 0 : -1;
}

static int stop(void **state)
{
    em_grid_release(&grid);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_layer_gives_codes_names_rings_and_areas),
        cmocka_unit_test(a_polygon_that_cannot_be_used_says_why),
        cmocka_unit_test(a_polygon_that_vanishes_on_the_grid_is_rejected),
        cmocka_unit_test(overlaps_above_tolerance_reject_both_and_below_are_noted),
        cmocka_unit_test(gaps_between_units_are_noted),
        cmocka_unit_test(layers_that_cannot_be_used_fail_with_one_message),
        cmocka_unit_test(a_layer_outside_its_expected_place_tells_the_shift),
        cmocka_unit_test(a_shapefile_in_gb18030_is_read_with_its_encoding),
        cmocka_unit_test(a_shared_edge_stays_shared_through_a_projection),
        cmocka_unit_test(cut_points_are_the_same_from_either_side),
        cmocka_unit_test(the_outline_of_rugao_has_its_area),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
