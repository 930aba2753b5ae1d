/*
 * SPDX-License-Identifier: ISC
 */
#include "keeper/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "keeper/libseccomp.h"

/*
 * Landlock's interface (Linux, Documentation/userspace-api/landlock.rst), written out here because
 * the headers of a distribution stop at the version of its own kernel.
 */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule       445
#define SYS_landlock_restrict_self  446
#endif
struct ruleset {
    uint64_t fs, net, scoped;
};
struct path_rule {
    uint64_t allowed;
    int32_t folder;
} __attribute__((packed));
enum { CREATE_RULESET_VERSION = 1, RULE_PATH_BENEATH = 1 };

#define FS_EXECUTE    (1ull << 0)
#define FS_WRITE_FILE (1ull << 1)
#define FS_READ_FILE  (1ull << 2)
#define FS_READ_DIR   (1ull << 3)
#define FS_MAKE_CHAR  (1ull << 6)
#define FS_MAKE_BLOCK (1ull << 11)
#define FS_REFER      (1ull << 13) /* version 2 */
#define FS_TRUNCATE   (1ull << 14) /* version 3 */
#define FS_IOCTL_DEV  (1ull << 15) /* version 5 */

#define FS_VERSION_1    ((1ull << 13) - 1)
#define SCOPE_ABSTRACT  (1ull << 0) /* version 6: abstract unix sockets */
#define SCOPE_SIGNAL    (1ull << 1) /* version 6 */
#define FS_READ         (FS_READ_FILE | FS_READ_DIR)
#define FS_OF_ONE_FILE  (FS_READ_FILE | FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV)
#define FS_NEVER_IN_OWN (FS_EXECUTE | FS_MAKE_CHAR | FS_MAKE_BLOCK | FS_IOCTL_DEV)

/* What a program needs to look up names, check certificates and read the network's state. */
static const char *const readable_for_all[] = {
    "/etc",
    "/usr",
    "/lib",
    "/lib64",
    "/proc",
    "/sys",
    "/dev",
    "/run/systemd/resolve", /* where resolv.conf points to */
    "/run/resolvconf",
    "/run/NetworkManager",
    "/var/lib/ca-certificates", /* the bundle of some distributions */
    "/nix/store",
    NULL,
};

/* System calls that the worker has no use for, and an intruder would. */
static const char *const refused_calls[] = {
    "execve",
    "execveat",
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "kexec_load",
    "kexec_file_load",
    "init_module",
    "finit_module",
    "delete_module",
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "io_uring_setup",
    "io_uring_enter",
    "mount",
    "umount2",
    "pivot_root",
    "chroot",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsmount",
    "unshare",
    "setns",
    "add_key",
    "request_key",
    "keyctl",
    "settimeofday",
    "clock_settime",
    "adjtimex",
    "clock_adjtime",
    "reboot",
    "swapon",
    "swapoff",
    "acct",
    "quotactl",
    "lookup_dcookie",
    "name_to_handle_at",
    "open_by_handle_at",
    "sethostname",
    "setdomainname",
    "pidfd_getfd",
    "vhangup",
    "syslog",
    "personality",
    "iopl",
    "ioperm",
};

static enum err failed(struct cause *c, const char *what)
{
    int error = errno;
    return cause_set(c, err_from_errno(error), "%s: %s", what, strerror(error));
}

static enum err become(const char *name, bool *did, struct cause *c)
{
    const struct passwd *user = name != NULL && geteuid() == 0 ? getpwnam(name) : NULL;

    *did = false;
    if (user == NULL || user->pw_uid == 0)
        return OK;
    uid_t uid = user->pw_uid;
    gid_t gid = user->pw_gid;
    if (initgroups(name, gid) != 0 || setresgid(gid, gid, gid) != 0 ||
        setresuid(uid, uid, uid) != 0)
        return failed(c, "can not become the service's user");
    if (setresuid(0, 0, 0) == 0)
        return cause_set(c, ERR_DENIED, "the rights of root can not be given up");
    *did = true;
    return OK;
}

static enum err no_dumps(struct cause *c)
{
    const struct rlimit none = {0, 0};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return failed(c, "no new privileges");
    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return failed(c, "no core dumps");
    return OK;
}

