# A result that does not arrive is an error, whatever the reason, in every command that prints.
county made
BYTES=$("$ECOMON" --version | wc -c)
for args in --version help "help run" --json-usage "pages man" "pages config-reference" "scan made/demo.yaml"; do
    expect 3 sh -c "'$ECOMON' $args >&-"
    said err "could not be written: Bad file descriptor"
    expect 3 sh -c "'$ECOMON' $args >/dev/full"
    said err "could not be written: No space left on device"
done
expect 3 sh -c "'$ECOMON' --version >&-"
printed err "ecomon: stdout: $BYTES bytes could not be written: Bad file descriptor"

# A reader that has gone away is told of as well, instead of a death by signal.
expect 3 python3 -c 'import os, subprocess, sys
r, w = os.pipe()
os.close(r)
sys.exit(subprocess.run(sys.argv[1:], stdout=w).returncode)' "$ECOMON" --version
printed err "ecomon: stdout: $BYTES bytes could not be written: Broken pipe"

# A run that starts without stdin and stdout prints into none of its own files.
expect 3 sh -c "'$ECOMON' -q run made/demo.yaml <&- >&-"
grep -q '^pid [0-9]* on ' made/out/work/lock || fail "the lock holds something else: $(cat made/out/work/lock)"
[ "$(wc -l <made/out/work/lock)" = 1 ] || fail "the lock holds something else: $(cat made/out/work/lock)"
expect 0 "$ECOMON" verify "$(current made)" --deep
expect 0 sh -c "'$ECOMON' run made/demo.yaml <&- 2>&-"
said out "nothing new"
