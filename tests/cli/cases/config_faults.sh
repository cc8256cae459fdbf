# All faults of a config come at once, each on its line with its place; nothing is written.
mkdir bad
cat >bad/bad.yaml <<'END'
region: a
period: "20x6"
scenes: /nowhere
units:
  layers: [{path: towns.gpkg, type: twon}]
samples: s.gpkg
thread: 2
END
cat >faults <<'END'
bad/bad.yaml:2:9: period: expected 2026, 2026Q3, 2026-07, 20260701-20260710, auto, auto-quarter or auto-month, found "20x6"
bad/bad.yaml:5:37: type: expected town, village, corridor or project, found "twon"
bad/bad.yaml:7:1: unknown key "thread"; did you mean "threads"?
END
for command in check run scan train; do
    expect 2 "$ECOMON" $command bad/bad.yaml
    silent out
    printed err <faults
done
[ "$(ls bad)" = bad.yaml ] || fail "a config with faults left something behind"

# For programs, one object per fault.
expect 2 "$ECOMON" check bad/bad.yaml --log-format json
python3 - err faults <<'END'
import json, sys
told = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
assert [o["text"] for o in told] == open(sys.argv[2], encoding="utf-8").read().splitlines(), told
assert {o["level"] for o in told} == {"error"}, told
END

expect 2 "$ECOMON" check missing.yaml
silent out
printed err "ecomon: config: open missing.yaml: No such file or directory"
# A name that is no UTF-8 becomes readable JSON all the same.
expect 2 "$ECOMON" check $'\xe9.yaml' --log-format json
silent out
printed err '{"level":"error","text":"config: open ?.yaml: No such file or directory"}'
