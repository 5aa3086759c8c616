#!/bin/sh
# Has the documentation changed? Then push a branch with the new pages and all that came of them.
#
#     ci/drift.sh [OFFER]
#
# Run it on a schedule in a clone whose remote `origin` takes branches. It prints the name of the
# branch, or nothing where nothing has changed or the branch is there already. The branch is named
# after its content, so that the same change is offered once. Renewed snapshots are a commit of
# their own. What the change asks of callers, what `make generate` said and how `make test` ended
# stand in the commit, and in the file OFFER. MAKE is the make to use.
set -eu
cd "$(dirname "$0")/.."

test -z "$(git status --porcelain)" || { echo "the checkout has changes of its own" >&2; exit 1; }
start=$(git rev-parse HEAD)
notes=$(mktemp -d)
clean_up() { # the checkout had no changes of its own: all that is here came of this run
	rm -rf "$notes"
	git reset --quiet --hard
	git clean --quiet --force -d
	test "$(git rev-parse HEAD)" = "$start" || git switch --quiet --detach "$start"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

${MAKE:-make} fetch >&2
${MAKE:-make} generate > "$notes/generate" 2>&1 || { cat "$notes/generate" >&2; exit 1; }
cat "$notes/generate" >&2
test -n "$(git status --porcelain)" || { echo "no drift" >&2; exit 0; }

git add --all
branch="documentation-$(git write-tree | cut -c 1-12)"
if git ls-remote --exit-code --heads origin "$branch" > /dev/null; then
	echo "$branch is waiting for a review already" >&2
	exit 0
fi
git show "$start:spec/openapi.yaml" > "$notes/before.yaml"
.venv/bin/python -m scripts diff "$notes/before.yaml" spec/openapi.yaml > "$notes/rating"
${MAKE:-make} snapshots > "$notes/snapshots" 2>&1 || cat "$notes/snapshots" >&2
outcome=passes
${MAKE:-make} test > "$notes/test" 2>&1 || outcome=FAILS
git reset --quiet # what the tests may have staged or left is not offered
git checkout --quiet -- . ':!spec' ':!generated' ':!tests/snapshots'

{
	echo "The change asks of callers: $(head -n 1 "$notes/rating")"
	echo
	sed -n '2,21s/^  /- /p' "$notes/rating"
	test "$(wc -l < "$notes/rating")" -le 21 || echo "- and more: python -m scripts diff"
	printf '\n%s\n\n' "make generate said:"
	sed 's/^/    /' "$notes/generate"
	printf '\n%s\n\n' "make test $outcome:"
	tail -n 12 "$notes/test" | sed 's/^/    /'
	printf '\n%s\n' "Read spec/REPORT.md and the difference of spec/openapi.yaml first."
} > "$notes/offer"
cat "$notes/offer" >&2
test -z "${1-}" || cp "$notes/offer" "$1"

git switch --quiet --create "$branch"
git add --all spec generated
{ printf '%s\n\n' "The documentation has changed"; cat "$notes/offer"; } |
	git commit --quiet --cleanup=verbatim --file -
git add --all tests/snapshots
git diff --cached --quiet || git commit --quiet --message "Snapshots of what came of it"
git push --quiet origin "$branch" >&2
echo "$branch"
