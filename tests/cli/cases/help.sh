# Help of the program and of a command, and what comes without a command.
expect 0 "$ECOMON" help verify
printed out <<'END'
usage: ecomon verify FOLDER [options]

Hashes every file of a published folder and compares it with manifest.json: nothing missing, nothing changed, nothing besides.

options:
      --deep                     Hash the inputs again too.

for every command:
  -q, --quiet                    Tell errors only; no progress.
  -v, --verbose                  Tell more of what is done.
      --log-format text|json     How the log on stderr is written; json is one object per line.
  -h, --help                     Print help.
END
silent err
cp out verify.txt
expect 0 "$ECOMON" verify --help
same out verify.txt
expect 0 "$ECOMON" --help
said out "run CONFIG                     from scenes to maps and tables"
said out "75 another run holds the lock"
silent err
cp out help.txt
expect 0 "$ECOMON" help
same out help.txt

# Nobody asked for help, so the exit code is that of misuse.
expect 2 "$ECOMON"
same out help.txt
expect 2 "$ECOMON" -q
same out help.txt

# Every command has help of its own.
sed -nE '/^commands:/,/^$/s/^  ([a-z]+).*/\1/p' help.txt >commands
[ "$(wc -l <commands)" -ge 9 ] || fail "the list of commands is too short"
while read -r command; do
    expect 0 "$ECOMON" help "$command"
    said out "usage: ecomon $command"
done <commands

expect 2 "$ECOMON" help rum
printed err 'ecomon: unknown command "rum"; did you mean run?'
