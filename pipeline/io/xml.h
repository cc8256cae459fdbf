/* XML of scene metadata: small, bounded, without entities of its own. */
#ifndef EM_IO_XML_H
#define EM_IO_XML_H

#include "pipeline/base/error.h"
#include "pipeline/base/str.h"

typedef struct em_xml em_xml;           /* a document */
typedef struct em_xml_node em_xml_node; /* an element of it, borrowed */

/* Parses a file of at most 16 MiB. EM_EINPUT where it is no XML, has a DTD, or nests deeper
 * than 64. The caller closes it. */
em_status em_xml_read(const char *path, em_xml **out, em_error *err);
void em_xml_close(em_xml *xml); /* accepts NULL */

/* First element at a path of element names below `from` (NULL: below the root), namespace prefixes
 * ignored: "General_Info/Product_Info". NULL where there is none. */
const em_xml_node *em_xml_find(const em_xml *xml, const em_xml_node *from, const char *path);
/* First child element of that name, and the next sibling of the same name. */
const em_xml_node *em_xml_next(const em_xml_node *node);
/* Text inside an element, "" where there is none; attribute's value or NULL. Borrowed. */
const char *em_xml_text(const em_xml_node *node);
const char *em_xml_attribute(const em_xml_node *node, const char *name);

#endif
