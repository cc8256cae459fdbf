/* Sentinel-2 Level-2A products as SAFE folders. Offset and scale per band come from MTD_MSIL2A.xml,
 * place and size from MTD_TL.xml; bands are the JPEG 2000 files that the metadata names. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/base/date.h"
#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"
#include "pipeline/catalogue/adapter.h"
#include "pipeline/io/xml.h"

/* Newest baseline that this adapter was written against; newer ones are taken with a note when
 * everything that pixels need stands in the metadata. */
#define KNOWN_BASELINE "05.11"

typedef struct wanted_band {
    const char *role;
    const char *file;     /* as in file names: B02 */
    const char *physical; /* as in the metadata: B2 */
    int resolution;       /* m */
} wanted_band;

static const wanted_band wanted[] = {
    {"blue", "B02", "B2", 10},     {"green", "B03", "B3", 10},    {"red", "B04", "B4", 10},
    {"rededge1", "B05", "B5", 20}, {"rededge2", "B06", "B6", 20}, {"rededge3", "B07", "B7", 20},
    {"nir", "B08", "B8", 10},      {"nir08", "B8A", "B8A", 20},   {"swir1", "B11", "B11", 20},
    {"swir2", "B12", "B12", 20},
};
enum { N_WANTED = sizeof wanted / sizeof *wanted };

typedef struct product {
    const char *root;
    em_xml *main, *tile;
    char *granule; /* folder of the granule, relative */
    em_scene *out;
    em_list *notes;
    em_error *err;
} product;

static const char *text_at(const em_xml *xml, const char *path)
{
    return em_xml_text(em_xml_find(xml, NULL, path));
}

static em_status missing(const product *p, const char *what)
{
    return em_fail(p->err, EM_EINPUT, "%s/MTD_MSIL2A.xml: has no %s", p->root, what);
}

/* ---- product level ---- */

#define INFO  "General_Info/Product_Info/"
#define IMAGE "General_Info/Product_Image_Characteristics/"

static em_status read_identity(product *p)
{
    const char *const level = text_at(p->main, INFO "PROCESSING_LEVEL");
    const char *const craft = text_at(p->main, INFO "Datatake/SPACECRAFT_NAME");
    const char *const baseline = text_at(p->main, INFO "PROCESSING_BASELINE");
    int64_t orbit = 0;
    if (strcmp(level, "Level-2A") != 0) {
        return em_fail(p->err, EM_EINPUT, "%s: processing level \"%.40s\", expected Level-2A",
                       p->root, level);
    }
    if (strncmp(craft, "Sentinel-2", 10) != 0 || craft[10] < 'A' || craft[10] > 'D') {
        return em_fail(p->err, EM_EINPUT, "%s: spacecraft \"%.40s\", expected Sentinel-2A to D",
                       p->root, craft);
    }
    snprintf(p->out->sensor, sizeof p->out->sensor, "S2%c", craft[10]);
    if (strlen(baseline) != 5 || baseline[2] != '.') return missing(p, "PROCESSING_BASELINE");
    snprintf(p->out->baseline, sizeof p->out->baseline, "%s", baseline);
    if (!em_parse_int(text_at(p->main, INFO "Datatake/SENSING_ORBIT_NUMBER"), &orbit))
        return missing(p, "SENSING_ORBIT_NUMBER");
    p->out->pass = (int32_t)orbit;
    if (!em_time_parse(text_at(p->main, INFO "GENERATION_TIME"), &p->out->made))
        return missing(p, "GENERATION_TIME");
    if (!em_time_parse(text_at(p->main, INFO "Datatake/DATATAKE_SENSING_START"), &p->out->time)) {
        return missing(p, "DATATAKE_SENSING_START");
    }
    p->out->day = (int32_t)(p->out->time / 86400);
    if (!em_parse_double(text_at(p->main, "Quality_Indicators_Info/Cloud_Coverage_Assessment"),
                         &p->out->cloud_pct)) {
        p->out->cloud_pct = (double)NAN;
    }
    return EM_OK;
}

