# What the program prints of itself can be read by those it is meant for.
expect 0 "$ECOMON" pages config-reference
silent err
same out "$ECOMON_SOURCE_DIR/configs/README.md"
expect 0 "$ECOMON" pages config-schema
same out "$ECOMON_SOURCE_DIR/configs/ecomon.schema.json"

# ---- JSON: every command and option of the help ----
expect 0 "$ECOMON" --json-usage
silent err
cp out usage.json
expect 0 "$ECOMON" pages json-usage
same out usage.json
expect 0 "$ECOMON" help
python3 - usage.json out "$ECOMON" <<'END'
import json, re, subprocess, sys
usage = json.load(open(sys.argv[1], encoding="utf-8"))
text = open(sys.argv[2], encoding="utf-8").read()
listed = re.findall(r"^  ([a-z]+) ", text.split("commands:")[1].split("\n\n")[0], re.M)
assert [c["name"] for c in usage["commands"]] == listed, listed
for c in usage["commands"]:
    page = subprocess.run([sys.argv[3], "help", c["name"]], capture_output=True, text=True, check=True).stdout
    told = re.findall(r"--([a-z-]+)", page[page.index("\n\n"):].split("for every command:")[0].split("options:")[-1]) if c["options"] else []
    assert [o["name"] for o in c["options"]] == told, (c["name"], told)
END

# ---- completion ----
expect 0 "$ECOMON" pages completion
silent err
cp out completion
complete_words() { # WORD...: what is offered for the last one
    bash -eu -c '. ./completion; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _ecomon; echo "${COMPREPLY[*]}"' _ "$@"
}
expect 0 bash -eu -c '. ./completion; complete -p ecomon'
silent err
expect 0 complete_words ecomon ve
printed out "verify"
expect 0 complete_words ecomon run --b
printed out "--bbox"
expect 0 complete_words ecomon verify --b
printed out ""
expect 0 complete_words ecomon verify --
printed out "--deep --quiet --verbose --log-format --help"

# ---- manual page ----
expect 0 "$ECOMON" pages man
silent err
cp out ecomon.1
skip_without groff
expect 0 groff -man -Tutf8 -ww -z ecomon.1
silent err
expect 0 groff -man -Tascii -P-cbou ecomon.1
said out "EXIT STATUS"
said out "ecomon accuracy MAP"
