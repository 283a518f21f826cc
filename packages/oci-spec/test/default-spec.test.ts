// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  defaultLinuxSpec,
  encodeJson,
  type Mount,
  parseSpec,
  rootless,
  type Spec,
  withLinux,
  withoutMounts,
  withoutNamespace,
  withProcess,
} from '../src/index.ts';
import { podmanSpec, runContainer, runcSpec } from './programs.ts';

const cgroupVersion = existsSync('/sys/fs/cgroup/cgroup.controllers') ? 2 : 1;

describe('the default spec like runc is what `runc spec` writes', () => {
  const ours = defaultLinuxSpec({ like: 'runc', cgroupVersion });

  it('for root', async () => {
    expect(alike(ours)).toEqual(alike(parseSpec(await runcSpec())));
  });

  it('for a user without privileges', async () => {
    const ids = { uid: process.geteuid?.() ?? -1, gid: process.getegid?.() ?? -1 };
    expect(alike(rootless(ours, ids))).toEqual(alike(parseSpec(await runcSpec('--rootless'))));
  });
});

/** What versions of runc differ in, taken away. */
function alike(spec: Spec): Spec {
  // runc 1.1 still gives its three capabilities to the ambient set; the order of the paths is not told.
  const { ambient: _ambient, ...capabilities } = spec.process?.capabilities ?? {};
  return {
    ...withProcess(spec, { capabilities }),
    // Ours is the oldest that all runtimes in use take; theirs the newest that they take.
    ociVersion: '',
    linux: { ...spec.linux, maskedPaths: spec.linux?.maskedPaths?.toSorted() ?? [] },
    mounts: (spec.mounts ?? []).toSorted((a, b) => (a.destination < b.destination ? -1 : 1)),
  };
}

describe('the default spec like podman is what podman writes', () => {
  it('but for what only the container has, and what changed since podman 4.3', async () => {
    const theirs = parseSpec(await podmanSpec());
    const ours = defaultLinuxSpec({ like: 'podman', cgroupVersion });

    expect(theirs.process?.capabilities).toEqual(ours.process?.capabilities);
    expect(theirs.process?.user).toEqual(ours.process?.user);
    expect(theirs.process?.args).toEqual(ours.process?.args);
    // podman has the variables in a map of Go's: their order is another each time.
    expect(theirs.process?.env?.toSorted()).toEqual([
      expect.stringMatching(/^HOSTNAME=/),
      ...(ours.process?.env ?? []).toSorted(),
    ]);
    expect(theirs.linux?.namespaces).toEqual(ours.linux?.namespaces);
    expect(theirs.linux?.resources).toEqual(ours.linux?.resources);
    expect(theirs.linux?.sysctl).toEqual(ours.linux?.sysctl);
    expect(theirs.linux?.readonlyPaths).toEqual(ours.linux?.readonlyPaths);

    const [before, now] = [theirs.linux?.maskedPaths ?? [], ours.linux?.maskedPaths ?? []];
    expect(before.filter((path) => !now.includes(path))).toEqual(['/sys/dev/block']);
    expect(now.filter((path) => !before.includes(path))).toEqual([
      '/proc/interrupts',
      '/sys/devices/virtual/powercap',
    ]);

    // /dev/shm and files of /etc are bound from the container's folder.
    const mounts = (theirs.mounts ?? []).filter(({ type }) => type !== 'bind');
    const bound = (theirs.mounts ?? []).filter(({ type }) => type === 'bind').map((m) => m.destination);
    expect(bound).toContain('/dev/shm');
    const own = withoutMounts(ours, ['/dev/shm']).mounts ?? [];
    const byDestination = (list: readonly Mount[]): object =>
      Object.fromEntries(
        // The host's propagation is asked for by an option that changes nothing in a mount of its own.
        list.map((m) => [m.destination, { ...m, options: m.options?.filter((o) => o !== 'rprivate') }]),
      );
    expect(byDestination(mounts)).toEqual(byDestination(own));
  });
});

describe('a container of the default spec', () => {
  it.each(['runc', 'podman', 'cri-o', undefined] as const)('like %s runs', async (like) => {
    const spec = defaultLinuxSpec({ like, cgroupVersion });
    const { out, code } = await runContainer(spec, 'echo hello from $$; busybox wc -c < /proc/keys');
    expect({ out, code }).toEqual({ out: 'hello from 1\n0\n', code: 0 });
  });

  it('with the ids of a user namespace runs', async () => {
    const spec = rootless(defaultLinuxSpec({ like: 'runc' }), { uid: 0, gid: 0 });
    const { out, code } = await runContainer(spec, 'read -r line < /proc/self/uid_map; echo $line');
    expect({ out, code }).toEqual({ out: '0 0 1\n', code: 0 });
  });
});

describe('a real config.json', () => {
  it.each([
    ['runc', () => runcSpec()],
    [
      'podman',
      () => podmanSpec('--cap-add', 'ALL', '--memory', '64m', '--device', '/dev/fuse', '-v', '/tmp:/x'),
    ],
  ])('of %s gives its bytes back, and keeps what an edit does not touch', async (_name, read) => {
    const bytes = await read();
    const spec = parseSpec(bytes);
    expect(encodeJson(spec)).toEqual(new Uint8Array(bytes));
    const edited = withLinux(withoutNamespace(spec, 'uts'), { cgroupsPath: '/x' });
    const { linux: _before, ...before } = spec;
    const { linux: _after, ...after } = parseSpec(encodeJson(edited));
    expect(after).toEqual(before);
    expect(Object.keys(edited.linux ?? {})).toEqual(expect.arrayContaining(Object.keys(spec.linux ?? {})));
  });
});
