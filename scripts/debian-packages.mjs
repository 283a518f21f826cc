// SPDX-License-Identifier: Apache-2.0
// The Debian packages that each task needs. A package counts as present when one of its files is there,
// so that a runc or podman that came by another way is used as it is.

const product = ['quickstart', 'test', 'bench'];
const peers = ['test', 'bench'];

export const debianPackages = [
  {
    name: 'runc',
    anyOf: ['/usr/sbin/runc', '/usr/bin/runc', '/usr/local/sbin/runc', '/usr/local/bin/runc'],
    tasks: product,
  },
  {
    name: 'conmon',
    anyOf: ['/usr/bin/conmon', '/usr/local/bin/conmon', '/usr/libexec/podman/conmon'],
    tasks: product,
  },
  {
    name: 'containernetworking-plugins',
    anyOf: ['/usr/lib/cni/bridge', '/opt/cni/bin/bridge'],
    tasks: product,
  },
  { name: 'iptables', anyOf: ['/usr/sbin/iptables', '/sbin/iptables'], tasks: product },
  { name: 'busybox-static', anyOf: ['/bin/busybox', '/usr/bin/busybox'], tasks: product },
  { name: 'iproute2', anyOf: ['/usr/sbin/ip', '/usr/bin/ip', '/sbin/ip', '/bin/ip'], tasks: ['test'] },
  { name: 'chromium', anyOf: ['/usr/bin/chromium'], tasks: ['test'] },
  { name: 'catatonit', anyOf: ['/usr/bin/catatonit'], tasks: ['test'] },
  { name: 'criu', anyOf: ['/usr/sbin/criu', '/usr/local/sbin/criu'], tasks: ['test'] },
  { name: 'curl', anyOf: ['/usr/bin/curl'], tasks: ['bench'] },
  { name: 'containerd', anyOf: ['/usr/bin/ctr', '/usr/local/bin/ctr'], tasks: ['bench'] },
  { name: 'wrk', anyOf: ['/usr/bin/wrk'], tasks: ['bench'] },
  { name: 'docker-registry', anyOf: ['/usr/bin/docker-registry'], tasks: peers },
  { name: 'apache2-utils', anyOf: ['/usr/bin/htpasswd'], tasks: ['test'] },
  { name: 'nginx-light', anyOf: ['/usr/sbin/nginx'], tasks: ['test'] },
  { name: 'fish', anyOf: ['/usr/bin/fish'], tasks: ['test'] },
  { name: 'zsh', anyOf: ['/usr/bin/zsh', '/bin/zsh'], tasks: ['test'] },
  { name: 'groff-base', anyOf: ['/usr/bin/groff'], tasks: ['test'] },
  { name: 'gnupg', anyOf: ['/usr/bin/gpg'], tasks: ['test'] },
  { name: 'openssl', anyOf: ['/usr/bin/openssl'], tasks: ['test'] },
  { name: 'libarchive-tools', anyOf: ['/usr/bin/bsdtar'], tasks: ['test'] },
  { name: 'btrfs-progs', anyOf: ['/usr/bin/btrfs', '/bin/btrfs', '/sbin/mkfs.btrfs'], tasks: ['test'] },
  { name: 'xfsprogs', anyOf: ['/usr/sbin/mkfs.xfs', '/sbin/mkfs.xfs'], tasks: ['test'] },
  { name: 'zstd', anyOf: ['/usr/bin/zstd'], tasks: ['test'] },
  { name: 'python3', anyOf: ['/usr/bin/python3', '/usr/local/bin/python3'], tasks: ['test'] },
  { name: 'bzip2', anyOf: ['/bin/bzip2', '/usr/bin/bzip2'], tasks: ['test'] },
  { name: 'xz-utils', anyOf: ['/usr/bin/xz', '/bin/xz'], tasks: ['test'] },
  { name: 'skopeo', anyOf: ['/usr/bin/skopeo', '/usr/local/bin/skopeo'], tasks: peers },
  { name: 'podman', anyOf: ['/usr/bin/podman', '/usr/local/bin/podman'], tasks: peers },
  { name: 'buildah', anyOf: ['/usr/bin/buildah', '/usr/local/bin/buildah'], tasks: peers },
];
