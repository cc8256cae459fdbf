/* The config and the read-me of a made county. */
#ifndef EM_DEMO_TEXTS_H
#define EM_DEMO_TEXTS_H

#include "pipeline/demo/demo.h"

em_status em_demo_config_text(const em_demo_settings *settings, em_str *out, em_error *err);
em_status em_demo_readme_text(const em_demo_settings *settings, em_str *out, em_error *err);

#endif
