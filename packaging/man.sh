#!/bin/sh
# A manual page out of a document of docs/, for go-md2man to set:
#
#   packaging/man.sh NAME SECTION VERSION "WHAT IT IS" DOCUMENT | go-md2man
#
# The document's title becomes a section, what is for tests only is left out,
# links keep their words, and tables, which a terminal is too narrow for, become
# lists: the first column is what the others explain.
set -eu
name=$1 section=$2 version=$3 about=$4 document=$5

printf '%% "%s" "%s" "" "xdpgate %s" ""\n\n# NAME\n\n%s - %s\n\n' \
  "$(echo "$name" | tr '[:lower:]' '[:upper:]')" "$section" "$version" \
  "$name" "$about"
sed -e '/^<!--.*-->$/d' \
  -e 's/\[\([^]]*\)\]([^)]*)/\1/g' \
  -e 's/^# .*/# DESCRIPTION/' -e 's/^### /#### /' \
  "$document" |
  awk '
    /^```/ { code = !code }
    code || !/^\|/ { rows = 0; print; next }
    ++rows <= 2 { next } # the heading and the line below it
    {
      sub(/^\| */, ""); sub(/ *\|$/, "")
      cells = split($0, cell, / *\| */)
      if (cell[1] != "") print "\n" cell[1]
      text = cell[2]
      for (i = 3; i <= cells; i++) if (cell[i] != "") text = text "; " cell[i]
      print ": " text
    }'
pages="xdpgate(1) xdpgate-policy(5) xdpgate-operations(7)"
printf '\n# SEE ALSO\n'
for page in $pages; do
  [ "$page" = "$name($section)" ] || printf '\n**%s**(%s)\n' \
    "${page%(*}" "$(echo "$page" | tr -dc '0-9')"
done
