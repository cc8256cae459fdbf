#!/usr/bin/env bash
# The timer, the service and the crontab line, as installed: systemd finds no fault in them, the
# line runs, and what the handbook says about exit codes is what the service does.
. "$(dirname "$0")/../support/flow.sh"
FROM=$ECOMON_SOURCE_DIR/jobs/schedule

# As CMake's configure_file does it, with the program that was just built.
for name in ecomon-nightly@.service ecomon.crontab; do
    sed "s|@CMAKE_INSTALL_FULL_BINDIR@/ecomon|$ECOMON|" "$FROM/$name.in" >"$name"
    ! grep -n '@[A-Z_]*@' "$name" || fail "$name has a place that nothing fills"
done
cp "$FROM/ecomon-nightly@.timer" .

grep -qx 'SuccessExitStatus=75' ecomon-nightly@.service || fail "a busy region must be no failure, and a partial run must"

# ---- crontab: five fields, a user, and a command whose words the program knows ----
grep -E '^[0-9]' ecomon.crontab >line || fail "the crontab has no line"
read -r _ _ _ _ _ user command <line
[ "$user" = ecomon ] || fail "the crontab runs as $user"
case $command in *%*) fail "cron ends a command at its first %" ;; esac
printf 'region: [\n' >broken.yaml
expect 2 sh -c "${command/\/etc\/ecomon\/rugao.yaml/broken.yaml}"
[ -s err ] || fail "cron would not hear of a broken config"

# ---- systemd ----
if ! command -v systemd-analyze >/dev/null; then
    echo "SKIPPED: systemd-analyze is not on this machine"
    exit 0
fi
cp ecomon-nightly@.service ecomon-nightly@rugao.service
cp ecomon-nightly@.timer ecomon-nightly@rugao.timer
# It also complains about units of the machine; those of ours are named.
expect 0 systemd-analyze verify --man=no --recursive-errors=no ./ecomon-nightly@rugao.service ./ecomon-nightly@rugao.timer
not_said err ecomon-nightly
not_said out ecomon-nightly
expect 0 systemd-analyze calendar --iterations=2 "$(sed -n 's/^OnCalendar=//p' ecomon-nightly@.timer)"
sed -i 's/^TimeoutStartSec=.*/TimeoutStartSec=soon/' ecomon-nightly@rugao.service
systemd-analyze verify --man=no --recursive-errors=no ./ecomon-nightly@rugao.service >out 2>&1 || true
said out "TimeoutStartSec"
