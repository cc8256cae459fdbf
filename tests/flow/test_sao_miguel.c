/* Exact zonal statistics on real data: areas of CORINE 2018 classes in the six municipalities of
 * Sao Miguel (Azores), from the vector file to class areas, with nothing made up between.
 *
 * Three areas are compared for each municipality:
 *   covered   sum over pixels of covered fraction x true pixel area, rounded per pixel to 1e-6 m2
 *   planar    area of the polygon in raster coordinates (shoelace in doubles), against the sum of
 *             the covered fractions: the kernel alone, 1e-9
 *   geodesic  PROJ's area on the ellipsoid. An edge of the file is straight in longitude and
 * latitude (so GDAL, GEOS and the raster take it), a geodesic bulges beside it; the polygon's own
 *             area is therefore that with its edges cut into short geodesics. With the vertices as
 *             they are the comparison is with a slightly different polygon, shown beside it. */
#include <gdal.h>
#include <geodesic.h>
#include <math.h>
#include <ogr_api.h>

#include "kernels/base/arena.h"
#include "kernels/zonal/accumulate.h"
#include "kernels/zonal/coverage.h"
#include "pipeline/base/memory.h"
#include "pipeline/io/geo.h"
#include "pipeline/io/units.h"
#include "tests/support/test.h"

enum { SIDE = 256, CLASSES = 256, UNITS = 6 };

static em_error err;
static em_grid grid;
static em_units units;
static GDALDatasetH raster;
static ek_arena arena;

static double coverage[1024 * 1024];
static double area[1024 * 1024];
static uint8_t centres[1024 * 1024];
static uint8_t codes[1024 * 1024];

/* Class codes of a window; 255 beyond the raster. Pixel (0, 0) of the grid is the raster's first.
 */
static void read_codes(em_rect r)
{
    memset(codes, 255, sizeof codes);
    const em_rect all = {0, 0, GDALGetRasterXSize(raster), GDALGetRasterYSize(raster)};
    const em_rect in = em_rect_clip(r, all);
    if (em_rect_empty(in)) return;
    const int w = (int)(in.x1 - in.x0);
    const int h = (int)(in.y1 - in.y0);
    uint8_t *const at = codes + (in.y0 - r.y0) * (r.x1 - r.x0) + (in.x0 - r.x0);
    assert_int_equal(GDALRasterIO(GDALGetRasterBand(raster, 1), GF_Read, (int)in.x0, (int)in.y0, w,
                                  h, at, w, h, GDT_Byte, 1, (int)(r.x1 - r.x0)),
                     CE_None);
}

typedef struct figures {
    ek_zonal_sum sum;      /* by class */
    ek_zonal_sum unsorted; /* the same pixels, all under code 0 */
    long double fractions; /* pixels */
} figures;

/* Adds up a unit in windows of side x side. */
static void measure(const em_unit *unit, int64_t side, figures *out)
{
    *out = (figures){.fractions = 0};
    ek_zone_ring rings[64];
    assert_true(unit->n_ring <= 64);
    for (size_t i = 0; i < unit->n_ring; i++) {
        rings[i] = (ek_zone_ring){unit->rings[i].at[0], unit->rings[i].n};
    }
    void *memory = NULL;
    ek_zone zone;
    TEST_OK(em_calloc(1, ek_zone_bytes(rings, unit->n_ring), "zone", &memory, &err));
    assert_int_equal(ek_zone_init(rings, unit->n_ring, memory, &zone), EK_OK);
    for (int64_t y = em_floor_div(unit->box.y0, side) * side; y < unit->box.y1; y += side) {
        for (int64_t x = em_floor_div(unit->box.x0, side) * side; x < unit->box.x1; x += side) {
            const size_t n = (size_t)(side * side);
            ek_coverage(&zone, (ek_window){x, y, side, side}, coverage, &arena);
            ek_centres(&zone, (ek_window){x, y, side, side}, centres);
            read_codes((em_rect){x, y, x + side, y + side});
            TEST_OK(em_pixel_area(&grid, (em_rect){x, y, x + side, y + side}, area, &err));
            ek_zonal_add(codes, coverage, centres, area, n, &out->sum);
            memset(codes, 0, sizeof codes);
            ek_zonal_add(codes, coverage, centres, area, n, &out->unsorted);
            for (size_t i = 0; i < n; i++) out->fractions += coverage[i];
        }
    }
    em_free(memory);
}

/* Planar area in pixels: outer rings less holes; here each ring of these six is an outer one. */
static double planar(const em_unit *unit)
{
    long double total = 0;
    for (size_t r = 0; r < unit->n_ring; r++) {
        const em_ring *const ring = &unit->rings[r];
        long double sum = 0;
        for (size_t i = 0; i + 1 < ring->n; i++) {
            const long double ax = ring->at[i][0] - ring->at[0][0];
            const long double ay = ring->at[i][1] - ring->at[0][1];
            const long double bx = ring->at[i + 1][0] - ring->at[0][0];
            const long double by = ring->at[i + 1][1] - ring->at[0][1];
            sum += ax * by - bx * ay;
        }
        total += fabsl(sum / 2);
    }
    return (double)total;
}

