// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import {
  capabilities,
  defaultCapabilities,
  defaultSeccomp,
  parseSpec,
  type Seccomp,
  type SeccompSyscall,
} from '../src/index.ts';
import { podmanSpec } from './programs.ts';

/** The file format of the profiles of the containers project. */
interface Profile {
  readonly defaultAction: Seccomp['defaultAction'];
  readonly defaultErrnoRet?: number;
  readonly archMap: readonly {
    readonly architecture: string;
    readonly subArchitectures: readonly string[];
  }[];
  readonly syscalls: readonly (SeccompSyscall & {
    readonly includes?: { readonly arches?: readonly string[]; readonly caps?: readonly string[] };
    readonly excludes?: { readonly arches?: readonly string[]; readonly caps?: readonly string[] };
  })[];
}

/** The names of the profile's format, which are libseccomp's, and those of its rules for architectures. */
const names: Readonly<Record<string, string>> = {
  amd64: 'SCMP_ARCH_X86_64',
  arm64: 'SCMP_ARCH_AARCH64',
  s390x: 'SCMP_ARCH_S390X',
  riscv64: 'SCMP_ARCH_RISCV64',
  ppc64le: 'SCMP_ARCH_PPC64LE',
};
const architectures = Object.keys(names);

/** What Podman makes of a profile: a rule counts unless it excludes, or includes others alone. */
function expand(profile: Profile, caps: readonly string[], architecture: string): Seccomp {
  const has = (list: readonly string[] = [], among: readonly string[]): boolean[] =>
    list.map((name) => among.includes(name));
  const arch = profile.archMap.find((entry) => entry.architecture === names[architecture]);
  const syscalls = profile.syscalls.filter(
    ({ includes, excludes }) =>
      !has(excludes?.arches, [architecture]).includes(true) &&
      !has(excludes?.caps, caps).includes(true) &&
      (!includes?.arches?.length || includes.arches.includes(architecture)) &&
      !has(includes?.caps, caps).includes(false),
  );
  return {
    defaultAction: profile.defaultAction,
    ...(profile.defaultErrnoRet !== undefined && { defaultErrnoRet: profile.defaultErrnoRet }),
    ...(arch && {
      architectures: [arch.architecture, ...arch.subArchitectures] as Seccomp['architectures'] & object,
    }),
    syscalls,
  };
}

/** By system call, and by the conditions on its arguments, what happens; of two rules the first wins. */
function decisions(seccomp: Seccomp): Map<string, string> {
  const result = new Map<string, string>();
  for (const { names, action, errnoRet, args } of seccomp.syscalls ?? []) {
    for (const name of names) {
      const conditions = (args ?? [])
        .map(({ index, op, value }) => `${index}${op.slice('SCMP_CMP_'.length)}${value}`)
        .toSorted();
      const key = [name, ...conditions].join(' ');
      if (!result.has(key)) result.set(key, action === 'SCMP_ACT_ERRNO' ? `errno ${errnoRet}` : action);
    }
  }
  return result;
}

const nothing = 'errno 38';
const refused = 'errno 1';
const allowed = 'SCMP_ACT_ALLOW';

/**
 * Where our profile, that of container-libs of April 2026, is not that of the containers-common of Debian 12
 * (November 2022): name, before, now, with which capability it is so (every one, or its lack).
 */
