# Installs the packages named on standard input. $1: seconds to wait for others that hold apt's locks.
# What apt says goes to a file: a lost connection must not end apt half way.
set -f
LC_ALL=C DEBIAN_FRONTEND=noninteractive APT_LISTCHANGES_FRONTEND=none NEEDRESTART_MODE=l
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL DEBIAN_FRONTEND APT_LISTCHANGES_FRONTEND NEEDRESTART_MODE PATH
packages=$(cat)
patience=$1
log=$(mktemp)
trap 'rm -f "$log"' EXIT

apt() {
    apt-get -q -o "DPkg::Lock::Timeout=$patience" -o Dpkg::Options::=--force-confdef \
        -o Dpkg::Options::=--force-confold "$@" >"$log" 2>&1 </dev/null
}

install_all() {
    apt install -y --no-install-recommends $packages
}

# The lists have a lock of their own, for which apt does not wait.
update() {
    waited=0
    until apt update; do
        if grep -q 'Could not get lock\|Unable to lock' "$log" && [ "$waited" -lt "$patience" ]; then
            sleep 1
            waited=$((waited + 1))
        elif [ -n "$again" ]; then
            return 1
        else
            again=yes
        fi
    done
}

if command -v cloud-init >/dev/null 2>&1; then timeout "$patience" cloud-init status --wait >/dev/null 2>&1; fi
# An interrupted dpkg refuses everything until this is done; otherwise it does nothing.
dpkg --configure -a >"$log" 2>&1 </dev/null
install_all || { again='' && update && install_all; } || {
    grep -v '^[[:space:]]*$' "$log" | tail -n 12 >&2
    exit 1
}