/* EXT_POS_LIST: latitude longitude pairs of a closed ring. */
static em_status read_footprint(product *p)
{
    const char *at =
        text_at(p->main,
                "Geometric_Info/Product_Footprint/Product_Footprint/Global_Footprint/EXT_POS_LIST");
    char word[40];
    double pair[2] = {0};
    int n = 0;
    while (*at) {
        const size_t blank = strspn(at, " \t\r\n");
        const size_t length = strcspn(at + blank, " \t\r\n");
        if (!length) break;
        snprintf(word, sizeof word, "%.*s", (int)(length < 39 ? length : 39), at + blank);
        at += blank + length;
        if (!em_parse_double(word, &pair[n % 2])) return missing(p, "readable EXT_POS_LIST");
        if (n++ % 2 == 0) continue;
        if (p->out->n_ring == EM_MAX_RING || fabs(pair[0]) > 90 || fabs(pair[1]) > 180)
            return missing(p, "usable EXT_POS_LIST");
        p->out->ring[p->out->n_ring][0] = pair[1];
        p->out->ring[p->out->n_ring++][1] = pair[0];
    }
    return p->out->n_ring >= 4 ? EM_OK : missing(p, "EXT_POS_LIST");
}

/* bandId of a physical band, -1 where the metadata does not list it. */
static int64_t band_id(const product *p, const char *physical)
{
    const em_xml_node *info =
        em_xml_find(p->main, NULL, IMAGE "Spectral_Information_List/Spectral_Information");
    for (; info; info = em_xml_next(info)) {
        const char *const name = em_xml_attribute(info, "physicalBand");
        const char *const id = em_xml_attribute(info, "bandId");
        int64_t number = 0;
        if (name && id && strcmp(name, physical) == 0 && em_parse_int(id, &number)) return number;
    }
    return -1;
}

/* Offset of a band: 0 before the offset change, stated per band since (baseline 04.00, 25 January
 * 2022). */
static em_status band_offset(const product *p, const wanted_band *w, double *out)
{
    const em_xml_node *offset =
        em_xml_find(p->main, NULL, IMAGE "BOA_ADD_OFFSET_VALUES_LIST/BOA_ADD_OFFSET");
    *out = 0;
    if (!offset && strcmp(p->out->baseline, "04.00") < 0) return EM_OK;
    const int64_t id = band_id(p, w->physical);
    for (; offset && id >= 0; offset = em_xml_next(offset)) {
        const char *const text = em_xml_attribute(offset, "band_id");
        int64_t number = 0;
        if (text && em_parse_int(text, &number) && number == id &&
            em_parse_double(em_xml_text(offset), out))
            return EM_OK;
    }
    return em_fail(
        p->err, EM_EINPUT,
        "%s: baseline %s has no BOA_ADD_OFFSET for band %s: its values cannot be trusted", p->root,
        p->out->baseline, w->file);
}

static double special_value(const product *p, const char *name, double fallback)
{
    const em_xml_node *v = em_xml_find(p->main, NULL, IMAGE "Special_Values");
    for (; v; v = em_xml_next(v)) {
        double value = 0;
        if (strcmp(em_xml_text(em_xml_find(p->main, v, "SPECIAL_VALUE_TEXT")), name) == 0 &&
            em_parse_double(em_xml_text(em_xml_find(p->main, v, "SPECIAL_VALUE_INDEX")), &value)) {
            return value;
        }
    }
    return fallback;
}

/* ---- tile level ---- */

static em_status read_place(product *p)
{
    const char *const crs = text_at(p->tile, "Geometric_Info/Tile_Geocoding/HORIZONTAL_CS_CODE");
    const em_xml_node *at = em_xml_find(p->tile, NULL, "Geometric_Info/Tile_Geocoding/Geoposition");
    if (strncmp(crs, "EPSG:", 5) != 0) {
        return em_fail(p->err, EM_EINPUT, "%s: MTD_TL.xml has no HORIZONTAL_CS_CODE", p->root);
    }
    for (; at; at = em_xml_next(at)) {
        const char *const resolution = em_xml_attribute(at, "resolution");
        if (!resolution || strcmp(resolution, "10") != 0) continue;
        if (em_parse_double(em_xml_text(em_xml_find(p->tile, at, "ULX")), &p->out->x0) &&
            em_parse_double(em_xml_text(em_xml_find(p->tile, at, "ULY")), &p->out->y0)) {
            return em_strdup(crs, &p->out->crs, p->err);
        }
    }
    return em_fail(p->err, EM_EINPUT, "%s: MTD_TL.xml has no Geoposition at 10 m", p->root);
}

