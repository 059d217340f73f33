# Puts directories and files in place, each one whole or not at all. Standard input holds one operation after another:
#   directory - - MODE OWNER PATH
#   absent - - - - PATH
#   file SHA256 SIZE MODE OWNER PATH    followed by SIZE bytes
#   copy SHA256 - MODE OWNER PATH       followed by a line with the source; answers "missing<TAB>PATH" where the source
#                                       is not there or is another file
umask 077
LC_ALL=C
export LC_ALL

failed() {
    rm -f -- "$temporary" 2>/dev/null
    printf 'failed\t%s\n' "$path" >&2
    df -Ph -- "$folder" 2>/dev/null | sed -n '2s/^/usage\t/p' >&2
    exit 1
}

# openssl uses the processor's own SHA instructions.
digest() {
    if command -v openssl >/dev/null 2>&1; then openssl dgst -sha256 -r "$1"; else sha256sum "$1"; fi | cut -c1-64
}

parents() {
    [ -d "$folder" ] || (umask 022 && mkdir -p -- "$folder")
}

prepare() {
    parents && rm -f -- "$folder/.${path##*/}.gondolier."*
}

finish() {
    chown -- "$owner" "$temporary" && chmod -- "$mode" "$temporary" && sync "$temporary" &&
        mv -fT -- "$temporary" "$path" && sync "$folder"
}

matching() {
    [ "$(digest "$temporary")" = "$sum" ] || { echo "checksum differs from what was sent" >&2; return 1; }
}

directory() {
    (umask 022 && mkdir -p -- "$path") && chown -- "$owner" "$path" && chmod -- "$mode" "$path" && sync "$path"
}

absent() {
    rm -rf -- "$path" && { [ ! -d "$folder" ] || sync "$folder"; }
}

file() {
    prepare && head -c "$size" >"$temporary" && matching && finish
}

copy() {
    IFS= read -r source
    if [ ! -r "$source" ]; then
        printf 'missing\t%s\n' "$path"
    elif prepare && cp -- "$source" "$temporary"; then
        if [ "$(digest "$temporary")" = "$sum" ]; then finish; else rm -f -- "$temporary"; printf 'missing\t%s\n' "$path"; fi
    else
        return 1
    fi
}

while read -r operation sum size mode owner path; do
    folder=${path%/*}
    folder=${folder:-/}
    temporary="$folder/.${path##*/}.gondolier.$$"
    case $operation in
        directory | absent | file | copy) "$operation" || failed ;;
        *) echo "unknown operation $operation" >&2; exit 2 ;;
    esac
done
