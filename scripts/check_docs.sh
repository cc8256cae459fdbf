#!/usr/bin/env bash
# Documents agree with the program and with each other: generated pages, links, scripts and commands
# that are named, the version, and every configuration that a reader may copy.
set -u
cd "$(dirname "$0")/.." || exit 2
ecomon=${ECOMON:-build/dev/ecomon}
[ -x "$ecomon" ] || { echo "check_docs: no program at $ecomon; build first (scripts/build dev)"; exit 2; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
bad=0
say() { echo "$*"; bad=1; }
mapfile -t pages < <(find . -name '*.md' -not -path './build/*' -not -path './.git/*' | sed 's|^\./||' | sort)

# What a heading is called in a link, as GitHub does it.
anchors() {
    sed -nE 's/^#+ +//p' "$1" | tr '[:upper:]' '[:lower:]' | sed -E 's/[^[:alnum:] _-]//g; s/ /-/g'
}

check_links() { # page
    local target file anchor folder=.
    case $1 in */*) folder=${1%/*} ;; esac
    while IFS= read -r target; do
        case $target in http://* | https://* | mailto:* | '') continue ;; esac
        file=${target%%#*}
        [ -z "$file" ] || [ -e "$folder/$file" ] || { say "$1: link to $target, which does not exist"; continue; }
        case $target in *'#'*) ;; *) continue ;; esac
        anchor=${target#*#}
        file=${file:+$folder/$file}
        anchors "${file:-$1}" | grep -qxF -- "$anchor" || say "$1: link to $target, where no heading is called so"
    done < <(sed '/^```/,/^```/d' "$1" | grep -oE '\]\([^) ]+\)' | sed -E 's/^\]\((.*)\)$/\1/')
}

check_scripts() { # page
    local name
    while IFS= read -r name; do
        [ -e "$name" ] || say "$1: names $name, which does not exist"
    done < <(grep -oE '(^|[^[:alnum:]_./-])(scripts|configs)/[[:alnum:]_][[:alnum:]_.-]*[[:alnum:]]' "$1" |
        sed -E 's/^[^[:alnum:]]//' | sort -u)
}

# A config may name data that is not here; its form must hold. Exit code 2 says that it does not.
check_config() { # name file
    "$ecomon" check "$2" >"$scratch/out" 2>&1
    [ $? -ne 2 ] || { say "$1: not a configuration that the program takes:"; sed 's/^/  /' "$scratch/out"; }
}

check_samples() { # page: every yaml block that is a whole config
    local n=0 sample
    awk -v out="$scratch/sample" '/^```yaml/ { n++; on = 1; next } /^```/ { on = 0 } on { print > (out n ".yaml") }' "$1"
    for sample in "$scratch"/sample*.yaml; do
        [ -e "$sample" ] || continue
        n=$((n + 1))
        if grep -q '^region:' "$sample"; then check_config "$1, sample $n" "$sample"; fi
        rm -f "$sample"
    done
}

scripts/update_docs --check || bad=1
for page in "${pages[@]}"; do
    check_links "$page"
    check_scripts "$page"
    check_samples "$page"
done
for file in configs/*.yaml configs/*/*.yaml; do
    [ ! -e "$file" ] || check_config "$file" "$file"
done

version=$(sed -nE 's/^project\(ecomon VERSION ([0-9.]+).*/\1/p' CMakeLists.txt)
grep -qE "^## $version( |\$)" CHANGELOG.md || say "CHANGELOG.md: has no heading for version $version of CMakeLists.txt"
[ "$("$ecomon" --version 2>/dev/null | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -1)" = "$version" ] ||
    say "ecomon --version does not say $version"

# Every command that the program has is explained to its users.
while IFS= read -r command; do
    grep -qE "ecomon $command([^[:alnum:]]|\$)" README.md jobs/README.md 2>/dev/null ||
        say "README.md and jobs/README.md do not mention: ecomon $command"
done < <("$ecomon" help | sed -nE '/^commands:/,/^$/s/^  ([a-z]+).*/\1/p')

[ $bad = 0 ] && echo "docs: ${#pages[@]} pages agree with the program"
exit $bad
