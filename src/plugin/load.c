/* [keeper] */
#include "plugin/load.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Its functions are compiled in: one library less to map into every worker. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "plugin/declaration.h"
#include "plugin/trust.h"
#include "process/status.h"

static void to_hex(const unsigned char *bytes, size_t size, char *out)
{
    for (size_t i = 0; i < size; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

/* Look for the GNU build id among the notes at NOTES. */
static bool find_build_id(const char *notes, size_t size, char *out)
{
    while (size >= sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) note;
        memcpy(&note, notes, sizeof note);
        size_t name_size = (note.n_namesz + 3u) & ~(size_t)3;
        size_t data_size = (note.n_descsz + 3u) & ~(size_t)3;
        if (size - sizeof note < name_size ||
            size - sizeof note - name_size < data_size)
            return false;
        const char *name = notes + sizeof note;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
            memcmp(name, "GNU", 4) == 0 &&
            note.n_descsz <= PLUGIN_BUILD_ID_BYTES) {
            to_hex((const unsigned char *)name + name_size, note.n_descsz, out);
            return true;
        }
        notes = name + name_size + data_size;
        size -= sizeof note + name_size + data_size;
    }
    return false;
}

struct build_id_search {
    ElfW(Addr) base;
    char *out;
};

static int look_at_object(struct dl_phdr_info *object, size_t size,
                          void *context)
{
    (void)size;
    const struct build_id_search *search = context;
    if (object->dlpi_addr != search->base)
        return 0;
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        const char *notes =
            (const char *)(object->dlpi_addr + segment->p_vaddr);
        if (segment->p_type == PT_NOTE &&
            find_build_id(notes, segment->p_memsz, search->out))
            return 1;
    }
    return 0;
}

/* For plugins that were linked without a build id. */
static int hash_file(const char *path, char *out, struct drover_error *err)
{
    int status = 0, file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (file < 0 || fstat(file, &info) < 0) {
        status =
            error_set(err, errno, "cannot read %s: %s", path, strerror(errno));
        descriptor_close(&file);
        return status;
    }
    void *bytes =
        mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (bytes == MAP_FAILED) {
        status =
            error_set(err, errno, "cannot read %s: %s", path, strerror(errno));
    } else {
        XXH128_canonical_t hash;
        XXH128_canonicalFromHash(&hash,
                                 XXH3_128bits(bytes, (size_t)info.st_size));
        to_hex(hash.digest, sizeof hash.digest, out);
        munmap(bytes, (size_t)info.st_size);
    }
    descriptor_close(&file);
    return status;
}

static int find_identity(void *handle, const char *path, char *out,
                         struct drover_error *err)
{
    struct link_map *map;
    if (dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0) {
        struct build_id_search search = { map->l_addr, out };
        if (dl_iterate_phdr(look_at_object, &search) == 1)
            return 0;
    }
    return hash_file(path, out, err);
}

/* The frozen prefix is judged before anything behind it is looked at. */
static int check_abi(const struct drover_plugin *plugin,
                     struct drover_error *err)
{
    if (plugin->magic != DROVER_PLUGIN_MAGIC)
        return error_set(err, EINVAL,
                         "is no drover plugin: its symbol drover_plugin is "
                         "something else");
    if (plugin->abi_major != DROVER_ABI_MAJOR ||
        plugin->abi_minor > DROVER_ABI_MINOR)
        return error_set(err, EINVAL,
                         "was built for plugin ABI %d.%d, this drover has "
                         "%d.%d; build it anew against the installed headers",
                         plugin->abi_major, plugin->abi_minor, DROVER_ABI_MAJOR,
                         DROVER_ABI_MINOR);
    if (plugin->size < offsetof(struct drover_plugin, worker_start))
        return error_set(err, EINVAL, "has a description of only %u bytes",
                         (unsigned)plugin->size);
    return 0;
}

static int check_file(const char *path, struct drover_error *err)
{
    struct stat file;
    if (stat(path, &file) < 0)
        return error_set(err, errno, "cannot open %s: %s", path,
                         strerror(errno));
    if (!S_ISREG(file.st_mode))
        return error_set(err, EINVAL, "%s is no file", path);
    return trust_check_file(path, err);
}

int plugin_load(const char *path, struct plugin *out, struct drover_error *err)
{
    int status = check_file(path, err);
    if (status < 0)
        return status;
    /* RTLD_NOW: a missing symbol is said here, not in the middle of a call. */
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL)
        return error_set(err, EINVAL, "cannot be loaded: %s", dlerror());
    const struct drover_plugin *exported = dlsym(handle, "drover_plugin");
    if (exported == NULL)
        return error_set(err, EINVAL,
                         "is no drover plugin: it exports no drover_plugin");
    status = check_abi(exported, err);
    if (status == 0)
        status = declaration_check_plugin(exported, err);
    if (status == 0)
        status = find_identity(handle, path, out->build_id, err);
    if (status < 0)
        return status;
    unsigned threads = status_thread_count();
    if (threads > 1)
        return error_set(err, EINVAL,
                         "left %u threads running when it was loaded, so no "
                         "worker can be forked; start threads in worker_start",
                         threads - 1);
    out->exported = exported;
    return 0;
}

bool plugin_has_hooks(const struct drover_plugin *plugin)
{
    return plugin->size >= offsetof(struct drover_plugin, worker_stop) +
                               sizeof plugin->worker_stop;
}

const struct drover_task *plugin_task(const struct drover_plugin *plugin,
                                      size_t i)
{
    if (i >= plugin->task_count)
        return NULL;
    const void *task = (const char *)plugin->tasks + i * plugin->task_stride;
    return task;
}
