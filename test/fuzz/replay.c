/*
 * SPDX-License-Identifier: ISC
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Gives every file of a folder to the target: what a fuzzer once found stays found. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of targets that promise that the corpus reaches a list of things: prints it, returns how many
 * were missed. */
__attribute__((weak)) int replay_missing(void);

static int replay(const char *folder, const char *name)
{
    char path[4096];
    static uint8_t bytes[1 << 20];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return 1;
    }
    size_t n = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    /* An own copy of just this length, so that reading past its end is noticed. */
    uint8_t *copy = malloc(n > 0 ? n : 1);
    for (size_t i = 0; i < n; i++)
        copy[i] = bytes[i];
    LLVMFuzzerTestOneInput(copy, n);
    free(copy);
    return 0;
}

int main(int argc, char **argv)
{
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    const struct dirent *entry;
    int failed = 0, count = 0;

    if (folder == NULL) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] != '.') {
            failed += replay(argv[1], entry->d_name);
            count++;
        }
    }
    closedir(folder);
    printf("%d inputs\n", count);
    if (replay_missing != NULL) {
        int missing = replay_missing();
        printf("%d missing\n", missing);
        failed += missing;
    }
    return failed > 0 || count == 0;
}
