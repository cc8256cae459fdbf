/* gep_input_extent.csv: bytes worked out by hand, rounding at its edges, quoting, units without
 * figures, and the schema beside it. */
#include "pipeline/publish/extent_table.h"

#include <jansson.h>

#include "pipeline/base/file.h"
#include "pipeline/config/classes.h"
#include "pipeline/publish/csv.h"
#include "tests/support/test.h"

static em_error err;

static const char *ratio(em_wide numerator, em_wide denominator, int decimals)
{
    static char text[80];
    em_str out = {0};
    em_csv_ratio(&out, numerator, denominator, decimals);
    snprintf(text, sizeof text, "%s", em_str_text(&out));
    em_str_release(&out);
    return text;
}

static void a_quotient_is_rounded_once_half_to_even(void **state)
{
    assert_string_equal(ratio(25, 10000, 3), "0.002");
    assert_string_equal(ratio(35, 10000, 3), "0.004");
    assert_string_equal(ratio(2500000001, 1000000000000, 3), "0.003");
    assert_string_equal(ratio(5, 10, 0), "0");
    assert_string_equal(ratio(15, 10, 0), "2");
    assert_string_equal(ratio(999995, 1000000, 5), "1.00000"); /* 0.999995: up to the even 1.0 */
    assert_string_equal(ratio(2, 3, 9), "0.666666667");
    assert_string_equal(ratio(-25, 10, 0), "-2");
    assert_string_equal(ratio(-1, 1000, 2), "0.00"); /* never -0.00 */
    assert_string_equal(ratio(INT64_MAX, 1, 4), "9223372036854775807.0000");
    /* one unit of the sums above half a hundredth of a square metre; a double cannot tell */
    assert_string_equal(ratio(INT64_C(9000000000005001), 1000000, 2), "9000000000.01");
    assert_string_equal(ratio(INT64_C(9000000000005000), 1000000, 2), "9000000000.00");
}

static const char *field(const char *raw)
{
    static char text[80];
    em_str out = {0};
    em_csv_text(&out, raw);
    snprintf(text, sizeof text, "%s", em_str_text(&out));
    em_str_release(&out);
    return text;
}

static void text_is_quoted_where_a_reader_needs_it(void **state)
{
    assert_string_equal(field(""), "");
    assert_string_equal(field("如城街道"), "如城街道");
    assert_string_equal(field("a,b"), "\"a,b\"");
    assert_string_equal(field("say \"x\""), "\"say \"\"x\"\"\"");
    assert_string_equal(field("two\nlines"), "\"two\nlines\"");
    assert_string_equal(field("a\rb"), "\"a\rb\"");
    assert_string_equal(field("=1+1"), "\"'=1+1\""); /* no formula in a spreadsheet */
    assert_string_equal(field("a=1"), "a=1");
}

/* ---- the table ---- */

static int64_t area[256];
static int64_t px[256];

static em_extent_unit town(void)
{
    return (em_extent_unit){.code = "032068210000",
                            .type = "town",
                            .name = "如城, \"东\"",
                            .area = area,
                            .px = px,
                            .known = true};
}

static em_extent_table one_unit(const em_extent_unit *unit)
{
    return (em_extent_table){.run_id = "2023-0123456789ab",
                             .period = "2023",
                             .method = "rf_v1",
                             .units = unit,
                             .n_unit = 1,
                             .assessed = true};
}

static void clear(void)
{
    memset(area, 0, sizeof area);
    memset(px, 0, sizeof px);
}

