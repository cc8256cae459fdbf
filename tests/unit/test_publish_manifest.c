/* manifest.json: the same bytes for the same run, and every way in which a folder can differ from
 * it. */
#include "pipeline/publish/manifest.h"

#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/base/file.h"
#include "pipeline/base/hash.h"
#include "tests/support/test.h"

static em_error err;
static em_list faults;
static em_verified seen;
static const char *base; /* where the inputs of the last published() lie */

static const char *in(const char *folder, const char *name)
{
    static char paths[4][600];
    static int next;
    char *const path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void put(const char *folder, const char *name, const char *text)
{
    TEST_OK(em_file_publish(in(folder, name), text, strlen(text), &err));
}

/* A folder with two outputs, run.json and a manifest; its one input lies in `base`. */
static const char *published(const char *name)
{
    char inputs[80];
    em_list files = {0};
    em_hash hash;
    snprintf(inputs, sizeof inputs, "%s-in", name);
    const char *const folder = test_folder(name);
    base = test_folder(inputs);
    put(base, "towns.gpkg", "polygons");
    TEST_OK(em_hash_bytes("polygons", 8, &hash, &err));
    put(folder, "b.csv", "abc"); /* not in the order of their names */
    put(folder, "a.tif", "");
    put(folder, "run.json", "{}");
    TEST_OK(em_list_add(&files, "b.csv", &err));
    TEST_OK(em_list_add(&files, "a.tif", &err));
    json_t *const root =
        json_pack("{s:s, s:[{s:s, s:[{s:s, s:s}]}]}", "run_id", "2023-0123456789ab", "inputs",
                  "kind", "units", "files", "path", "towns.gpkg", "sha256", hash.hex);
    TEST_OK(em_manifest_publish(root, folder, &files, "run.json", &err));
    json_decref(root);
    em_list_release(&files);
    return folder;
}

static em_status verify(const char *folder, const char *from)
{
    em_list_release(&faults);
    return em_manifest_verify(folder, from, &faults, &seen, &err);
}

static void the_manifest_lists_files_by_name_with_size_and_sha256(void **state)
{
    const char *const folder = published("list");
    em_str text = {0};
    TEST_OK(em_file_read(in(folder, "manifest.json"), 1 << 20, &text, &err));
    json_t *const root = json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
    const json_t *const outputs = json_object_get(root, "outputs");
    assert_int_equal(json_array_size(outputs), 2);
    const json_t *const first = json_array_get(outputs, 0);
    const json_t *const second = json_array_get(outputs, 1);
    assert_string_equal(json_string_value(json_object_get(first, "path")), "a.tif");
    assert_int_equal(json_integer_value(json_object_get(first, "size")), 0);
    assert_string_equal(json_string_value(json_object_get(first, "sha256")),
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_int_equal(json_integer_value(json_object_get(second, "size")), 3);
    assert_string_equal(json_string_value(json_object_get(second, "sha256")),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    json_decref(root);
    em_str_release(&text);
}

static void the_same_run_gives_the_same_bytes_in_any_folder(void **state)
{
    em_str a = {0};
    em_str b = {0};
    TEST_OK(em_file_read(in(published("one"), "manifest.json"), 1 << 20, &a, &err));
    TEST_OK(em_file_read(in(published("other"), "manifest.json"), 1 << 20, &b, &err));
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.data, b.data, a.size);
    em_str_release(&a);
    em_str_release(&b);
}

static void a_file_that_is_not_there_cannot_be_listed(void **state)
{
    em_list files = {0};
    json_t *const root = json_pack("{s:s}", "run_id", "x");
    const char *const folder = test_folder("absent");
    TEST_OK(em_list_add(&files, "class.tif", &err));
    assert_int_not_equal(em_manifest_publish(root, folder, &files, "run.json", &err), EM_OK);
    assert_non_null(strstr(err.text, "class.tif"));
    assert_false(em_file_exists(in(folder, "manifest.json")));
    json_decref(root);
    em_list_release(&files);
}

static void a_whole_folder_verifies(void **state)
{
    const char *const folder = published("whole");
    TEST_OK(verify(folder, NULL));
    assert_string_equal(seen.run_id, "2023-0123456789ab");
    assert_int_equal(seen.outputs, 2);
    assert_int_equal(seen.inputs, 0);
    TEST_OK(verify(folder, base));
    assert_int_equal(seen.inputs, 1);
    put(folder, "run.json", "{\"other\": 1}"); /* has no hash */
    TEST_OK(verify(folder, NULL));
}

static void expect_fault(const char *folder, const char *from, const char *text)
{
    assert_int_equal(verify(folder, from), EM_EQUALITY);
    assert_int_equal(faults.n, 1);
    if (!strstr(faults.items[0], text)) fail_msg("\"%s\" lacks \"%s\"", faults.items[0], text);
    assert_non_null(strstr(err.text, faults.items[0]));
}

static void every_difference_is_a_fault_with_the_file_s_name(void **state)
{
    const char *const folder = published("differs");
    put(folder, "b.csv", "abd");
    expect_fault(folder, NULL, "b.csv: its bytes have changed: sha256 expected ba7816bf8f01cfea");
    put(folder, "b.csv", "abcd");
    expect_fault(folder, NULL, "b.csv: expected 3 bytes, found 4");
    assert_int_equal(unlink(in(folder, "b.csv")), 0);
    expect_fault(folder, NULL, "b.csv: is missing");
    assert_int_equal(mkdir(in(folder, "b.csv"), 0700), 0);
    expect_fault(folder, NULL, "b.csv: is missing");
    assert_int_equal(rmdir(in(folder, "b.csv")), 0);
    put(folder, "b.csv", "abc");
    put(folder, ".b.csv.swp", "x");
    expect_fault(folder, NULL, ".b.csv.swp: is not in the manifest");
    assert_int_equal(unlink(in(folder, ".b.csv.swp")), 0);
    assert_int_equal(unlink(in(folder, "run.json")), 0);
    expect_fault(folder, NULL, "run.json: is missing");
    put(folder, "run.json", "{}");
    put(base, "towns.gpkg", "polygon!");
    TEST_OK(verify(folder, NULL)); /* inputs are looked at only on wish */
    expect_fault(folder, base, "towns.gpkg: its bytes have changed");
    assert_int_equal(unlink(in(base, "towns.gpkg")), 0);
    expect_fault(folder, base, "towns.gpkg: is missing");
}

static void all_faults_are_told_at_once(void **state)
{
    const char *const folder = published("several");
    put(folder, "a.tif", "x");
    put(folder, "b.csv", "x");
    put(folder, "c.txt", "x");
    assert_int_equal(verify(folder, NULL), EM_EQUALITY);
    assert_int_equal(faults.n, 3);
    assert_non_null(strstr(err.text, "3 faults, the first: a.tif"));
}

static void a_damaged_manifest_is_no_manifest(void **state)
{
    const char *const folder = published("damaged");
    static const char *const texts[][2] = {
        {"", "manifest.json: line"},
        {"{\"run_id\": \"x\", \"outputs\": [", "manifest.json: line 1"},
        {"{\"run_id\": \"x\", \"run_id\": \"y\", \"outputs\": []}", "duplicate"},
        {"{\"run_id\": \"x\"}", "no outputs"},
        {"{\"outputs\": []}", "no run_id"},
        {"[]", "is no manifest"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        put(folder, "manifest.json", texts[i][0]);
        assert_int_equal(verify(folder, NULL), EM_EINPUT);
        if (!strstr(err.text, texts[i][1])) fail_msg("%s", err.text);
    }
    assert_int_equal(unlink(in(folder, "manifest.json")), 0);
    assert_int_equal(verify(folder, NULL), EM_EINPUT);
    assert_int_equal(verify("/nowhere/at/all", NULL), EM_EINPUT);
}

static void names_in_a_manifest_do_not_lead_out_of_its_folder(void **state)
{
    const char *const folder = test_folder("names");
    static const char *const names[] = {"../x", "/etc/passwd", "..", ".", ""};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char text[300];
        snprintf(text, sizeof text, "{\"run_id\": \"x\", \"outputs\": [{\"path\": \"%s\"}]}",
                 names[i]);
        put(folder, "manifest.json", text);
        expect_fault(folder, NULL, "output 0 has no plain name");
        snprintf(text, sizeof text, "{\"run_id\": \"x\", \"outputs\": [], \"unhashed\": [\"%s\"]}",
                 names[i]);
        put(folder, "manifest.json", text);
        expect_fault(folder, NULL, "unhashed file 0 has no plain name");
    }
    put(folder, "manifest.json", "{\"run_id\": \"x\", \"outputs\": []}");
    TEST_OK(verify(folder, NULL));
    expect_fault(folder, folder, "names no inputs");
}

static void any_text_becomes_json(void **state)
{
    static const char *const pairs[][2] = {
        {"", ""},
        {"如皋", "如皋"},
        {"\xC8\xE7", "\xEF\xBF\xBD\xEF\xBF\xBD"},           /* 如 in GBK */
        {"a\xE5\xA6", "a\xEF\xBF\xBD\xEF\xBF\xBD"},         /* cut within a letter */
        {"\xFFz\xE5\xA6\x82", "\xEF\xBF\xBDz\xE5\xA6\x82"}, /* goes on after it */
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        json_t *const one = em_json_text(pairs[i][0]);
        assert_non_null(one);
        assert_string_equal(json_string_value(one), pairs[i][1]);
        json_decref(one);
    }
}

static int stop(void **state)
{
    em_list_release(&faults);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_manifest_lists_files_by_name_with_size_and_sha256),
        cmocka_unit_test(the_same_run_gives_the_same_bytes_in_any_folder),
        cmocka_unit_test(a_file_that_is_not_there_cannot_be_listed),
        cmocka_unit_test(a_whole_folder_verifies),
        cmocka_unit_test(every_difference_is_a_fault_with_the_file_s_name),
        cmocka_unit_test(all_faults_are_told_at_once),
        cmocka_unit_test(a_damaged_manifest_is_no_manifest),
        cmocka_unit_test(names_in_a_manifest_do_not_lead_out_of_its_folder),
        cmocka_unit_test(any_text_becomes_json),
    };
    return cmocka_run_group_tests(tests, NULL, stop);
}
