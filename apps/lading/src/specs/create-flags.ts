// SPDX-License-Identifier: Apache-2.0
import type { FlagSpec } from '@lading/command-line';
import { registryFlags } from './registry-flags.ts';

const size = '<number>[<unit>]';
const sizeHelp = `(format: ${size}, where unit = b (bytes), k (kibibytes), m (mebibytes), or g (gibibytes))`;

/** What `create` and `run` share. */
export const createFlags: readonly FlagSpec[] = [
  ...registryFlags,
  { name: 'add-host', kind: 'strings', help: 'Add a custom host-to-IP mapping (host:ip)' },
  { name: 'annotation', kind: 'strings', help: 'Add annotations to container (key=value)' },
  { name: 'cap-add', kind: 'stringSlice', help: 'Add capabilities to the container' },
  { name: 'cap-drop', kind: 'stringSlice', help: 'Drop capabilities from the container' },
  { name: 'cidfile', kind: 'string', help: 'Write the container ID to the file' },
  { name: 'cpu-shares', short: 'c', kind: 'uint', help: 'CPU shares (relative weight)' },
  { name: 'cpus', kind: 'float', help: 'Number of CPUs. The default is 0.000 which means no limit' },
  { name: 'dns', kind: 'stringSlice', help: 'Set custom DNS servers' },
  { name: 'entrypoint', kind: 'string', help: 'Overwrite the default ENTRYPOINT of the image' },
  { name: 'env', short: 'e', kind: 'strings', help: 'Set environment variables in container' },
  { name: 'env-file', kind: 'stringSlice', help: 'Read in a file of environment variables' },
  {
    name: 'gidmap',
    kind: 'stringSlice',
    placeholder: 'CONTAINER:HOST[:SIZE]',
    help: 'GID map to use for the user namespace',
  },
  { name: 'hostname', short: 'h', kind: 'string', help: 'Set container hostname' },
  { name: 'interactive', short: 'i', kind: 'boolean', help: 'Keep STDIN open even if not attached' },
  { name: 'label', short: 'l', kind: 'strings', help: 'Set metadata on container' },
  {
    name: 'log-driver',
    kind: 'string',
    default: 'k8s-file',
    help: 'Logging driver for the container ("k8s-file"|"none")',
  },
  { name: 'memory', short: 'm', kind: 'string', placeholder: size, help: `Memory limit ${sizeHelp}` },
  {
    name: 'mount',
    kind: 'strings',
    help: 'Attach a filesystem mount to the container (type=bind|tmpfs)',
  },
  { name: 'name', kind: 'string', help: 'Assign a name to the container' },
  {
    name: 'network',
    aliases: ['net'],
    kind: 'string',
    help: 'Connect a container to a network ("bridge"|"host"|"none"|NAME)',
  },
  { name: 'pids-limit', kind: 'int', help: 'Tune container pids limit (set -1 for unlimited)' },
  { name: 'privileged', kind: 'boolean', help: 'Give extended privileges to container' },
  {
    name: 'pod',
    kind: 'string',
    help: 'Run container in an existing pod, or in a new one (new:NAME)',
  },
  {
    name: 'publish',
    short: 'p',
    kind: 'stringSlice',
    help: "Publish a container's port, or a range of ports, to the host",
  },
  {
    name: 'pull',
    kind: 'string',
    default: 'missing',
    help: 'Pull image policy ("always"|"missing"|"never"|"newer")',
  },
  {
    name: 'quiet',
    short: 'q',
    kind: 'boolean',
    help: 'Suppress output information when pulling images',
  },
  { name: 'read-only', kind: 'boolean', help: 'Make containers root filesystem read-only' },
  {
    name: 'replace',
    kind: 'boolean',
    help: 'If a container with the same name exists, replace it',
  },
  { name: 'rm', kind: 'boolean', help: 'Remove container after exit' },
  { name: 'security-opt', kind: 'strings', help: 'Security Options (no-new-privileges, seccomp=unconfined)' },
  {
    name: 'shm-size',
    kind: 'string',
    placeholder: size,
    default: '65536k',
    help: `Size of /dev/shm ${sizeHelp}`,
  },
  { name: 'stop-signal', kind: 'string', help: 'Signal to stop a container. Default is SIGTERM' },
  {
    name: 'stop-timeout',
    kind: 'uint',
    default: 10,
    help: 'Timeout (in seconds) that containers stopped by user command have to exit. If exceeded, the container will be forcibly stopped via SIGKILL.',
  },
  {
    name: 'storage-opt',
    kind: 'stringSlice',
    help: 'Storage driver options per container (size=SIZE, inodes=NUMBER)',
  },
  {
    name: 'subgidname',
    kind: 'string',
    help: 'Name of range listed in /etc/subgid for use in user namespace',
  },
  {
    name: 'subuidname',
    kind: 'string',
    help: 'Name of range listed in /etc/subuid for use in user namespace',
  },
  { name: 'sysctl', kind: 'strings', help: 'Sysctl options' },
  { name: 'tmpfs', kind: 'strings', help: 'Mount a temporary filesystem (tmpfs) into a container' },
  { name: 'tty', short: 't', kind: 'boolean', help: 'Allocate a pseudo-TTY for container' },
  {
    name: 'uidmap',
    kind: 'stringSlice',
    placeholder: 'CONTAINER:HOST[:SIZE]',
    help: 'UID map to use for the user namespace',
  },
  { name: 'ulimit', kind: 'strings', help: 'Ulimit options' },
  {
    name: 'user',
    short: 'u',
    kind: 'string',
    help: 'Username or UID (format: <name|uid>[:<group|gid>])',
  },
  {
    name: 'userns',
    kind: 'string',
    help: 'User namespace to use ("auto[:size=N,uidmapping=MAP,gidmapping=MAP]"|"container:NAME"|"host"|"private")',
  },
  { name: 'volume', short: 'v', kind: 'strings', help: 'Bind mount a folder into the container' },
  { name: 'workdir', short: 'w', kind: 'string', help: 'Working directory inside the container' },
];
