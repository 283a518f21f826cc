// SPDX-License-Identifier: Apache-2.0
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** What tests could leave behind on a machine, each thing as a line of text. */
export type Traces = ReadonlySet<string>;

/** Looks at mounts, processes, cgroups, interfaces, pinned namespaces, firewall chains and files as they are now. */
export function takeTraces(): Traces {
  return new Set([
    ...mounts(),
    ...processes(),
    ...named('cgroup', globSync('/sys/fs/cgroup/**/', { exclude: (path) => path.split('/').length > 9 })),
    ...named('interface', readdirSync('/sys/class/net')),
    ...named('namespace', globSync('/run/netns/*')),
    ...named(
      'file',
      globSync([`${tmpdir()}/lading-*`, '/dev/shm/lading-*', '/run/lading*', `${tmpdir()}/conmon-term.*`]),
    ),
    ...named('CNI file', globSync(['/var/lib/cni/**/*', '/etc/cni/net.d/*'])),
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

function mounts(): readonly string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const fields = line.split(' ');
    return `mount ${fields[4]} (${fields[fields.indexOf('-') + 1]})`;
  });
}

/** Every process but this one, its ancestors and children, and the kernel's threads. */
function processes(): readonly string[] {
  const found: string[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      const parent = /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
      if (command !== '' && parent !== String(process.pid)) found.push(`process ${pid} ${command}`);
    } catch (error) {
      // It ended between the listing and the look.
      if (!(error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')))
        throw error;
    }
  }
  return found;
}
