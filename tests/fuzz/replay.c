/* Runs a fuzz target over the files of its corpus: what `make check` does
 * without a fuzzer.
 *
 *     fuzz_value FOLDER... */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

_Noreturn static void give_up(const char *path)
{
    perror(path);
    exit(EXIT_FAILURE);
}

static void run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0)
        give_up(path);
    long size = ftell(file);
    if (size < 0)
        give_up(path);
    rewind(file);
    /* As large as the input, so that a sanitizer sees reads behind it. */
    uint8_t *data = malloc(size > 0 ? (size_t)size : 1);
    if (data == NULL || fread(data, 1, (size_t)size, file) != (size_t)size)
        give_up(path);
    fclose(file);
    LLVMFuzzerTestOneInput(data, (size_t)size);
    free(data);
}

/* Returns how many files there were. */
static size_t run_folder(const char *folder_path)
{
    DIR *folder = opendir(folder_path);
    size_t count = 0;
    if (folder == NULL)
        give_up(folder_path);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[4096];
        if (entry->d_name[0] == '.')
            continue;
        int length =
            snprintf(path, sizeof path, "%s/%s", folder_path, entry->d_name);
        if (length < 0 || (size_t)length >= sizeof path)
            give_up(folder_path);
        /* The last line names the input when one ends the program. */
        printf("%s\n", path);
        fflush(stdout);
        run_file(path);
        count++;
    }
    closedir(folder);
    return count;
}

int main(int argc, char **argv)
{
    size_t count = 0;
    for (int i = 1; i < argc; i++)
        count += run_folder(argv[i]);
    printf("%zu inputs\n", count);
    return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
