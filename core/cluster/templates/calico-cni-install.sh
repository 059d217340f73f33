#!/bin/sh
# Copies calico and calico-ipam out of the image named by the first argument into /opt/cni/bin.
set -eu
image=$1
ctr="/usr/local/bin/ctr -n gondolier"
tree=/run/gondolier/calico-cni
$ctr images ls -q | grep -qxF "$image" || $ctr images pull --hosts-dir /etc/containerd/certs.d "$image"
mkdir -p "$tree" /opt/cni/bin
umount "$tree" 2>/dev/null || true
$ctr snapshots rm "$tree" 2>/dev/null || true
$ctr images mount "$image" "$tree" >/dev/null
for program in calico calico-ipam; do
    cp "$tree/opt/cni/bin/$program" "/opt/cni/bin/.$program.new"
    chmod 0755 "/opt/cni/bin/.$program.new"
    sync "/opt/cni/bin/.$program.new"
    mv "/opt/cni/bin/.$program.new" "/opt/cni/bin/$program"
done
$ctr images unmount --rm "$tree" >/dev/null
