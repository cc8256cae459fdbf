/* The schema table: one row per key. It drives reading, checking, defaults, the reference, and the
 * JSON schema; adding a key is one row here and one member of a struct in config.h.
 *
 * Internal to pipeline/config. */
#ifndef EM_CONFIG_SCHEMA_H
#define EM_CONFIG_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

typedef enum em_key_type {
    EM_KEY_TEXT,    /* char * */
    EM_KEY_PATH,    /* char *, made absolute */
    EM_KEY_INT,     /* int64_t */
    EM_KEY_REAL,    /* double */
    EM_KEY_BOOL,    /* bool */
    EM_KEY_CHOICE,  /* char *, one of `choices` */
    EM_KEY_TEXTS,   /* char **, size_t right behind it */
    EM_KEY_INTS,    /* int64_t *, size_t right behind it */
    EM_KEY_MAP,     /* the section `sub`, at the offset */
    EM_KEY_LIST,    /* items of section `sub`: pointer, size_t right behind it */
    EM_KEY_PERIOD,  /* char *, a period's form */
    EM_KEY_REGION,  /* char *, [a-z0-9_-]{1,40} */
    EM_KEY_BOX,     /* double[4] */
    EM_KEY_BANDS,   /* scenes[].bands */
    EM_KEY_WINDOWS, /* features.windows */
    EM_KEY_CLASSES, /* samples.map */
    EM_KEY_JOBS,    /* jobs: read apart */
} em_key_type;

typedef struct em_key {
    const char *section; /* "" or a name below */
    const char *name;
    em_key_type type;
    size_t offset;        /* in the section's struct */
    double low, high;     /* numbers: range, inclusive */
    const char *choices;  /* "a|b|c" */
    const char *sub;      /* section of a map or of list items */
    const char *fallback; /* default as it would be written; NULL: none (text NULL, real NaN) */
    const char *unit;
    const char *meaning; /* one sentence */
    const char *only;    /* "geotiff": of use with that format alone; NULL: always */
} em_key;

typedef struct em_section {
    const char *name;
    const char *title;     /* where it stands: "scenes[].mask" */
    const char *shorthand; /* a plain text instead of the map means this key; NULL: none */
    size_t size;           /* of the struct of one list item */
} em_section;

extern const em_key em_keys[];
extern const size_t em_n_key;
extern const em_section em_sections[];
extern const size_t em_n_section;

const em_section *em_section_find(const char *name);
const em_key *em_key_find(const char *section, const char *name);
/* The key of the section whose name is nearest, NULL where none is near. */
const char *em_key_nearest(const char *section, const char *name);

#endif
