#!/bin/sh
# Takes a cluster's daemons and their state off a machine that stays: what listened is gone, what was mounted is free.
set -u
units="gondolier-gateway haproxy kube-proxy kubelet kube-scheduler kube-controller-manager kube-apiserver calico-node
    calico-cni flanneld etcd"
systemctl disable --now $units 2>/dev/null
if systemctl is-active --quiet containerd; then
    crictl rmp --force --all >/dev/null 2>&1
    ctr -n gondolier tasks kill -s SIGKILL calico-node >/dev/null 2>&1
fi
systemctl disable --now containerd 2>/dev/null
if command -v docker >/dev/null 2>&1; then
    docker ps --all --quiet --filter label=gondolier.io/host | xargs -r docker rm --force --volumes >/dev/null
    docker network rm gondolier >/dev/null 2>&1
fi
[ -x /usr/local/bin/kube-proxy ] && /usr/local/bin/kube-proxy --cleanup >/dev/null 2>&1
nft delete table inet gondolier_gateway 2>/dev/null
for link in vxlan.calico flannel.1 cni0; do ip link delete "$link" 2>/dev/null; done
awk '$2 ~ "^/var/lib/kubelet/" { print $2 }' /proc/mounts | sort -r | while read -r mount; do umount "$mount"; done
for unit in $units containerd; do
    [ "$unit" = haproxy ] || rm -f "/etc/systemd/system/$unit.service"
done
rm -rf /etc/systemd/system/haproxy.service.d/gondolier.conf /etc/haproxy/haproxy.cfg /etc/kubernetes /etc/etcd \
    /etc/cni/net.d/10-gondolier.conflist /etc/gondolier/gateway.json /etc/gondolier/pki /var/lib/etcd/data \
    /var/lib/kubelet /var/lib/gondolier-gateway /var/lib/calico /var/lib/cni /run/flannel
systemctl daemon-reload
left=$(systemctl is-active $units containerd | grep -cx active)
[ "$left" = 0 ] || { echo "$left daemons still run" >&2; exit 1; }