static void the_bytes_are_those_worked_out_by_hand(void **state)
{
    static const char want[] =
        "\xEF\xBB\xBF"
        "run_id,unit_code,unit_type,unit_name,period,class_scheme,class_code,class_name,px_count,"
        "area_m2,area_ha,area_mu,share_pct,area_adj_ha,se_ha,ci95_lo_ha,ci95_hi_ha,obs_fraction,"
        "wetland_legal_ha,method,quality_flag,param_set_id,standard_profile\n"
#define U "2023-0123456789ab,032068210000,town,\"如城, \"\"东\"\"\",2023,L1,"
#define Z "0,0.00,0.0000,0.00,0.000000,,,,,0.875000,,rf_v1,A,,\n"
        U "1,农田,5,500.00,0.0500,0.75,62.500000,,,,,0.875000,,rf_v1,A,,\n" U "2,森林," Z U
        "3,草地," Z U "4,水域,2,200.00,0.0200,0.30,25.000000,,,,,0.875000,,rf_v1,A,,\n" U
        "5,湿地," Z U "6,人工表面," Z U "7,裸地," Z U "9,园地," Z U
        "250,云/无有效观测,1,100.00,0.0100,0.15,12.500000,,,,,0.875000,,rf_v1,A,,\n";
#undef Z
#undef U
    clear();
    area[1] = INT64_C(500000000); /* 500 m2: 0.05 ha, 0.75 mu, 5 / 8 of the unit */
    area[4] = INT64_C(200000000);
    area[EM_CLASS_NOOBS] = INT64_C(100000000);
    area[EM_CLASS_OUTSIDE] = INT64_C(777000000); /* no part of any share */
    px[1] = 5;
    px[4] = 2;
    px[EM_CLASS_NOOBS] = 1;
    const em_extent_unit unit = town();
    const uint8_t orchard = 9;
    em_extent_table table = one_unit(&unit);
    em_str out = {0};
    table.bom = true;
    table.assessed = false;
    table.extra = &orchard;
    table.n_extra = 1;
    TEST_OK(em_extent_csv(&table, &out, &err));
    assert_string_equal(em_str_text(&out), want);
    em_str_release(&out);
}

/* Field `column` of line `line`, counted from 0, of text without quotes. */
static const char *cell(const em_str *csv, size_t line, size_t column)
{
    static char text[200];
    const char *at = em_str_text(csv);
    for (; line > 0; line--) at = strchr(at, '\n') + 1;
    for (; column > 0; column--) at += strcspn(at, ",\n") + 1;
    snprintf(text, sizeof text, "%.*s", (int)strcspn(at, ",\n"), at);
    return text;
}

enum { PX = 8, AREA_M2 = 9, SHARE = 12, OBSERVED = 17, LEGAL = 18, FLAG = 20, ROWS = 8 };

static void flags_say_what_is_wrong_in_order(void **state)
{
    clear();
    em_extent_unit unit = town();
    unit.name = "town";
    em_extent_table table = one_unit(&unit);
    const struct {
        int64_t seen, unseen;
        bool assessed, mismatch;
        const char *flag;
    } cases[] = {
        {100, 0, true, false, "G"},  {80, 20, true, false, "G"}, {79, 21, true, false, "O"},
        {100, 0, false, false, "A"}, {100, 0, true, true, "M"},  {79, 21, false, true, "AMO"},
        {0, 100, true, false, "O"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        em_str out = {0};
        area[1] = cases[i].seen;
        area[EM_CLASS_NOOBS] = cases[i].unseen;
        unit.mismatch = cases[i].mismatch;
        table.assessed = cases[i].assessed;
        TEST_OK(em_extent_csv(&table, &out, &err));
        assert_string_equal(cell(&out, 1, FLAG), cases[i].flag);
        em_str_release(&out);
    }
}

static void a_unit_without_figures_has_its_rows_and_no_zero(void **state)
{
    clear();
    area[1] = 5; /* must not be looked at */
    em_extent_unit unit = town();
    unit.name = "town";
    unit.known = false;
    const em_extent_table table = one_unit(&unit);
    em_str out = {0};
    TEST_OK(em_extent_csv(&table, &out, &err));
    for (size_t row = 1; row <= ROWS; row++) {
        for (size_t column = PX; column <= LEGAL; column++)
            assert_string_equal(cell(&out, row, column), "");
        assert_string_equal(cell(&out, row, FLAG), "N");
    }
    assert_string_equal(cell(&out, ROWS, 6), "250");
    em_str_release(&out);
}

static void a_unit_of_no_area_has_no_shares(void **state)
{
    clear();
    em_extent_unit unit = town();
    unit.name = "town";
    const em_extent_table table = one_unit(&unit);
    em_str out = {0};
    TEST_OK(em_extent_csv(&table, &out, &err));
    assert_string_equal(cell(&out, 1, AREA_M2), "0.00");
    assert_string_equal(cell(&out, 1, SHARE), "");
    assert_string_equal(cell(&out, 1, OBSERVED), "");
    em_str_release(&out);
}

/* Each share is within half a millionth of a per cent of the truth, so their sum is near 100. */
static void shares_add_up_to_the_unit(void **state)
{
    clear();
    for (int code = 1; code <= 7; code++) area[code] = INT64_C(333333333333) * code + code;
    area[EM_CLASS_NOOBS] = 1;
    em_extent_unit unit = town();
    unit.name = "town";
    const em_extent_table table = one_unit(&unit);
    em_str out = {0};
    double sum = 0;
    TEST_OK(em_extent_csv(&table, &out, &err));
    for (size_t row = 1; row <= ROWS; row++) sum += strtod(cell(&out, row, SHARE), NULL);
    TEST_NEAR(sum, 100, ROWS * 0.5e-6 + 1e-9);
    em_str_release(&out);
}

/* ---- what stands beside it ---- */

static void the_schema_has_the_columns_of_the_table(void **state)
{
    clear();
    const em_extent_unit unit = town();
    const em_extent_table table = one_unit(&unit);
    size_t n_limited = 0;
    em_str csv = {0};
    em_str schema = {0};
    TEST_OK(em_extent_csv(&table, &csv, &err));
    TEST_OK(em_extent_schema(&schema, &err));
    json_t *const root = json_loadb(schema.data, schema.size, JSON_REJECT_DUPLICATES, NULL);
    const json_t *const fields = json_object_get(root, "fields");
    assert_int_equal(json_array_size(fields), 23);
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const json_t *const f = json_array_get(fields, i);
        assert_string_equal(json_string_value(json_object_get(f, "name")), cell(&csv, 0, i));
        assert_non_null(json_object_get(f, "title"));
        assert_non_null(json_object_get(f, "description"));
        n_limited += json_is_object(json_object_get(f, "constraints"));
    }
    assert_int_equal(n_limited, 16); /* a name in the list of constraints is a column's */
    const char *const code_type =
        json_string_value(json_object_get(json_array_get(fields, 1), "type"));
    assert_string_equal(code_type, "string"); /* leading zeros */
    const json_t *const missing = json_object_get(root, "missingValues");
    assert_string_equal(json_string_value(json_array_get(missing, 0)), "");
    json_decref(root);
    em_str_release(&csv);
    em_str_release(&schema);
}

