#include "pipeline/io/xml.h"

#include <cpl_error.h>
#include <cpl_minixml.h>
#include <string.h>

#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"

enum { MOST_BYTES = 16 << 20, MOST_DEPTH = 64 };

struct em_xml {
    CPLXMLNode *root;
};

static int depth_of(const CPLXMLNode *node, int depth)
{
    int most = depth;
    for (; node && most <= MOST_DEPTH; node = node->psNext) {
        const int below = node->psChild ? depth_of(node->psChild, depth + 1) : depth;
        most = below > most ? below : most;
    }
    return most;
}

em_status em_xml_read(const char *path, em_xml **out, em_error *err)
{
    em_status rc = EM_OK;
    em_str text = {0};
    em_xml *xml = NULL;
    *out = NULL;
    EM_TRY(em_file_read(path, MOST_BYTES, &text, err));
    if (strlen(em_str_text(&text)) != text.size || strstr(em_str_text(&text), "<!DOCTYPE") ||
        strstr(em_str_text(&text), "<!ENTITY")) {
        rc =
            em_fail(err, EM_EINPUT, "%s: not plain XML (a document type or a NUL character)", path);
        goto done;
    }
    EM_TRY(em_calloc(1, sizeof *xml, "xml", &xml, err));
    CPLPushErrorHandler(CPLQuietErrorHandler);
    xml->root = CPLParseXMLString(em_str_text(&text));
    if (xml->root) CPLStripXMLNamespace(xml->root, NULL, TRUE);
    CPLPopErrorHandler();
    if (!xml->root) {
        rc = em_fail(err, EM_EINPUT, "%s: not XML: %.200s", path, CPLGetLastErrorMsg());
    } else if (depth_of(xml->root, 0) > MOST_DEPTH) {
        rc = em_fail(err, EM_EINPUT, "%s: XML nested more than %d levels deep", path, MOST_DEPTH);
    }
done:
    em_str_release(&text);
    if (rc != EM_OK) {
        em_xml_close(xml);
        return rc;
    }
    *out = xml;
    return EM_OK;
}

void em_xml_close(em_xml *xml)
{
    if (!xml) return;
    if (xml->root) CPLDestroyXMLNode(xml->root);
    em_free(xml);
}

static const CPLXMLNode *root_element(const em_xml *xml)
{
    const CPLXMLNode *node = xml->root;
    while (node && (node->eType != CXT_Element || node->pszValue[0] == '?')) node = node->psNext;
    return node;
}

static const CPLXMLNode *named_from(const CPLXMLNode *node, const char *name, size_t n)
{
    for (; node; node = node->psNext) {
        if (node->eType == CXT_Element && strlen(node->pszValue) == n &&
            memcmp(node->pszValue, name, n) == 0)
            return node;
    }
    return NULL;
}

const em_xml_node *em_xml_find(const em_xml *xml, const em_xml_node *from, const char *path)
{
    const CPLXMLNode *node = from ? (const CPLXMLNode *)from : root_element(xml);
    for (const char *p = path; node && *p;) {
        const size_t n = strcspn(p, "/");
        node = named_from(node->psChild, p, n);
        p += n + (p[n] == '/');
    }
    return (const em_xml_node *)node;
}

const em_xml_node *em_xml_next(const em_xml_node *node)
{
    const CPLXMLNode *const here = (const CPLXMLNode *)node;
    return (const em_xml_node *)named_from(here->psNext, here->pszValue, strlen(here->pszValue));
}

const char *em_xml_text(const em_xml_node *node)
{
    const CPLXMLNode *child = node ? ((const CPLXMLNode *)node)->psChild : NULL;
    while (child && child->eType != CXT_Text) child = child->psNext;
    return child ? child->pszValue : "";
}

const char *em_xml_attribute(const em_xml_node *node, const char *name)
{
    for (const CPLXMLNode *c = ((const CPLXMLNode *)node)->psChild; c; c = c->psNext) {
        if (c->eType == CXT_Attribute && strcmp(c->pszValue, name) == 0)
            return c->psChild ? c->psChild->pszValue : "";
    }
    return NULL;
}
