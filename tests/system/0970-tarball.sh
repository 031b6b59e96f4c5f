#!/bin/sh
# The tarball holds every file of the project, but those for the repository.
. "$srcdir/tests/system/lib.sh"
[ -e "$srcdir/.git" ] || skip 'this is no checkout'
git -C "$srcdir" ls-files >/dev/null 2>&1 || skip 'git cannot list the files'

MAKEFLAGS='' make -s -C "$top_builddir" distdir distdir="$work/dist" \
    >made 2>&1 || fail "make distdir: $(tail -5 made)"
git -C "$srcdir" ls-files | grep -v -E '^\.(ci/|git)' >files
[ "$(wc -l <files)" -ge 100 ] || fail "git knows of few files only"
while read -r file; do
    [ -e "dist/$file" ] || fail "Makefile.am does not list $file"
done <files
