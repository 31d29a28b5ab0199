# SPDX-License-Identifier: Apache-2.0
# Holds every #include "room/…" of src/ against docs/rooms.txt:
#	awk -f tools/rooms.awk docs/rooms.txt $(find src -name '*.[ch]')
# Headers ending in _in.h are walls: only their own room may include them.
FNR == 1 { file = FILENAME }
FILENAME ~ /rooms\.txt$/ {
	if ($0 ~ /^#/ || NF == 0)
		next
	room = $1
	sub(/:$/, "", room)
	known[room] = 1
	may[room, room] = 1
	for (i = 2; i <= NF; i++) {
		if (!($i in known)) {
			print FILENAME ":" FNR ": " room " names " $i ", which does not stand above it"
			bad = 1
		}
		may[room, $i] = 1
	}
	next
}
/^[ \t]*#[ \t]*include[ \t]*"[^"\/]+\// {
	split(file, parts, "src/")
	split(parts[length(parts)], where, "/")
	split($0, quoted, "\"")
	split(quoted[2], target, "/")
	if (target[1] == "gifthorse")
		next
	if (!((where[1], target[1]) in may)) {
		print file ":" FNR ": " where[1] " may not use " target[1]
		bad = 1
	} else if (quoted[2] ~ /_in\.h$/ && where[1] != target[1]) {
		print file ":" FNR ": " quoted[2] " belongs to " target[1] " alone"
		bad = 1
	}
}
END { exit bad }
