#!/usr/bin/env bash
# Make targets one after another, up to the first that fails, and how long each took.
#
# An argument is a target, with its variables: ci/parts.sh test "fuzz FUZZ_SECONDS=5". MAKE is the
# make to use.
set -euo pipefail
cd "$(dirname "$0")/.."

times=()
for part in "$@"; do
	start=$SECONDS
	echo "== make $part"
	# shellcheck disable=SC2086  # words of make
	${MAKE:-make} --no-print-directory $part || { echo "== make $part failed after $((SECONDS - start)) s"; exit 1; }
	times+=("$(printf '%5d s  make %s' $((SECONDS - start)) "$part")")
	echo "==${times[-1]}"
done
printf '%s\n' "== all of it:" "${times[@]}"
