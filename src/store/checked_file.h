/* A database file that notices what happens to it behind our back: each of its
 * pages carries a checksum (XXH3-64 of the page and its number), set when it is
 * written and looked at when it is read. SQLite itself looks only at the shape
 * of a page, so that a bit which falls over in a value would be served as if it
 * had always been so. What is in the write-ahead log has SQLite's own
 * checksums.
 *
 * Source: https://sqlite.org/vfs.html; room at the end of pages:
 * https://sqlite.org/fileformat2.html#resbyte */
#ifndef STORE_CHECKED_FILE_H
#define STORE_CHECKED_FILE_H

enum {
    CHECKED_FILE_PAGE_BYTES = 4096,
    CHECKED_FILE_SUM_BYTES = 8, /* to be kept free at the end of each page */
};

/* The name of the kind of file for sqlite3_open_v2(); NULL when SQLite cannot
 * be set up. A page that is not as it was written is read as
 * SQLITE_IOERR_DATA. */
const char *checked_file_kind(void);

#endif