const changes: readonly [
  name: string,
  before: string,
  now: string,
  when?: (caps: readonly string[], architecture: string) => boolean,
][] = [
  // Not known to the filters of 2022.
  ['cachestat', nothing, refused],
  ['io_pgetevents_time64', nothing, refused],
  ['map_shadow_stack', nothing, refused],
  ['fchmodat2', nothing, allowed],
  ['futex_requeue', nothing, allowed],
  ['futex_wait', nothing, allowed],
  ['futex_waitv', nothing, allowed],
  ['futex_wake', nothing, allowed],
  ['riscv_flush_icache', nothing, allowed, (_caps, architecture) => architecture === 'riscv64'],
  ['quotactl_fd', nothing, allowed, (caps) => caps.includes('CAP_SYS_ADMIN')],
  ['quotactl_fd', nothing, refused, (caps) => !caps.includes('CAP_SYS_ADMIN')],
  // Names that no kernel of today has, taken off the list.
  ['readdir', allowed, nothing],
  ['sigaction', allowed, nothing],
  ['sigpending', allowed, nothing],
  ['sigsuspend', allowed, nothing],
  ['timerfd', allowed, nothing],
  ['syscall', allowed, refused],
  // Only for PowerPC, where programs use it.
  ['swapcontext', refused, nothing, (_caps, architecture) => architecture !== 'ppc64le'],
  ['swapcontext', refused, allowed, (_caps, architecture) => architecture === 'ppc64le'],
  // The kernel limits it by itself for those without the capability.
  ['fanotify_init', refused, allowed, (caps) => !caps.includes('CAP_SYS_ADMIN')],
  // Capabilities of their own since Linux 5.8.
  ['bpf', refused, allowed, (caps) => caps.includes('CAP_BPF')],
  ['perf_event_open', refused, allowed, (caps) => caps.includes('CAP_PERFMON')],
  // Sockets to the host of a virtual machine are refused, and those with conditions are told apart by family.
  ['socket', allowed, nothing, (caps) => caps.includes('CAP_AUDIT_WRITE')],
  ['socket 0NE40', nothing, allowed, (caps) => caps.includes('CAP_AUDIT_WRITE')],
  ['socket 0EQ40', nothing, refused],
  ['socket 2NE9', allowed, nothing, (caps) => !caps.includes('CAP_AUDIT_WRITE')],
  ['socket 0EQ16 2NE9', nothing, allowed, (caps) => !caps.includes('CAP_AUDIT_WRITE')],
];

function differences(
  theirs: Seccomp,
  ours: Seccomp,
  caps: readonly string[],
  architecture: string,
): string[] {
  const [before, now] = [decisions(theirs), decisions(ours)];
  return [...new Set([...before.keys(), ...now.keys()])].flatMap((name) => {
    const [was, is] = [before.get(name) ?? nothing, now.get(name) ?? nothing];
    const known = changes.some(
      ([key, from, to, when]) =>
        key === name && from === was && to === is && (when?.(caps, architecture) ?? true),
    );
    return was === is || known ? [] : [`${name}: ${was} before, ${is} now`];
  });
}

const sets: readonly (readonly string[])[] = [
  [],
  defaultCapabilities,
  capabilities,
  ['CAP_SYS_ADMIN', 'CAP_BPF'],
  ['CAP_BPF', 'CAP_PERFMON'],
  ...capabilities.map((name) => [name]),
];

describe('the default seccomp profile, but for named changes, is that of the installed containers-common', () => {
  it.each(architectures)(
    'on %s, with each capability, none, all, and some together',
    async (architecture) => {
      const text = await readFile('/usr/share/containers/seccomp.json', 'utf8').catch((cause: unknown) => {
        throw new Error('this test needs the Debian package golang-github-containers-common', { cause });
      });
      const profile = JSON.parse(text) as Profile;
      expect(sets).toHaveLength(46);
      for (const caps of sets) {
        const theirs = expand(profile, caps, architecture);
        const ours = defaultSeccomp({ capabilities: caps, architecture });
        const { syscalls: _theirs, ...rest } = theirs;
        const { syscalls: _ours, ...own } = ours;
        expect(own).toEqual(rest);
        expect(differences(theirs, ours, caps, architecture)).toEqual([]);
      }
    },
  );
});

describe('the default seccomp profile is what podman itself puts into a config.json', () => {
  it.each([
    ['for a container of no options', []],
    ['with a capability more', ['--cap-add', 'SYS_ADMIN,AUDIT_WRITE']],
    ['without capabilities', ['--cap-drop', 'ALL']],
  ])('%s', async (_name, flags) => {
    const spec = parseSpec(await podmanSpec(...flags));
    const caps = spec.process?.capabilities?.bounding ?? [];
    const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
    const ours = defaultSeccomp({ capabilities: caps, architecture });
    const theirs = spec.linux?.seccomp ?? { defaultAction: 'SCMP_ACT_ALLOW' };
    expect(theirs).toMatchObject({ defaultAction: ours.defaultAction, architectures: ours.architectures });
    expect(differences(theirs, ours, caps, architecture)).toEqual([]);
  });
});