/* Geodesic area of the rings with each edge cut into `cuts` pieces. */
static double geodesic(const em_unit *unit, int cuts)
{
    struct geod_geodesic earth;
    geod_init(&earth, 6378137, 1 / 298.257223563);
    double total = 0;
    for (size_t r = 0; r < unit->n_ring; r++) {
        const em_ring *const ring = &unit->rings[r];
        struct geod_polygon polygon;
        geod_polygon_init(&polygon, 0);
        for (size_t i = 0; i + 1 < ring->n; i++) {
            for (int k = 0; k < cuts; k++) {
                const double t = (double)k / cuts;
                double x = 0;
                double y = 0;
                em_grid_to_crs(&grid, ring->at[i][0] + t * (ring->at[i + 1][0] - ring->at[i][0]),
                               ring->at[i][1] + t * (ring->at[i + 1][1] - ring->at[i][1]), &x, &y);
                geod_polygon_addpoint(&earth, &polygon, y, x);
            }
        }
        double m2 = 0;
        geod_polygon_compute(&earth, &polygon, 0, 1, &m2, NULL);
        total += fabs(m2);
    }
    return total;
}

static int start(void **state)
{
    const char *const vector = test_shared("data/sao_miguel/concelhos.gpkg");
    const char *const image = test_shared("data/sao_miguel/clc2018_v2020_20u1.tif");
    if (em_geo_start(&err) != EM_OK) return -1;
    if (!vector || !image) return 0;
    const char *const drivers[] = {"GTiff", NULL};
    raster = GDALOpenEx(image, GDAL_OF_RASTER, drivers, NULL, NULL);
    double at[6];
    if (!raster || GDALGetGeoTransform(raster, at) != CE_None) return -1;
    if (em_grid_init(&grid, "EPSG:4326", at[1], at[0], at[3], 1024, &err) != EM_OK) return -1;
    const em_units_layer layer = {.path = vector, .code = "name", .name = "name"};
    const em_units_check check = {{NAN, NAN, NAN, NAN}, 100};
    if (em_units_read(&layer, 1, &check, &grid, &units, &err) != EM_OK) {
        print_error("%s\n", err.text);
        return -1;
    }
    return em_arena_init(&arena, ek_coverage_scratch_bytes(1024, 1024), &err) == EM_OK ? 0 : -1;
}

static int stop(void **state)
{
    em_units_release(&units);
    em_grid_release(&grid);
    em_arena_release(&arena);
    if (raster) GDALClose(raster);
    return 0;
}

static void six_municipalities_have_their_planar_and_their_geodesic_area(void **state)
{
    TEST_NEEDS(raster);
    assert_int_equal(units.n, UNITS);
    print_message("%-22s %15s %15s %10s %15s %10s %10s\n", "municipality", "covered m2",
                  "geodesic m2", "off by", "sum of fractions", "off by", "uncut off");
    for (size_t u = 0; u < UNITS; u++) {
        const em_unit *const unit = &units.items[u];
        assert_int_equal(unit->state, EM_UNIT_OK);
        static figures f;
        measure(unit, SIDE, &f);
        int64_t of_classes = 0;
        for (int c = 0; c < CLASSES; c++) of_classes += f.sum.area[c];
        assert_int_equal(of_classes, f.unsorted.area[0]);
        assert_int_equal(f.sum.area[255], 0); /* the raster reaches past every town */
        const double covered = (double)of_classes / EK_ZONAL_PER_M2;
        const double fractions = (double)f.fractions;
        const double short_pieces = geodesic(unit, 20);
        const double uncut = geodesic(unit, 1);
        print_message("%-22s %15.3f %15.3f %10.1e %15.6f %10.1e %10.1e\n", unit->name, covered,
                      short_pieces, covered / short_pieces - 1, fractions,
                      fractions / planar(unit) - 1, covered / uncut - 1);
        TEST_NEAR(fractions / planar(unit), 1, 1e-9);
        TEST_NEAR(covered / short_pieces, 1, 1e-6);
        TEST_NEAR(covered / unit->area_m2, 1, 1e-6); /* as the reader gives it: pieces of 1 km */
        TEST_NEAR(covered / uncut, 1, 1e-6);
    }
}

static void class_areas_are_listed_and_agree_with_counted_centres(void **state)
{
    TEST_NEEDS(raster);
    for (size_t i = 0; i < units.notes.n; i++) print_message("note: %s\n", units.notes.items[i]);
    for (size_t u = 0; u < UNITS; u++) {
        static figures f;
        measure(&units.items[u], SIDE, &f);
        const double total = (double)f.unsorted.area[0];
        const double per_pixel = total / (double)f.fractions;
        print_message("%s:", units.items[u].name);
        for (int c = 0; c < CLASSES; c++) {
            if (!f.sum.area[c] && !f.sum.px_count[c]) continue;
            print_message(" %d=%.4f", c, (double)f.sum.area[c] / 1e10); /* hectares */
            /* A centre count errs by some pixels of the boundary: below .1 % of a town. */
            TEST_NEAR((double)f.sum.px_count[c] * per_pixel, (double)f.sum.area[c], total * 1e-3);
        }
        print_message(" ha\n");
    }
}

static void class_areas_are_the_same_whatever_the_window(void **state)
{
    TEST_NEEDS(raster);
    static figures a;
    static figures b;
    const int64_t sides[] = {64, 512, 1000};
    measure(&units.items[0], SIDE, &a);
    for (int k = 0; k < 3; k++) {
        measure(&units.items[0], sides[k], &b);
        assert_true(test_same_bits(&a.sum, &b.sum, sizeof a.sum));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(six_municipalities_have_their_planar_and_their_geodesic_area),
        cmocka_unit_test(class_areas_are_listed_and_agree_with_counted_centres),
        cmocka_unit_test(class_areas_are_the_same_whatever_the_window),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
