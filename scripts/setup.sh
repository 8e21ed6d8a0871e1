# Shared by ./run and ./test: installs the Debian packages that are missing, and builds. Sourced, from the repository's root.
# A line of packages.txt is a package; "package command=NAME" is also satisfied by a NAME on the PATH.

# packages SECTION...: the lines of those sections of packages.txt.
packages() {
    awk -v wanted=" $* " '/^\[/ { on = index(wanted, " " substr($0, 2, length($0) - 2) " "); next } on && NF && !/^#/' packages.txt
}

# installed: the names of the packages given on standard input, one a line, that are missing.
missing_packages() {
    local have package alternative
    have=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' 2>/dev/null | sed -n 's/^ii  *//p')
    while read -r package alternative; do
        grep -qxF "$package" <<<"$have" && continue
        [ -n "$alternative" ] && command -v "${alternative#command=}" >/dev/null && continue
        echo "$package"
    done
}

# install SECTION...: installs what is missing, as root or through sudo; without either says what to type and exits 1.
install() {
    local missing elevate=()
    if ! command -v apt-get >/dev/null; then
        echo "This is not a Debian system: install what packages.txt lists by other means, then build with cmake --preset release." >&2
        return 0
    fi
    missing=$(packages "$@" | missing_packages | tr '\n' ' ')
    missing=${missing% }
    [ -z "$missing" ] && return 0
    if [ "$(id -u)" != 0 ]; then
        if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
            elevate=(sudo)
        else
            echo "Some Debian packages are missing, and installing them needs root. Ask for:" >&2
            echo "apt-get install --no-install-recommends $missing" >&2
            exit 1
        fi
    fi
    echo "Installing the Debian packages that are missing: $missing"
    "${elevate[@]}" apt-get update -qq
    # shellcheck disable=SC2086  # a list of package names
    "${elevate[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# build PRESET [TARGET...]: configures where needed and builds.
build() {
    local preset=$1 dir log
    shift
    dir=build
    [ "$preset" = release ] || dir=build-$preset
    log=$dir/build.log
    mkdir -p "$dir"
    if [ ! -f "$dir/build.ninja" ]; then
        echo "Configuring into $dir/ ..."
        cmake --preset "$preset" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
    fi
    echo "Bringing ${*:-everything} in $dir/ up to date (a first build takes a few minutes) ..."
    if [ -t 1 ]; then
        ninja -C "$dir" "$@"
    else
        ninja -C "$dir" "$@" >"$log" 2>&1 || { tail -n 60 "$log" >&2; exit 1; }
    fi
}