static em_status read_size(const product *p, int resolution, int32_t *cols, int32_t *rows)
{
    const em_xml_node *size = em_xml_find(p->tile, NULL, "Geometric_Info/Tile_Geocoding/Size");
    for (; size; size = em_xml_next(size)) {
        const char *const text = em_xml_attribute(size, "resolution");
        int64_t r = 0;
        int64_t nrow = 0;
        int64_t ncol = 0;
        if (!text || !em_parse_int(text, &r) || r != resolution) continue;
        if (em_parse_int(em_xml_text(em_xml_find(p->tile, size, "NROWS")), &nrow) &&
            em_parse_int(em_xml_text(em_xml_find(p->tile, size, "NCOLS")), &ncol) && nrow > 0 &&
            ncol > 0 && nrow <= 200000 && ncol <= 200000) {
            *cols = (int32_t)ncol;
            *rows = (int32_t)nrow;
            return EM_OK;
        }
    }
    return em_fail(p->err, EM_EINPUT, "%s: MTD_TL.xml has no Size at %d m", p->root, resolution);
}

/* ---- files ---- */

/* Text from data becomes a path only below the product's folder. */
static bool stays_inside(const char *path)
{
    return path[0] != '/' && !strstr(path, "..") && path[0] != '\0' && strlen(path) < 400 &&
           !strpbrk(path, "\\:\n");
}

/* The IMAGE_FILE entry that ends in _B02_10m, as a path. */
static em_status image_path(const product *p, const char *band, int resolution, char **out)
{
    char tail[32];
    snprintf(tail, sizeof tail, "_%s_%dm", band, resolution);
    const em_xml_node *file =
        em_xml_find(p->main, NULL, INFO "Product_Organisation/Granule_List/Granule/IMAGE_FILE");
    for (; file; file = em_xml_next(file)) {
        const char *const text = em_xml_text(file);
        const size_t n = strlen(text);
        if (n < strlen(tail) || strcmp(text + n - strlen(tail), tail) != 0) continue;
        if (!stays_inside(text)) {
            return em_fail(p->err, EM_EINPUT, "%s: IMAGE_FILE \"%.100s\" leads out of the product",
                           p->root, text);
        }
        em_str path = {0};
        em_str_printf(&path, "%s/%s.jp2", p->root, text);
        em_status rc = em_str_check(&path, p->err);
        if (rc == EM_OK) rc = em_strdup(path.data, out, p->err);
        em_str_release(&path);
        return rc;
    }
    return em_fail(p->err, EM_EINPUT,
                   "%s: band %s at %d m is missing from IMAGE_FILE in MTD_MSIL2A.xml", p->root,
                   band, resolution);
}

static em_status need_file(const product *p, const char *band, const char *path)
{
    if (em_file_exists(path)) return EM_OK;
    return em_fail(p->err, EM_EINPUT, "%s: band %s is missing, expected the file %s", p->root, band,
                   path + strlen(p->root) + 1);
}

static em_status read_bands(product *p)
{
    double quantum = 0;
    const char *const text =
        text_at(p->main, IMAGE "QUANTIFICATION_VALUES_LIST/BOA_QUANTIFICATION_VALUE");
    if (!em_parse_double(text, &quantum) || quantum <= 0)
        return missing(p, "BOA_QUANTIFICATION_VALUE");
    for (int i = 0; i < N_WANTED; i++) {
        const wanted_band *const w = &wanted[i];
        em_scene_band *const b = &p->out->bands[p->out->n_band++];
        double offset = 0;
        *b = (em_scene_band){.band = 1, .pixel = w->resolution};
        snprintf(b->name, sizeof b->name, "%s", w->role);
        em_status rc = band_offset(p, w, &offset);
        if (rc == EM_OK) rc = read_size(p, w->resolution, &b->cols, &b->rows);
        if (rc == EM_OK) rc = image_path(p, w->file, w->resolution, &b->path);
        if (rc == EM_OK) rc = need_file(p, w->file, b->path);
        if (rc != EM_OK) return rc;
        b->gain = 10000 / quantum;
        b->bias = 10000 / quantum * offset;
        b->nodata = special_value(p, "NODATA", 0);
        b->saturated = special_value(p, "SATURATED", 65535);
    }
    return EM_OK;
}

static em_status read_mask(product *p)
{
    em_scene_mask *const m = &p->out->mask;
    *m = (em_scene_mask){.kind = EM_MASK_SCL, .band = 1, .pixel = 20};
    em_status rc = read_size(p, 20, &m->cols, &m->rows);
    if (rc == EM_OK) rc = image_path(p, "SCL", 20, &m->path);
    return rc == EM_OK ? need_file(p, "SCL", m->path) : rc;
}