static void the_header_is_that_of_the_specification(void **state)
{
    const char *const path = test_shared("science/csv_headers.tsv");
    TEST_NEEDS(path);
    em_str text = {0};
    em_str csv = {0};
    const em_extent_table none = {.run_id = "", .period = "", .method = ""};
    TEST_OK(em_file_read(path, 1 << 20, &text, &err));
    TEST_OK(em_extent_csv(&none, &csv, &err));
    const char *const name = "gep_input_extent.csv\t";
    const char *const at = strstr(text.data, name) + strlen(name);
    assert_int_equal(csv.size, strcspn(at, "\r\n") + 1);
    assert_memory_equal(csv.data, at, csv.size - 1);
    em_str_release(&text);
    em_str_release(&csv);
}

static void publishing_writes_three_files_and_names_them(void **state)
{
    clear();
    area[1] = 1000000;
    const em_extent_unit unit = town();
    const em_extent_table table = one_unit(&unit);
    const char *const folder = test_folder("extent");
    static const char *const names[] = {"gep_input_extent.csv", "gep_input_extent.schema.json",
                                        "IMPORT.txt"};
    em_list files = {0};
    TEST_OK(em_extent_publish(&table, folder, &files, &err));
    assert_int_equal(files.n, 3);
    for (size_t i = 0; i < 3; i++) {
        char path[600];
        assert_string_equal(files.items[i], names[i]);
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        assert_true(em_file_exists(path));
    }
    em_list_release(&files);
    assert_int_equal(em_extent_publish(&table, "/nowhere/at/all", &files, &err), EM_EENV);
    assert_non_null(strstr(err.text, "/nowhere/at/all/gep_input_extent.csv"));
    em_list_release(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quotient_is_rounded_once_half_to_even),
        cmocka_unit_test(text_is_quoted_where_a_reader_needs_it),
        cmocka_unit_test(the_bytes_are_those_worked_out_by_hand),
        cmocka_unit_test(flags_say_what_is_wrong_in_order),
        cmocka_unit_test(a_unit_without_figures_has_its_rows_and_no_zero),
        cmocka_unit_test(a_unit_of_no_area_has_no_shares),
        cmocka_unit_test(shares_add_up_to_the_unit),
        cmocka_unit_test(the_schema_has_the_columns_of_the_table),
        cmocka_unit_test(the_header_is_that_of_the_specification),
        cmocka_unit_test(publishing_writes_three_files_and_names_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
