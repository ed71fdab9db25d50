#!/bin/sh
# Writes the commit of a folder as a Swift file, for the plugin RecordCommit.
#
#   Scripts/record_commit.sh PACKAGE FOLDER
#
# FOLDER/RecordedCommit.swift gets twelve digits of the commit, with "-dirty" where tracked files
# differ from it; nil where PACKAGE is no repository of its own or there is no git. A file that says
# so already stays, so that nothing is compiled anew.
set -eu
file=$2/RecordedCommit.swift

# Not the repository of a folder that a copy of the package lies in; and no lock, which would be in
# the way of a git command of the user's.
GIT_CEILING_DIRECTORIES=$(dirname "$1")
GIT_OPTIONAL_LOCKS=0
export GIT_CEILING_DIRECTORIES GIT_OPTIONAL_LOCKS
commit=$(git -C "$1" describe --always --dirty --abbrev=12 --exclude '*' 2> /dev/null) || commit=
if [ -n "$commit" ]; then value="\"$commit\""; else value=nil; fi

text="/// The commit that was built.
let recordedCommit: String? = $value"
if [ ! -f "$file" ] || [ "$(cat "$file")" != "$text" ]; then printf '%s\n' "$text" > "$file"; fi