/* "GRANULE/L2A_T01KAB_A042640_20230821T221944" of the first image file, and the tile's name. */
static em_status read_granule(product *p)
{
    const char *const file =
        text_at(p->main, INFO "Product_Organisation/Granule_List/Granule/IMAGE_FILE");
    const char *const slash = strncmp(file, "GRANULE/", 8) == 0 ? strchr(file + 8, '/') : NULL;
    if (!slash || !stays_inside(file)) return missing(p, "IMAGE_FILE in a granule");
    em_status rc = em_strdup(file, &p->granule, p->err);
    if (rc != EM_OK) return rc;
    p->granule[slash - file] = '\0';
    const char *const mark = strstr(p->granule, "_T");
    if (!mark || strlen(mark) < 7) return missing(p, "tile in the granule's name");
    snprintf(p->out->tile, sizeof p->out->tile, "%.5s", mark + 2);
    em_str path = {0};
    em_str_printf(&path, "%s/%s/MTD_TL.xml", p->root, p->granule);
    rc = em_str_check(&path, p->err);
    if (rc == EM_OK) rc = em_xml_read(path.data, &p->tile, p->err);
    em_str_release(&path);
    return rc;
}

static em_status note_new_baseline(product *p)
{
    if (strcmp(p->out->baseline, KNOWN_BASELINE) <= 0) return EM_OK;
    em_str text = {0};
    em_str_printf(&text,
                  "%s: processing baseline %s is newer than %s, the newest known; its "
                  "quantification, offsets and mask are "
                  "in the metadata, so it is used",
                  p->out->id, p->out->baseline, KNOWN_BASELINE);
    em_status rc = em_str_check(&text, p->err);
    if (rc == EM_OK) rc = em_list_add(p->notes, text.data, p->err);
    em_str_release(&text);
    return rc;
}

static em_status read_names(product *p)
{
    char id[200];
    snprintf(id, sizeof id, "%s", em_path_name(p->root));
    char *const dot = strrchr(id, '.');
    if (dot) *dot = '\0';
    snprintf(p->out->format, sizeof p->out->format, "sentinel2_l2a");
    em_status rc = em_strdup(id, &p->out->id, p->err);
    return rc == EM_OK ? em_strdup(p->root, &p->out->root, p->err) : rc;
}

static em_status safe_open(const em_config_source *source, const char *found, em_scene *out,
                           em_list *notes, em_error *err)
{
    (void)source;
    em_status rc = EM_OK;
    product p = {.root = found, .out = out, .notes = notes, .err = err};
    em_str path = {0};
    *out = (em_scene){0};
    em_str_printf(&path, "%s/MTD_MSIL2A.xml", found);
    EM_TRY(em_str_check(&path, err));
    EM_TRY(em_xml_read(path.data, &p.main, err));
    EM_TRY(read_names(&p));
    EM_TRY(read_identity(&p));
    EM_TRY(read_footprint(&p));
    EM_TRY(read_granule(&p));
    EM_TRY(read_place(&p));
    EM_TRY(read_bands(&p));
    EM_TRY(read_mask(&p));
    EM_TRY(note_new_baseline(&p));
done:
    em_str_release(&path);
    em_xml_close(p.main);
    em_xml_close(p.tile);
    em_free(p.granule);
    if (rc != EM_OK) em_scene_release(out);
    return rc;
}

static bool safe_owns(const char *name)
{
    const size_t n = strlen(name);
    return n > 5 && strcmp(name + n - 5, ".SAFE") == 0;
}

static em_status safe_find(const em_config_source *source, const char *folder,
                           const em_list *entries, const bool *is_folder, em_list *found,
                           em_error *err)
{
    (void)source;
    for (size_t i = 0; i < entries->n; i++) {
        if (!is_folder[i] || !safe_owns(entries->items[i])) continue;
        em_str path = {0};
        em_str_printf(&path, "%s/%s", folder, entries->items[i]);
        em_status rc = em_str_check(&path, err);
        if (rc == EM_OK) rc = em_list_add(found, path.data, err);
        em_str_release(&path);
        if (rc != EM_OK) return rc;
    }
    return EM_OK;
}

const em_adapter em_adapter_safe = {
    .format = "sentinel2_l2a", .find = safe_find, .owns_folder = safe_owns, .open = safe_open};
