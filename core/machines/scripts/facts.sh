# Says what this machine is like; touches nothing. Standard input holds requests, one a line: KIND VALUE.
#   path P · tree P (all files under P) · shown SHA256 P (its content too, where it differs and is small) ·
#   unit U · package N · sysctl KEY/AS/PATH · module N · host
# Answers are lines of fields between tabs, except the checksums ("SHA256 ?PATH") and, at the end, systemd's own words.
LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL PATH
set -f
shown='' trees='' units='' packages=''

digests() {
    find "$@" -type f ! -size +1024k -exec sha256sum -- {} +
    if command -v openssl >/dev/null 2>&1; then
        # Programs of a hundred megabytes: openssl uses the processor's own SHA instructions.
        find "$@" -type f -size +1024k -exec openssl dgst -sha256 -r {} +
    else
        find "$@" -type f -size +1024k -exec sha256sum -- {} +
    fi
}

look() {
    find "$@" -printf 'path\t%y\t%m\t%u\t%g\t%s\t%C@\t%p\n' 2>/dev/null
    digests "$@" 2>/dev/null
}

differing() {
    printf '%s' "$shown" | sha256sum -c --quiet 2>/dev/null | sed -n 's/: FAILED$//p' | while IFS= read -r path; do
        find "$path" -maxdepth 0 -type f -size -129b -printf 'content\t%p\t' -exec base64 -w0 {} \; -printf '\n'
    done
}

sysctl_value() {
    file=/proc/sys/$1
    if [ -r "$file" ]; then
        if [ -w "$file" ]; then writable=yes; else writable=no; fi
        # Not by the shell's own read: it asks byte by byte, and the kernel answers the first time only.
        printf 'sysctl\t%s\t%s\t%s\n' "$1" "$writable" "$(tr '\t' ' ' <"$file")"
    fi
}

module() {
    if [ -d "/sys/module/$1" ] || sed 's/-/_/g' "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null | grep -q "/$1\.ko"
    then
        printf 'module\t%s\n' "$1"
    fi
}

host() {
    printf 'host\tkernel\t%s\n' "$(uname -r)"
    printf 'host\thostname\t%s\n' "$(uname -n)"
    sed -n 's/^\([A-Z_]*\)="\{0,1\}\([^"]*\)"\{0,1\}$/host\tos.\1\t\2/p' /etc/os-release
    printf 'host\tmachine-id\t%s\n' "$(cat /etc/machine-id 2>/dev/null)"
    printf 'host\tboot-id\t%s\n' "$(cat /proc/sys/kernel/random/boot_id)"
    printf 'host\tuptime\t%s\n' "$(cut -d' ' -f1 /proc/uptime)"
    printf 'host\tprocessors\t%s\n' "$(getconf _NPROCESSORS_ONLN)"
    sed -n 's/^MemTotal: *\([0-9]*\) kB$/host\tmemory\t\1/p' /proc/meminfo
    printf 'host\tfree./\t%s\n' "$(df -Pk / | sed -n '2s/  */ /gp' | cut -d' ' -f4)"
    printf 'host\tfree./var/lib\t%s\n' "$(df -Pk /var/lib | sed -n '2s/  */ /gp' | cut -d' ' -f4)"
    printf 'host\tcgroup\t%s\n' "$(stat -f -c %T /sys/fs/cgroup)"
    resolv=/etc/resolv.conf
    # The stub listens on the machine's own loopback, which pods do not share.
    if grep -q '^nameserver 127\.0\.0\.53' "$resolv" && [ -r /run/systemd/resolve/resolv.conf ]; then
        resolv=/run/systemd/resolve/resolv.conf
    fi 2>/dev/null
    sed -n 's/^nameserver  *\([^ ]*\).*/host\tnameserver\t\1/p' "$resolv" 2>/dev/null
    if [ -r /etc/gondolier/machine.json ]; then
        printf 'host\tmachine\t%s\n' "$(base64 -w0 /etc/gondolier/machine.json)"
    fi
}

printf 'clock\t%s\n' "$(date +%s.%N)"
printf 'arch\t%s\n' "$(uname -m)"
while read -r kind value; do
    case $kind in
        path) set -- "$@" "$value" ;;
        tree) trees="$trees$value
" ;;
        shown) shown="$shown${value%% *}  ${value#* }
" ;;
        unit) units="$units $value" ;;
        package) packages="$packages $value" ;;
        sysctl) sysctl_value "$value" ;;
        module) module "$value" ;;
        host) host ;;
    esac
done
if [ $# -gt 0 ]; then look "$@" -maxdepth 0; fi
printf '%s' "$trees" | while IFS= read -r tree; do look "$tree"; done
if [ -n "$shown" ]; then differing; fi
if [ -n "$packages" ]; then
    dpkg-query -W -f 'package\t${Package}\t${db:Status-Abbrev}\t${Version}\n' $packages 2>/dev/null
fi
sed -n 's/^\([^#=]*[^#= ]\) *= *\(.*\)$/kept-sysctl\t\1\t\2/p' /etc/sysctl.d/90-gondolier.conf 2>/dev/null
sed -n 's/^\([A-Za-z0-9_-][A-Za-z0-9_-]*\)$/kept-module\t\1/p' /etc/modules-load.d/90-gondolier.conf 2>/dev/null
if [ -n "$units" ]; then
    echo units
    systemctl show --timestamp=us+utc -p Id,LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload \
        -p ExecMainStartTimestamp,ActiveEnterTimestamp,StateChangeTimestamp $units || exit 3
fi
exit 0
