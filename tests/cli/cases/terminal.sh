# On a terminal: a bar that is drawn over itself and never wraps, that leaves nothing behind at the
# end, and whose line is ended when the run is interrupted.
county made
cat >watch.py <<'END'
import fcntl, os, pty, re, signal, struct, sys, termios
program, config, columns, interrupt = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] == "interrupt"
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(2, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    os.environ["TERM"] = "xterm"
    os.execv(program, [program, "run", config])
told = b""
sent = False
while True:
    try:
        some = os.read(fd, 4096)
    except OSError:
        break
    if not some:
        break
    told += some
    if interrupt and not sent and b"%/min" in told:
        os.kill(pid, signal.SIGINT)
        sent = True
status = os.waitpid(pid, 0)[1]
bars = [b.decode() for b in re.findall(rb"\r\x1b\[K([^\r\n]*)", told) if b"left" in b or b"%" in b]
assert bars, told
for bar in bars:
    assert len(bar) < columns, (len(bar), bar)
if interrupt:
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGINT, status
    assert told.endswith(b"\r\n") and b"%" in told.split(b"\r\n")[-2], told[-200:]
else:
    assert os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0, (status, told)
    shown = told.decode().replace("\r\n", "\n")
    lines = [re.split("\r\x1b\\[K", line)[-1] for line in shown.split("\n")]
    assert lines[0].startswith("ecomon ") and lines[0].endswith("complete"), lines[0]
    assert not [line for line in lines if "%/min" in line], lines
END
expect 0 python3 watch.py "$ECOMON" made/demo.yaml 100 interrupt
expect 0 python3 watch.py "$ECOMON" made/demo.yaml 80 whole
rm -r made/out
expect 0 python3 watch.py "$ECOMON" made/demo.yaml 40 whole

# Without a terminal: whole lines, none drawn over.
rm -r made/out
expect 0 "$ECOMON" run made/demo.yaml
said err "left"
! grep -q $'[\r\033]' err || fail "the log has what only a terminal understands"
! grep -vqE '^ecomon: ' err || fail "a line on stderr does not say whose it is"
rm -r made/out
expect 0 "$ECOMON" run made/demo.yaml --log-format json
python3 -c 'import json, sys; [json.loads(l)["level"] for l in open(sys.argv[1], encoding="utf-8")]' err
rm -r made/out
expect 0 "$ECOMON" run made/demo.yaml --quiet
silent err
