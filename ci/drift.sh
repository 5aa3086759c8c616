#!/bin/sh
# Has the documentation changed? Then push a branch with the new pages and all that came of them.
#
# Run it on a schedule in a clone whose remote `origin` takes branches. It prints the name of the
# branch, or nothing where nothing has changed or the branch is there already. The branch is named
# after its content, so that the same change is offered once. MAKE is the make to use.
set -eu
cd "$(dirname "$0")/.."

test -z "$(git status --porcelain)" || { echo "the checkout has changes of its own" >&2; exit 1; }
${MAKE:-make} fetch >&2
${MAKE:-make} generate >&2
test -n "$(git status --porcelain)" || { echo "no drift" >&2; exit 0; }

git add --all
branch="documentation-$(git write-tree | cut -c 1-12)"
if git ls-remote --exit-code --heads origin "$branch" > /dev/null; then
	echo "$branch is waiting for a review already" >&2
	git reset --quiet --hard
	exit 0
fi
start=$(git rev-parse HEAD)
git switch --quiet --create "$branch"
git commit --quiet --message "The documentation has changed" \
	--message "Read spec/REPORT.md and the difference of spec/openapi.yaml first." \
	--message "$(git diff --cached --stat)"
git push --quiet origin "$branch" >&2
git switch --quiet --detach "$start"
echo "$branch"
