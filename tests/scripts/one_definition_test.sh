#!/bin/sh
# No two files of ctl/ may define a class of the same name in one namespace:
# the linker would take either's inline functions for both, silently.
# usage: one_definition_test.sh SOURCE_DIR
cd "$1" || exit 2
twice=$(for file in $(find ctl -name '*.h' -o -name '*.cpp'); do
	awk -v file="$file" '
		/^namespace \{/ { hidden = 1 }
		/^\} *\/\/ namespace$/ { hidden = 0 }
		!hidden && /^(class|struct|union|enum class|enum) [A-Za-z_0-9]+.*\{/ {
			name = $1 == "enum" && $2 == "class" ? $3 : $2
			print name, file
		}' "$file"
done | sort | awk '
	$1 == name { print name ": " where " and " $2 }
	{ name = $1; where = $2 }')
test -z "$twice" && exit 0
echo "defined twice:"
echo "$twice"
exit 1
