/* The table of commands. */
#include "jobs/commands.h"

static const job_option none[] = {{NULL, 0, NULL, NULL}};

const job_command job_commands[] = {
    {"check", "CONFIG", "find every fault of config and inputs, before any work",
     "Reads the config, the scenes' metadata, units, samples and the model, and tells every "
     "fault at once. Nothing is written.",
     cmd_check_options, cmd_check},
    {"run", "CONFIG", "from scenes to maps and tables",
     "Checks, scans, plans, ingests what is new, trains, classifies, sums up per unit and "
     "publishes. With nothing new it does no work and says so. --unit and --bbox redo the tiles "
     "that they touch and carry the others over.",
     cmd_run_options, cmd_run},
    {"scan", "CONFIG", "list the scenes that are there",
     "Scans the sources of the config and lists every scene with its sensing time, sensor, tile "
     "and baseline, and what cannot be used.",
     cmd_scan_options, cmd_scan},
    {"train", "CONFIG", "grow a model and say how good it is",
     "Grows the random forest from the config's samples and prints the out-of-bag confusion and "
     "the importance of every feature.",
     cmd_train_options, cmd_train},
    {"accuracy", "MAP", "compare a class map with what is known",
     "Compares a GeoTIFF of class codes with a reference raster on the same pixels, or with "
     "points or polygons, and prints the confusion, accuracies and F1 of every class.",
     cmd_accuracy_options, cmd_accuracy},
    {"verify", "FOLDER", "hold a published folder against its manifest",
     "Hashes every file of a published folder and compares it with manifest.json: nothing "
     "missing, nothing changed, nothing besides.",
     cmd_verify_options, cmd_verify},
    {"demo", "DIR", "write a made county to try everything on",
     "Writes a small made county as users would download it: scenes with known truth, towns, "
     "villages, samples, validation points and a config.",
     cmd_demo_options, cmd_demo},
    {"pages", "PAGE", "print man, completion, json-usage, config-reference or config-schema",
     "Prints a reference page made from the program's own tables.", none, cmd_pages},
    {"help", "[COMMAND]", "print help", "Prints the list of commands, or help on one.", none,
     cmd_help},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};
