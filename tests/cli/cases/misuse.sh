# Misuse is told in one line that says what would have been right, with exit code 2 and nothing on
# stdout.
wrong() { # MESSAGE ARGUMENT...
    local message=$1
    shift
    expect 2 "$ECOMON" "$@"
    silent out
    printed err "ecomon: $message"
}

wrong 'unknown command "rum"; did you mean run?' rum c.yaml
wrong 'unknown command "chekc"; did you mean check?' chekc
wrong 'unknown command "xyz"; "ecomon help" lists them' xyz
wrong 'unknown option --bbx; did you mean --bbox?' run c.yaml --bbx 1,2,3,4
wrong 'unknown option --bbx; did you mean --bbox?' run c.yaml --bbx=1,2,3,4
wrong 'unknown option --verbode; did you mean --verbose?' --verbode
wrong 'unknown option --deep' run c.yaml --deep
wrong 'unknown option --x' run c.yaml --x
wrong 'unknown option --' run c.yaml --=3
wrong 'unknown option -x' run -x c.yaml
wrong 'unknown option -x' run -qx c.yaml
wrong '--job needs a value: NAME' run c.yaml --job
wrong '--dry-run takes no value' run c.yaml --dry-run=yes
wrong '--log-format: expected text or json, found "xml"' run c.yaml --log-format xml
wrong 'run needs CONFIG; "ecomon help run" says more' run
wrong 'verify needs FOLDER; "ecomon help verify" says more' verify --deep
wrong 'check: one word too many: "b.yaml"' check a.yaml b.yaml
wrong 'check needs CONFIG; "ecomon help check" says more' check --
wrong '--threads: expected a whole number of at least 1, found "0"' run c.yaml --threads 0
wrong '--threads: expected a whole number of at least 1, found "two"' run c.yaml --threads two
wrong '--size: expected WIDTHxHEIGHT in pixels, found "300"' demo d --size 300
wrong '--size: expected WIDTHxHEIGHT in pixels, found "300x"' demo d --size 300x
wrong '--size: expected WIDTHxHEIGHT in pixels, found "-3x300"' demo d --size -3x300
wrong '--clouds: expected a share from 0 to 0.9, found "1"' demo d --clouds 1
wrong '--clouds: expected a share from 0 to 0.9, found "nan"' demo d --clouds nan
wrong '--dates: expected a whole number of at least 1, found "0"' demo d --dates 0
wrong 'pages: expected man, completion, json-usage, config-reference or config-schema, found "mann"' pages mann
[ ! -e d ] || fail "a demo that cannot be made left a folder"

# After "--" a word that begins with a dash is a name.
expect 2 "$ECOMON" check -- --job
printed err 'ecomon: config: open --job: No such file or directory'
