# What containerd, runc, kubelet, kube-proxy, CNI plug-ins and the gateway do with a kernel; fails at the first that is refused.
set -eu
unshare --mount --net --pid --ipc --uts --fork --mount-proc true
plain=/var/lib/containerd/abilities
mkdir -p $plain/lower $plain/upper $plain/work $plain/root
mount -t overlay overlay -o lowerdir=$plain/lower,upperdir=$plain/upper,workdir=$plain/work $plain/root
umount $plain/root
rm -rf $plain
for directory in docker etcd kubelet; do touch /var/lib/$directory/try && rm /var/lib/$directory/try; done
mkdir -p /run/shared && mount --bind /run/shared /run/shared && mount --make-rshared /run/shared && umount /run/shared
ip netns add try
ip link add try0 type veth peer name try1 netns try
ip link delete try0
ip netns delete try
ip link add try0 type bridge && ip link delete try0
ip link add try0 type vxlan id 7 dstport 4789 dev host0 && ip link delete try0
ip tuntap add try0 mode tun && ip link delete try0
iptables -t nat -A POSTROUTING -s 192.0.2.0/24 -m comment --comment try -j MASQUERADE
iptables -t nat -D POSTROUTING -s 192.0.2.0/24 -m comment --comment try -j MASQUERADE
iptables -t nat -F
iptables -A FORWARD -m conntrack --ctstate INVALID -j DROP && iptables -D FORWARD -m conntrack --ctstate INVALID -j DROP
iptables -A INPUT -m mark --mark 0x8000/0x8000 -j DROP && iptables -D INPUT -m mark --mark 0x8000/0x8000 -j DROP
ipset create try hash:ip && ipset destroy try
nft add table ip try && nft delete table ip try
conntrack -L > /dev/null 2>&1
sysctl -q -w net.ipv4.ip_forward=1 net.ipv4.conf.all.route_localnet=1
head -c 0 /dev/kmsg
test -c /dev/net/tun
test "$(ls /sys/class/net | tr '\n' ' ')" = "host0 lo "
if [ -d /sys/fs/cgroup/memory ]; then
    for controller in cpu cpuset memory pids devices freezer systemd; do
        mkdir /sys/fs/cgroup/$controller/kubepods
        rmdir /sys/fs/cgroup/$controller/kubepods
    done
fi
systemd-run --quiet --wait true
python3 -c 'import ssl, json, http.client, urllib.request, hashlib, socket'
haproxy -v > /dev/null
curl --version > /dev/null
socat -V > /dev/null
ethtool --version > /dev/null
systemctl is-enabled haproxy.service > /dev/null && exit 1
echo everything works
