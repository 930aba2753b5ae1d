/*
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "sense/extract.h"
#include "sense/inside.h"

/*
 * The address that stands in a file: what a dialer, a DHCP client or a person writes there. Its
 * folder is watched, so that a file that is replaced is seen like one that is written. A file that
 * is empty for a moment, while somebody writes it, is unknown, never none.
 */
enum { FILE_MOST = 4096 };

/* The watch outlives the source: libuv closes in its own time. */
struct watch {
    uv_fs_event_t event;
    struct source *source; /* NULL: closed */
    char *file;            /* the name inside the folder; owned */
};

struct watched {
    struct watch *watch; /* NULL: the folder cannot be watched; the polling goes on */
};

static bool read_file(struct source *s, char *text, size_t *length)
{
    struct stat st;
    int fd = open(s->spec.arg, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0 || fstat(fd, &st) != 0) {
        source_unknown_all(s, errno == ENOENT ? "there is no such file" : strerror(errno));
    } else if (!S_ISREG(st.st_mode)) {
        source_unknown_all(s, "it is no regular file");
    } else {
        ssize_t n = read(fd, text, FILE_MOST);
        *length = n > 0 ? (size_t)n : 0;
        close(fd);
        return true;
    }
    if (fd >= 0)
        close(fd);
    return false;
}

static void ask_file(struct source *s)
{
    char text[FILE_MOST];
    size_t length = 0;
    struct addr a;
    bool found = false;

    if (!read_file(s, text, &length)) {
        source_answered(s, false);
        return;
    }
    for (enum family f = V4; f < FAMILIES && !found; f++)
        if (s->spec.families & FAMILY_BIT(f))
            found = extract_address(text, length, f, EXTRACT_STRICT, &a);
    if (found)
        source_known(s, &a, NULL);
    else
        source_unknown_all(s, "the file holds no address");
    source_answered(s, true);
}

static void on_change(uv_fs_event_t *event, const char *name, int events, int status)
{
    struct watch *w = event->data;

    (void)events;
    if (w->source != NULL && status == 0 && (name == NULL || text_equal(name, w->file)))
        ask_file(w->source);
}

static void on_closed(uv_handle_t *handle)
{
    struct watch *w = handle->data;

    mem_free(w->file);
    mem_free(w);
}

static void open_file(struct source *s)
{
    const char *slash = strrchr(s->spec.arg, '/');
    char *folder = slash == NULL          ? mem_text(".")
                   : slash == s->spec.arg ? mem_text("/")
                                          : mem_text_n(s->spec.arg, (size_t)(slash - s->spec.arg));
    struct watch *w = mem_alloc(sizeof *w);

    w->source = s;
    w->file = mem_text(slash != NULL ? slash + 1 : s->spec.arg);
    w->event.data = w;
    ((struct watched *)s->data)->watch = w;
    if (uv_fs_event_init(s->real->options.loop, &w->event) != 0) {
        ((struct watched *)s->data)->watch = NULL;
        mem_free(w->file);
        mem_free(w);
    } else {
        uv_fs_event_start(&w->event, on_change, folder, 0); /* without it the polling is left */
        uv_unref((uv_handle_t *)&w->event);
    }
    mem_free(folder);
}

static void close_file(struct source *s)
{
    struct watch *w = ((struct watched *)s->data)->watch;

    if (w != NULL) {
        w->source = NULL;
        uv_close((uv_handle_t *)&w->event, on_closed);
    }
}

const struct source_kind source_file = {.name = "file",
                                        .polls = true,
                                        .size = sizeof(struct watched),
                                        .open = open_file,
                                        .ask = ask_file,
                                        .close = close_file};
