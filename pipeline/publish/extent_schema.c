/* The columns of gep_input_extent.csv as a Frictionless Table Schema, and how to open the file. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/publish/extent_columns.h"
#include "pipeline/publish/extent_table.h"

const em_extent_column em_extent_columns[] = {
    {"run_id", "string", "", "运行编号", "Run that made the row."},
    {"unit_code", "string", "", "单元代码", "Code of the unit, text: leading zeros count."},
    {"unit_type", "string", "", "单元类型", "county, town, village, corridor or project."},
    {"unit_name", "string", "", "单元名称", "Name of the unit."},
    {"period", "string", "", "时段", "2026, 2026Q3, 2026-07 or 20260701-20260710."},
    {"class_scheme", "string", "", "分类体系", "L1: the legend of ecomon."},
    {"class_code", "string", "", "类型代码", "Class code; 250 is no observation."},
    {"class_name", "string", "", "类型名称", "Chinese name of the class."},
    {"px_count", "integer", "px", "像元数", "Pixels whose centre lies inside the unit."},
    {"area_m2", "number", "m2", "面积（平方米）",
     "Sum of covered fraction times true pixel area on the ellipsoid."},
    {"area_ha", "number", "ha", "面积（公顷）", "The same in hectares."},
    {"area_mu", "number", "mu", "面积（亩）", "The same in mu: 15 mu are one hectare."},
    {"share_pct", "number", "%", "占比（%）", "Share of the unit's area, no observation included."},
    {"area_adj_ha", "number", "ha", "校正面积（公顷）",
     "Area adjusted for classification errors. Empty: not estimated in this run."},
    {"se_ha", "number", "ha", "标准误（公顷）",
     "Standard error of the adjusted area. Empty: not estimated in this run."},
    {"ci95_lo_ha", "number", "ha", "95%置信下限（公顷）",
     "Lower end of its 95 % interval. Empty: not estimated in this run."},
    {"ci95_hi_ha", "number", "ha", "95%置信上限（公顷）",
     "Upper end of its 95 % interval. Empty: not estimated in this run."},
    {"obs_fraction", "number", "1", "有效观测比例", "Share of the unit's area seen in the period."},
    {"wetland_legal_ha", "number", "ha", "法定湿地面积（公顷）",
     "Area of the legal wetland layer. Empty: no such layer is given."},
    {"method", "string", "", "方法", "Classifier and its version."},
    {"quality_flag", "string", "", "质量标记",
     "Letters in order: A no accuracy report, M area mismatch, N no figures (unit rejected or "
     "incomplete), O less than 0.8 observed; G none of them."},
    {"param_set_id", "string", "", "参数集", "Empty: this table uses no parameters."},
    {"standard_profile", "string", "", "标准规范", "Empty: this table follows no profile."},
};
const size_t em_extent_n_column = sizeof em_extent_columns / sizeof *em_extent_columns;

/* What a value must be where it is not empty; "required": it is never empty. */
static const struct {
    const char *column, *json;
} constraints[] = {
    {"run_id", "{\"required\": true}"},
    {"unit_code", "{\"required\": true}"},
    {"unit_type",
     "{\"required\": true, \"enum\": [\"county\", \"town\", \"village\", \"corridor\", "
     "\"project\"]}"},
    {"period", "{\"required\": true}"},
    {"class_scheme", "{\"required\": true, \"enum\": [\"L1\"]}"},
    {"class_code", "{\"required\": true, \"pattern\": \"[1-9]|250\"}"},
    {"class_name", "{\"required\": true}"},
    {"px_count", "{\"minimum\": 0}"},
    {"area_m2", "{\"minimum\": 0}"},
    {"area_ha", "{\"minimum\": 0}"},
    {"area_mu", "{\"minimum\": 0}"},
    {"share_pct", "{\"minimum\": 0, \"maximum\": 100}"},
    {"obs_fraction", "{\"minimum\": 0, \"maximum\": 1}"},
    {"wetland_legal_ha", "{\"minimum\": 0}"},
    {"method", "{\"required\": true}"},
    {"quality_flag", "{\"required\": true, \"pattern\": \"G|A?M?N?O?\"}"},
};

static json_t *field(const em_extent_column *c)
{
    json_t *const f = json_pack("{s:s, s:s, s:s, s:s}", "name", c->name, "type", c->type, "title",
                                c->title, "description", c->description);
    if (f && c->unit[0]) json_object_set_new(f, "unit", json_string(c->unit));
    for (size_t i = 0; f && i < sizeof constraints / sizeof *constraints; i++) {
        if (strcmp(constraints[i].column, c->name) == 0)
            json_object_set_new(f, "constraints", json_loads(constraints[i].json, 0, NULL));
    }
    return f;
}

em_status em_extent_schema(em_str *out, em_error *err)
{
    json_t *const fields = json_array();
    for (size_t i = 0; i < em_extent_n_column; i++)
        json_array_append_new(fields, field(&em_extent_columns[i]));
    json_t *const root =
        json_pack("{s:s, s:s, s:o, s:[s], s:[s,s,s,s,s,s]}", "name", "gep_input_extent", "title",
                  "生态系统面积（GEP核算输入） ecosystem extent, input of GEP accounts", "fields",
                  fields, "missingValues", "", "primaryKey", "run_id", "unit_type", "unit_code",
                  "period", "class_scheme", "class_code");
    char *const text = root ? json_dumps(root, JSON_INDENT(2)) : NULL;
    if (text) {
        em_str_append(out, text);
        em_str_append(out, "\n");
    }
    free(text);
    json_decref(root);
    if (!text) return em_fail(err, EM_EENV, "table schema: memory refused");
    return em_str_check(out, err);
}

const char em_extent_guide[] =
    "How to open gep_input_extent.csv / 如何打开 gep_input_extent.csv\n"
    "\n"
    "unit_code holds 12-digit codes. A spreadsheet that opens the file by a double click shows "
    "them\n"
    "as 3.2E+11 and loses digits. Import the file and set the code columns to text.\n"
    "unit_code 为12位行政区划代码。直接双击打开时，表格软件会显示为 3.2E+11 并丢失数字，\n"
    "请使用导入功能，并将代码列设为文本。\n"
    "\n"
    "Excel, WPS   Data > From Text/CSV (数据 > 从文本/CSV), encoding UTF-8 (65001), delimiter "
    "comma;\n"
    "             Transform Data: set unit_code and class_code to Text (文本), then Load.\n"
    "LibreOffice  Open: UTF-8, comma; mark the columns unit_code and class_code, type Text.\n"
    "QGIS         Layer > Add Layer > Add Delimited Text Layer; under Sample Data set unit_code "
    "to\n"
    "             Text. Join to the towns by their code.\n"
    "R            read.csv(\"gep_input_extent.csv\", colClasses = c(unit_code = \"character\"),\n"
    "             fileEncoding = \"UTF-8-BOM\")\n"
    "pandas       pd.read_csv(\"gep_input_extent.csv\", dtype={\"unit_code\": str},\n"
    "             encoding=\"utf-8-sig\")\n"
    "PostgreSQL   remove the byte order mark (csv_bom: false), then \\copy ... csv header\n"
    "\n"
    "Columns and units: gep_input_extent.schema.json. Empty means not known, never zero.\n"
    "各列含义与单位见 gep_input_extent.schema.json；空值表示未知，不是零。\n";
