#include "store/place.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdint.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/descriptor.h"

void place_host(char *out, size_t size)
{
    if (gethostname(out, size) < 0)
        out[0] = '\0';
    out[size - 1] = '\0';
}

void place_boot(char *out, size_t size)
{
    int file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : read(file, out, size - 1);
    descriptor_close(&file);
    out[length < 0 ? 0 : length] = '\0';
    out[strcspn(out, "\n")] = '\0';
}

/* Source: statfs(2), <linux/magic.h>; those that are not there by number. */
static const struct {
    uint32_t magic;
    const char *name;
} networks[] = {
    { NFS_SUPER_MAGIC, "NFS" },     { SMB_SUPER_MAGIC, "SMB" },
    { CIFS_SUPER_MAGIC, "CIFS" },   { SMB2_SUPER_MAGIC, "SMB2" },
    { V9FS_MAGIC, "9P" },           { AFS_SUPER_MAGIC, "AFS" },
    { CODA_SUPER_MAGIC, "Coda" },   { CEPH_SUPER_MAGIC, "Ceph" },
    { OCFS2_SUPER_MAGIC, "OCFS2" }, { 0x0bd00bd0, "Lustre" },
    { 0x01161970, "GFS2" },         { 0x47504653, "GPFS" },
    { 0x19830326, "BeeGFS" },
};

const char *place_network(const char *folder)
{
    struct statfs there;
    if (statfs(folder, &there) < 0)
        return NULL;
    for (size_t i = 0; i < sizeof networks / sizeof networks[0]; i++)
        if ((uint32_t)there.f_type == networks[i].magic)
            return networks[i].name;
    return NULL;
}
