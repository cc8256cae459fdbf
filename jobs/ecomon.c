/* The ecomon program: prepares the process, finds the command, runs it. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jobs/console.h"
#include "jobs/options.h"
#include "pipeline/ecomon.h"

/* A process that starts without stdin, stdout or stderr would get one of its own files under that
 * number, and print into the lock or a map. Those numbers are taken here by something that refuses
 * what it should: writing to stdout then fails, and is told. */
static bool take_missing_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
        if (open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY) != fd) return false;
    }
    return true;
}

/* libgomp reads OMP_WAIT_POLICY when it is loaded, and waiting actively makes two busy programs on
 * one machine many times slower: set it, and start over once. */
static void wait_passively(char **argv)
{
    if (getenv("OMP_WAIT_POLICY")) return;
    if (setenv("OMP_WAIT_POLICY", "passive", 1) != 0) return;
    execv("/proc/self/exe", argv); /* where that fails, the run is only slower */
}

int main(int argc, char **argv)
{
    job_args args;
    if (argc == 2 && strcmp(argv[1], "--internal-decode") == 0) return em_decoder_main();
    if (!take_missing_descriptors()) return EM_EENV;
    wait_passively(argv);
    signal(SIGPIPE, SIG_IGN); /* a closed stdout is an error that is told */
    setlocale(LC_CTYPE, "C.UTF-8");
    const int rc = job_parse(argc, argv, &args);
    if (rc != -1) return rc;
    return args.command->run(&args);
}