static enum err allow(int rules, const char *path, uint64_t allowed, bool must, struct cause *c)
{
    struct stat st;
    int fd = open(path, O_PATH | O_CLOEXEC);

    if (fd < 0)
        return must ? failed(c, path) : OK;
    if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
        allowed &= FS_OF_ONE_FILE;
    const struct path_rule rule = {allowed, fd};
    enum err e = OK;
    if (syscall(SYS_landlock_add_rule, rules, RULE_PATH_BENEATH, &rule, 0) != 0)
        e = failed(c, path);
    close(fd);
    return e;
}

/* Everything that version knows is handled, so what no rule allows is refused. */
static struct ruleset handled_by(int version)
{
    struct ruleset r = {.fs = FS_VERSION_1};

    if (version >= 2)
        r.fs |= FS_REFER;
    if (version >= 3)
        r.fs |= FS_TRUNCATE;
    if (version >= 5)
        r.fs |= FS_IOCTL_DEV;
    if (version >= 6)
        r.scoped = SCOPE_ABSTRACT | SCOPE_SIGNAL;
    return r;
}

static size_t size_for(int version)
{
    if (version >= 6)
        return sizeof(struct ruleset);
    return version >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
}

static enum err landlock(const struct sandbox_options *o, struct sandbox_report *report,
                         struct cause *c)
{
    long found = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
    enum err e = OK;

    report->landlock = found > 0 ? (int)found : 0;
    report->landlock_error = found > 0 ? 0 : errno;
    if (report->landlock == 0)
        return OK;
    const struct ruleset handled = handled_by(report->landlock);
    int rules = (int)syscall(SYS_landlock_create_ruleset, &handled, size_for(report->landlock), 0);
    if (rules < 0)
        return failed(c, "Landlock");
    for (const char *const *p = readable_for_all; *p != NULL && e == OK; p++)
        e = allow(rules, *p, FS_READ, false, c);
    for (const char *const *p = o->readable; p != NULL && *p != NULL && e == OK; p++)
        e = allow(rules, *p, FS_READ, false, c);
    for (const char *const *p = o->writable; p != NULL && *p != NULL && e == OK; p++)
        e = allow(rules, *p, handled.fs & ~FS_NEVER_IN_OWN, true, c);
    if (e == OK)
        e = allow(rules, "/dev/null", (FS_READ_FILE | FS_WRITE_FILE | FS_TRUNCATE) & handled.fs,
                  false, c);
    if (e == OK && syscall(SYS_landlock_restrict_self, rules, 0) != 0)
        e = failed(c, "Landlock");
    close(rules);
    return e;
}

static enum err refuse_calls(struct cause *c)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int result = filter != NULL ? 0 : -ENOMEM;

    for (size_t i = 0; result == 0 && i < sizeof refused_calls / sizeof refused_calls[0]; i++) {
        int call = seccomp_syscall_resolve_name(refused_calls[i]);
        if (call != __NR_SCMP_ERROR) /* a library that does not know it can not filter it */
            result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0);
    }
    if (result == 0)
        result = seccomp_load(filter);
    seccomp_release(filter);
    return result == 0
               ? OK
               : cause_set(c, err_from_errno(-result), "system call filter: %s", strerror(-result));
}

enum err sandbox_enter(const struct sandbox_options *o, struct sandbox_report *report,
                       struct cause *c)
{
    *report = (struct sandbox_report){0};
    enum err e = become(o->user, &report->user, c);
    if (e == OK)
        e = no_dumps(c);
    if (e == OK && (o->parts & SANDBOX_LANDLOCK) != 0)
        e = landlock(o, report, c);
    if (e == OK && (o->parts & SANDBOX_SECCOMP) != 0) {
        e = refuse_calls(c);
        report->seccomp = e == OK;
    }
    return e;
}

const char *sandbox_text(const struct sandbox_report *r, const char *user, char *out)
{
    char landlock_text[40] = "no Landlock";

    if (r->landlock > 0)
        snprintf(landlock_text, sizeof landlock_text, "Landlock %d", r->landlock);
    snprintf(out, SANDBOX_TEXT_MAX, "%s, %s%s%.60s", landlock_text,
             r->seccomp ? "system call filter" : "no system call filter", r->user ? ", user " : "",
             r->user && user != NULL ? user : "");
    return out;
}
