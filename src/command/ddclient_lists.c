/*
 * SPDX-License-Identifier: ISC
 */
#include "command/ddclient_lists.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "command/cache.h"
#include "conf/settings.h"
#include "sense/devices.h"
#include "sense/services.h"

static void print_option(const struct words_option *o, FILE *out)
{
    static const char *const forms[] = {[WORDS_TEXT] = "=VALUE",
                                        [WORDS_NUMBER] = "=NUMBER",
                                        [WORDS_SWITCH] = "",
                                        [WORDS_OPTIONAL] = "[=short]",
                                        [WORDS_FLAG] = ""};
    char *title =
        mem_format("--%s%s%s", o->kind == WORDS_SWITCH ? "[no]" : "", o->name, forms[o->kind]);
    fprintf(out, "  %-28s %s\n", title, o->help);
    mem_free(title);
}

static void print_words(const char *title, const char *const *words, FILE *out)
{
    fprintf(out, "\n%s:\n ", title);
    for (size_t width = 1; *words != NULL; words++) {
        if (width + strlen(*words) > 76) {
            fputs("\n ", out);
            width = 1;
        }
        fprintf(out, " %s", *words);
        width += strlen(*words) + 1;
    }
    fputc('\n', out);
}

void lists_help(const char *program, FILE *out)
{
    const struct words_option *o;

    fprintf(out,
            "usage: %s [options]\n\nUpdates dynamic DNS names as ddclient does, with its "
            "configuration and its options.\n\nOptions (one or two dashes, any unique "
            "beginning of the name):\n",
            program);
    for (size_t i = 0; (o = words_option_at(i)) != NULL; i++)
        if (o->help != NULL)
            print_option(o, out);
    print_words("Values of --use", setting_strategies(SETTING_USE), out);
    print_words("Values of --usev4", setting_strategies(SETTING_USE4), out);
    print_words("Values of --usev6", setting_strategies(SETTING_USE6), out);
    fputs("\nand with --fw or --fwv4, for --use and --usev4, a router's model (--list-devices)\n",
          out);
    print_words("Values of --protocol", setting_protocols(), out);
    fputs("\nThe configuration: name=value settings, separated by commas, and hostnames after "
          "them. A line\nwithout a hostname sets values for all that follow; a line with one for "
          "that host. A \"\\\" at the\nend continues a line, \"#\" begins a comment. \"homing "
          "check FILE\" tells what is wrong with one.\n",
          out);
}

static void print_version(const struct words *w, FILE *out)
{
    const char *dash = strchr(cache_default_stamp, '-');

    if (text_equal(words_get(w, "version"), "short")) {
        fprintf(out, "%s\n", dash + 1);
        return;
    }
    fprintf(out, "ddclient version %s\n", dash + 1);
    fputs("  as spoken by homing " HOMING_VERSION ", which is not ddclient and answers to its "
          "name\n",
          out);
}

static void print_services(FILE *out)
{
    for (size_t i = 0; i < web_service_count; i++)
        if (web_services[i].instead == NULL)
            fprintf(out, "%s %s\n", web_services[i].name, web_services[i].url);
}

static void print_devices(FILE *out)
{
    for (size_t i = 0; i < device_count; i++)
        fprintf(out, "%s %s\n", devices[i].name, devices[i].description);
}

void lists_print(const struct words *w, const char *program, FILE *out)
{
    const char *what = w->at_once->name;

    if (text_equal(what, "help")) {
        lists_help(program, out);
        fputc('\n', out);
        print_version(w, out);
    } else if (text_equal(what, "version")) {
        print_version(w, out);
    } else if (text_equal(what, "list-web-services")) {
        print_services(out);
    } else if (text_equal(what, "list-devices")) {
        print_devices(out);
    } else {
        for (const char *const *word = setting_protocols(); *word != NULL; word++)
            fprintf(out, "%s\n", *word);
    }
}
