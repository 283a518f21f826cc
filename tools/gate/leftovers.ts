// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { globSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The variable by which everything that the gate starts is known. */
const mark = 'LADING_GATE';

/** Marks all children of this process from now on. */
export function markChildren(): void {
  process.env[mark] = String(process.pid);
}

/** What tests could leave behind on a machine, each thing as a line of text. */
export type Traces = ReadonlySet<string>;

/** Looks at mounts, processes, cgroups, interfaces, pinned namespaces, firewall chains and files as they are now. */
export function takeTraces(): Traces {
  return new Set([
    ...mounts(),
    ...processes(),
    ...named('cgroup', cgroups()),
    ...named('firewall rule', firewallRules()),
    ...named('interface', readdirSync('/sys/class/net')),
    ...named('namespace', globSync('/run/netns/*')),
    ...named(
      'file',
      globSync([`${tmpdir()}/lading-*`, '/dev/shm/lading-*', '/run/lading*', `${tmpdir()}/conmon-term.*`]),
    ),
    ...named('CNI file', cniFiles()),
    ...named(
      'runtime state',
      globSync(['/run/runc/*', '/run/containers/**/*', '/var/lib/containers/storage/*/*']),
    ),
  ]);
}

/** What is there now and was not there before. Processes on their way out get a few seconds to be gone. */
export async function leftSince(before: Traces): Promise<readonly string[]> {
  const deadline = Date.now() + 5000;
  for (;;) {
    const left = [...takeTraces()].filter((trace) => !before.has(trace));
    if (left.length === 0 || Date.now() > deadline) return left;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function named(kind: string, names: readonly string[]): readonly string[] {
  return names.map((name) => `${kind} ${name}`);
}

/** Leases, results and configurations. The plugins keep the folders, and the two files of a network that has no lease. */
function cniFiles(): readonly string[] {
  const kept = /\/(?:cni\.lock|lock|last_reserved_ip\.\d+)$/;
  return globSync(['/var/lib/cni/**/*', '/etc/cni/net.d/*'], { withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !kept.test(path));
}

/** But for the one that iproute2 and podman make of `/run/netns` when they first use it. */
function mounts(): readonly string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').trimEnd().split('\n');
  const targets = lines.filter((line) => line.split(' ')[4] !== '/run/netns');
  return targets.map((line) => {
    const fields = line.split(' ');
    return `mount ${fields[4]} (${fields[fields.indexOf('-') + 1]})`;
  });
}

/** Groups of containers and of what makes them. The machine has others that come and go, and podman keeps two. */
function cgroups(): readonly string[] {
  const all = globSync('/sys/fs/cgroup/**/', { exclude: (path) => path.split('/').length > 9 });
  const kept = /\/libpod_parent(?:\/conmon)?\/?$/;
  return all.filter((path) => /lading|libpod|buildah|conmon|\/[0-9a-f]{64}/.test(path) && !kept.test(path));
}

/** Rules that CNI plugins make for one container; the chains that they share stay, as is their way. */
function firewallRules(): readonly string[] {
  const rules = execFileSync('iptables', ['-t', 'nat', '-S'], { encoding: 'utf8' }).split('\n');
  return rules.filter((rule) => /CNI-(?:DN-)?[0-9a-f]{16,}/.test(rule));
}

const programs = /(?:^|\/)(?:conmon|runc|podman|buildah|skopeo|docker-registry)\b|\blading/;

/**
 * Processes of tests: whatever the gate started (it marks its children by a variable), the programs that they
 * start, and everything in a process namespace of its own. Other processes of the machine come and go.
 */
function processes(): readonly string[] {
  const ownNamespace = readlinkSync('/proc/self/ns/pid');
  const found: string[] = [];
  for (const pid of readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && name !== String(process.pid),
  )) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      if (command === '') continue; // a thread of the kernel, or one that has ended
      const isOurs =
        programs.test(command) ||
        readlinkSync(`/proc/${pid}/ns/pid`) !== ownNamespace ||
        readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${mark}=${process.pid}`);
      if (isOurs) found.push(`process ${pid} ${command}`);
    } catch (error) {
      // It ended between the listing and the look, or it is none that a test could have started.
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (!['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(code)) throw error;
    }
  }
  return found;
}
