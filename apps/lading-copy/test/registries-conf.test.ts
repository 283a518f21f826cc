// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeTestImage } from '@lading/image-copy/conformance';
import { startRegistry } from '@lading/registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ladingCopy, makeFolder, type Outcome, put, tool } from './world.ts';

/**
 * Two registries: $A has `team/app`, `shared/app`; $B has other images as `team/app`, `mirror/team/app` and
 * `deep/mirror/app`, the same as `shared/app`, and alone `only/app`. $H is the digest of `only/app`.
 */
let hosts: { A: string; B: string };
let digest: string;
const open = new AsyncDisposableStack();
beforeAll(async () => {
  const [a, b] = [open.use(await startRegistry()), open.use(await startRegistry())];
  hosts = { A: a.host, B: b.host };
  for (const [seed, places] of [
    ['a', [`${a.host}/team/app:1`]],
    ['b', [`${b.host}/team/app:1`]],
    ['b-mirror', [`${b.host}/mirror/team/app:1`]],
    ['b-deep', [`${b.host}/deep/mirror/app:1`]],
    ['shared', [`${a.host}/shared/app:1`, `${b.host}/shared/app:1`]],
    ['only', [`${b.host}/only/app:1`]],
  ] as const) {
    const image = await makeTestImage({ seed });
    for (const place of places) await put(image, `docker://${place}`);
    if (seed === 'only') digest = image.top.digest;
  }
});
afterAll(() => open.disposeAsync());

const insecureA = '[[registry]]\nlocation = "$A"\ninsecure = true\n';
const insecureB = '[[registry]]\nlocation = "$B"\ninsecure = true\n';
const mirror = (settings: string, registry = '') =>
  `[[registry]]\nlocation = "$A"\ninsecure = true\n${registry}\n[[registry.mirror]]\nlocation = "$B"\ninsecure = true\n${settings}\n`;

interface Row {
  readonly name: string;
  readonly conf: string;
  readonly dropIns?: Readonly<Record<string, string>>;
  readonly reference: string;
  readonly flags?: readonly string[];
  /** The seed of the image that is read; undefined when it fails. */
  readonly reads: string | undefined;
  /** Why Debian's skopeo does something else. */
  readonly unlikeSkopeo?: string;
}

const blocksLess =
  'skopeo asks whether the place that it is led to is blocked, where the manual forbids the name that matches';

const lacksTags =
  'skopeo looks for entries by the name without tag and digest, where the manual has both count';

const rows: readonly Row[] = [
  { name: 'nothing is said: plain HTTP is refused', conf: '', reference: '$A/team/app:1', reads: undefined },
  { name: 'insecure: plain HTTP is spoken', conf: insecureA, reference: '$A/team/app:1', reads: 'a' },
  { name: 'insecure is of one place', conf: insecureA, reference: '$B/team/app:1', reads: undefined },
  {
    name: 'a flag overrides insecure',
    conf: insecureA,
    reference: '$A/team/app:1',
    flags: ['--tls-verify'],
    reads: undefined,
  },
  {
    name: 'a flag allows what no entry does',
    conf: '',
    reference: '$A/team/app:1',
    flags: ['--tls-verify=false'],
    reads: 'a',
  },
  {
    name: 'insecure of a namespace',
    conf: '[[registry]]\nlocation = "$A/team"\ninsecure = true',
    reference: '$A/team/app:1',
    reads: 'a',
  },
  {
    name: 'insecure of another namespace',
    conf: '[[registry]]\nlocation = "$A/teams"\ninsecure = true',
    reference: '$A/team/app:1',
    reads: undefined,
  },
  {
    name: 'blocked',
    conf: '[[registry]]\nlocation = "$A"\ninsecure = true\nblocked = true',
    reference: '$A/team/app:1',
    reads: undefined,
  },
  {
    name: 'a namespace is let out of what is blocked',
    conf: `[[registry]]\nlocation = "$A"\nblocked = true\n[[registry]]\nlocation = "$A/team"\ninsecure = true`,
    reference: '$A/team/app:1',
    reads: 'a',
  },
  {
    name: 'a namespace is blocked',
    conf: `${insecureA}[[registry]]\nlocation = "$A/team"\nblocked = true`,
    reference: '$A/team/app:1',
    reads: undefined,
  },
  {
    name: 'a host is blocked on every port',
    conf: '[[registry]]\nlocation = "127.0.0.1"\nblocked = true',
    reference: '$A/team/app:1',
    flags: ['--tls-verify=false'],
    reads: undefined,
  },
  {
    name: 'a wildcard blocks on every port',
    conf: '[[registry]]\nprefix = "*.0.0.1"\nblocked = true',
    reference: '$A/team/app:1',
    flags: ['--tls-verify=false'],
    reads: undefined,
  },
  {
    name: 'one port is let out of a host that is blocked',
    conf: `[[registry]]\nlocation = "127.0.0.1"\nblocked = true\n${insecureA}`,
    reference: '$A/team/app:1',
    reads: 'a',
  },
  {
    name: 'insecure of a host on every port',
    conf: '[[registry]]\nlocation = "127.0.0.1"\ninsecure = true',
    reference: '$B/team/app:1',
    reads: 'b',
  },
  {
    name: 'a prefix is rewritten',
    conf: '[[registry]]\nprefix = "example.com"\nlocation = "$B/mirror"\ninsecure = true',
    reference: 'example.com/team/app:1',
    reads: 'b-mirror',
  },
  {
    name: 'a prefix of several parts is rewritten',
    conf: '[[registry]]\nprefix = "example.com/x/y"\nlocation = "$B/deep/mirror"\ninsecure = true',
    reference: 'example.com/x/y/app:1',
    reads: 'b-deep',
  },
  {
    name: 'a whole repository is rewritten',
    conf: '[[registry]]\nprefix = "example.com/app"\nlocation = "$B/team/app"\ninsecure = true',
    reference: 'example.com/app:1',
    reads: 'b',
  },
  {
    name: 'the longest prefix counts',
    conf: '[[registry]]\nprefix = "example.com"\nlocation = "$A"\ninsecure = true\n[[registry]]\nprefix = "example.com/team"\nlocation = "$B/mirror/team"\ninsecure = true',
    reference: 'example.com/team/app:1',
    reads: 'b-mirror',
  },
  {
    name: 'a wildcard matches hosts below it',
    conf: '[[registry]]\nprefix = "*.example.com"\nlocation = "$B"\ninsecure = true',
    reference: 'a.b.example.com/team/app:1',
    reads: 'b',
  },
  {
    name: 'a wildcard does not match the domain itself',
    conf: '[[registry]]\nprefix = "*.example.invalid"\nlocation = "$B"\ninsecure = true',
    reference: 'example.invalid/team/app:1',
    reads: undefined,
  },
  {
    name: 'a wildcard blocks',
    conf: '[[registry]]\nprefix = "*.example.com"\nlocation = "$B"\ninsecure = true\nblocked = true',
    reference: 'a.example.com/team/app:1',
    reads: undefined,
    unlikeSkopeo: blocksLess,
  },
  {
    name: 'Docker Hub is moved',
    conf: '[[registry]]\nprefix = "docker.io/library"\nlocation = "$B/team"\ninsecure = true',
    reference: 'app:1',
    reads: 'b',
  },
  {
    name: 'a short name is of Docker Hub, whatever is searched elsewhere',
    conf: `unqualified-search-registries = ["$A"]\n[[registry]]\nprefix = "docker.io"\nlocation = "$B"\ninsecure = true`,
    reference: 'team/app:1',
    reads: 'b',
  },
  {
    name: 'an alias does not move what has a transport',
    conf: `[aliases]\n"team/app" = "$A/team/app"\n[[registry]]\nprefix = "docker.io"\nlocation = "$B"\ninsecure = true`,
    reference: 'team/app:1',
    reads: 'b',
  },
  { name: 'a mirror comes first', conf: mirror(''), reference: '$A/team/app:1', reads: 'b' },
  {
    name: 'the registry stands in for what the mirror lacks',
    conf: mirror('').replace('"$B"', '"$B/none"'),
    reference: '$A/team/app:1',
    reads: 'a',
  },
  {
    name: 'a mirror below a path',
    conf: mirror('').replace('"$B"', '"$B/mirror"'),
    reference: '$A/team/app:1',
    reads: 'b-mirror',
  },
  {
    name: 'a mirror that cannot be reached is passed over',
    conf: mirror('').replace('"$B"', '"127.0.0.1:1"'),
    reference: '$A/team/app:1',
    reads: 'a',
  },
  {
    name: 'a mirror is as secure as its own entry says',
    conf: mirror('').replace(/insecure = true\n\n$/, ''),
    reference: '$A/team/app:1',
    reads: 'a',
  },
  {
    name: 'the second mirror is asked after the first',
    conf: `${mirror('').replace('"$B"', '"$B/none"')}[[registry.mirror]]\nlocation = "$B/mirror"\ninsecure = true`,
    reference: '$A/team/app:1',
    reads: 'b-mirror',
  },
  {
    name: 'a blocked registry blocks its mirrors',
    conf: mirror('', 'blocked = true'),
    reference: '$A/team/app:1',
    reads: undefined,
    unlikeSkopeo: blocksLess,
  },
  {
    name: 'mirror-by-digest-only: not for a tag',
    conf: mirror('', 'mirror-by-digest-only = true'),
    reference: '$A/team/app:1',
    reads: 'a',
  },
  {
    name: 'mirror-by-digest-only: for a digest',
    conf: mirror('', 'mirror-by-digest-only = true'),
    reference: '$A/only/app@$H',
    reads: 'only',
  },
  {
    name: 'without it a mirror has digests too',
    conf: mirror(''),
    reference: '$A/only/app@$H',
    reads: 'only',
  },
  {
    name: 'pull-from-mirror all',
    conf: mirror('pull-from-mirror = "all"'),
    reference: '$A/team/app:1',
    reads: 'b',
  },
  {
    name: 'pull-from-mirror digest-only: not for a tag',
    conf: mirror('pull-from-mirror = "digest-only"'),
    reference: '$A/team/app:1',
    reads: 'a',
  },
  {
    name: 'pull-from-mirror digest-only: for a digest',
    conf: mirror('pull-from-mirror = "digest-only"'),
    reference: '$A/only/app@$H',
    reads: 'only',
  },
  {
    name: 'pull-from-mirror tag-only: for a tag',
    conf: mirror('pull-from-mirror = "tag-only"'),
    reference: '$A/team/app:1',
    reads: 'b',
  },
  {
    name: 'pull-from-mirror tag-only: not for a digest',
    conf: mirror('pull-from-mirror = "tag-only"'),
    reference: '$A/only/app@$H',
    reads: undefined,
  },
  {
    name: 'a drop-in adds a registry',
    conf: '',
    dropIns: { '1.conf': insecureA },
    reference: '$A/team/app:1',
    reads: 'a',
  },
  {
    name: 'a drop-in replaces the entry of its prefix whole',
    conf: mirror(''),
    dropIns: { '1.conf': insecureA },
    reference: '$A/team/app:1',
    reads: 'a',
  },
  {
    name: 'the last drop-in by name counts',
    conf: '',
    dropIns: { '2.conf': insecureA, '1.conf': insecureA.replace('true', 'false') },
    reference: '$A/team/app:1',
    reads: 'a',
  },
  {
    name: 'what is not named .conf is no drop-in',
    conf: '',
    dropIns: { '1.toml': insecureA },
    reference: '$A/team/app:1',
    reads: undefined,
  },
  {
    name: 'a folder among the drop-ins is none',
    conf: insecureA,
    dropIns: { 'x.conf/y.conf': insecureB },
    reference: '$B/team/app:1',
    reads: undefined,
  },
  {
    name: 'in one file the first entry of a prefix counts',
    conf: `[[registry]]\nprefix = "example.com"\nlocation = "$A"\ninsecure = true\n[[registry]]\nprefix = "example.com"\nlocation = "$B"\ninsecure = true`,
    reference: 'example.com/team/app:1',
    reads: 'a',
  },
  {
    name: 'two entries of one place may not contradict each other',
    conf: `${insecureA}[[registry]]\nprefix = "example.com"\nlocation = "$A"`,
    reference: '$A/team/app:1',
    reads: undefined,
  },
  {
    name: 'a registry needs a location',
    conf: `${insecureA}[[registry]]\nprefix = "example.com"`,
    reference: '$A/team/app:1',
    reads: undefined,
  },
  {
    name: 'a mirror needs a location',
    conf: `${insecureA}[[registry.mirror]]\ninsecure = true`,
    reference: '$A/team/app:1',
    reads: undefined,
  },
  {
    name: 'a location has no scheme',
    conf: insecureA.replace('"$A"', '"http://$A"'),
    reference: '$A/team/app:1',
    reads: undefined,
  },
  {
    name: 'pull-from-mirror is of mirrors alone',
    conf: `${insecureA}pull-from-mirror = "all"`,
    reference: '$A/team/app:1',
    reads: undefined,
  },
  {
    name: 'pull-from-mirror has three values',
    conf: mirror('pull-from-mirror = "some"'),
    reference: '$A/team/app:1',
    reads: undefined,
  },
  {
    name: 'both ways to restrict mirrors contradict each other',
    conf: mirror('pull-from-mirror = "all"', 'mirror-by-digest-only = true'),
    reference: '$A/team/app:1',
    reads: undefined,
  },
  {
    name: 'a wildcard has no path',
    conf: `${insecureA}[[registry]]\nprefix = "*.example.com/x"`,
    reference: '$A/team/app:1',
    reads: undefined,
  },
  {
    name: 'an unknown mode of short names',
    conf: `short-name-mode = "perhaps"\n${insecureA}`,
    reference: '$A/team/app:1',
    reads: undefined,
  },
  ...['enforcing', 'permissive', 'disabled'].map((mode) => ({
    name: `short-name-mode ${mode}`,
    conf: `short-name-mode = "${mode}"\n${insecureA}`,
    reference: '$A/team/app:1',
    reads: 'a',
  })),
  {
    name: 'an entry with a tag moves nothing',
    conf: `${insecureB}[[registry]]\nprefix = "$B/team/app:1"\nlocation = "$B/mirror/team/app"\ninsecure = true`,
    reference: '$B/team/app:1',
    reads: 'b',
  },
  {
    name: 'an entry with a tag says nothing of security',
    conf: '[[registry]]\nlocation = "$B/team/app:1"\ninsecure = true',
    reference: '$B/team/app:1',
    reads: undefined,
  },
  {
    name: 'an entry with a digest moves nothing',
    conf: `${insecureB}[[registry]]\nprefix = "$B/only/app@$H"\nlocation = "$B/none"\ninsecure = true`,
    reference: '$B/only/app@$H',
    reads: 'only',
  },
  ...(['$B/only/app:1', '$B/only/app@$H'] as const).map((reference) => ({
    name: `one image is blocked: ${reference}`,
    conf: `${insecureB}[[registry]]\nlocation = "${reference}"\ninsecure = true\nblocked = true`,
    reference,
    reads: undefined,
    unlikeSkopeo: lacksTags,
  })),
  {
    name: 'the others of its repository are not',
    conf: `${insecureB}[[registry]]\nlocation = "$B/team/app:2"\nblocked = true`,
    reference: '$B/team/app:1',
    reads: 'b',
  },
  ...['$B/mirror/team/app:1', '$B/mirror/team/app@$H', '$B/mirror:1'].flatMap((location) => [
    {
      name: `a prefix leads to no tag and no digest: ${location}`,
      conf: `[[registry]]\nprefix = "$B/team/app"\nlocation = "${location}"\ninsecure = true`,
      reference: '$B/team/app:1',
      reads: undefined,
    },
    {
      name: `a mirror has no tag and no digest: ${location}`,
      conf: `[[registry]]\nlocation = "$A/team/app"\ninsecure = true\n[[registry.mirror]]\nlocation = "${location}"\ninsecure = true`,
      reference: '$A/team/app:1',
      reads: undefined,
    },
  ]),
  { name: 'no TOML', conf: `= ${insecureA}`, reference: '$A/team/app:1', reads: undefined },
  { name: 'an unknown key', conf: `nonsense = 1\n${insecureA}`, reference: '$A/team/app:1', reads: 'a' },
  {
    name: 'version 1 of the format',
    conf: '[registries.insecure]\nregistries = ["$A"]',
    reference: '$A/team/app:1',
    reads: undefined,
    unlikeSkopeo: 'current containers tools no longer read version 1 either',
  },
];

async function inspect(program: 'skopeo' | 'lading-copy', row: Row): Promise<Outcome> {
  const cwd = await makeFolder();
  const filled = (text: string): string =>
    text.replaceAll('$A', hosts.A).replaceAll('$B', hosts.B).replaceAll('$H', digest);
  const folder = join(cwd, '.config/containers');
  const files = { 'registries.conf': row.conf };
  const dropIns = Object.entries(row.dropIns ?? {}).map(([name, text]) => [
    `registries.conf.d/${name}`,
    text,
  ]);
  for (const [name = '', text = ''] of [...Object.entries(files), ...dropIns]) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), filled(text));
  }
  const argv = ['inspect', '--no-tags', ...(row.flags ?? []), `docker://${filled(row.reference)}`];
  const all = [...argv.slice(0, -1), '--format', '{{.Labels.seed}}', ...argv.slice(-1)];
  return program === 'skopeo' ? tool(cwd, 'skopeo', all) : ladingCopy(cwd, all);
}

describe('registries.conf', () => {
  it.each(rows.map((row) => [row.name, row] as const))('%s', async (_name, row) => {
    const [ours, theirs] = await Promise.all([inspect('lading-copy', row), inspect('skopeo', row)]);
    const read = ({ code, stdout }: Outcome) => (code === 0 ? stdout.trim() : undefined);
    expect(read(ours), ours.stderr).toBe(row.reads);
    if (row.unlikeSkopeo === undefined) expect(read(theirs), theirs.stderr).toBe(row.reads);
  });

  it('can be another file, with the same drop-ins', async () => {
    const cwd = await makeFolder();
    await mkdir(join(cwd, '.config/containers/registries.conf.d'), { recursive: true });
    await writeFile(join(cwd, '.config/containers/registries.conf'), insecureB.replace('$B', hosts.B));
    await writeFile(
      join(cwd, '.config/containers/registries.conf.d/1.conf'),
      insecureA.replace('$A', hosts.A),
    );
    await writeFile(join(cwd, 'other.conf'), '');
    const read = async (host: string, ...flags: string[]) =>
      (await ladingCopy(cwd, [...flags, 'inspect', '--raw', `docker://${host}/team/app:1`])).code;
    expect([await read(hosts.A), await read(hosts.B)]).toEqual([0, 0]);
    const named = ['--registries-conf', 'other.conf'];
    expect([await read(hosts.A, ...named), await read(hosts.B, ...named)]).toEqual([0, 1]);
    expect(await read(hosts.A, '--registries-conf', 'none.conf')).toBe(1);
  });

  it('leads no push elsewhere', async () => {
    const cwd = await makeFolder();
    await put(await makeTestImage({ seed: 'pushed' }), `oci:${cwd}/in:x`);
    await mkdir(join(cwd, '.config/containers'), { recursive: true });
    const conf = mirror('').replaceAll('$A', hosts.A).replaceAll('$B', hosts.B);
    await writeFile(join(cwd, '.config/containers/registries.conf'), conf);
    expect(
      await ladingCopy(cwd, ['copy', '-q', 'oci:in:x', `docker://${hosts.A}/pushed/app:1`]),
    ).toMatchObject({
      code: 0,
    });
    const read = (host: string) =>
      ladingCopy(cwd, ['inspect', '--raw', '--tls-verify=false', `docker://${host}/pushed/app:1`]);
    expect([(await read(hosts.A)).code, (await read(hosts.B)).code]).toEqual([0, 2]);
  });

  it('names helpers that are asked for logins, in their order', async () => {
    const cwd = await makeFolder();
    const registry = await startRegistry({
      authorize: ({ headers }) =>
        headers.authorization === `Basic ${Buffer.from('me:secret').toString('base64')}`
          ? undefined
          : { challenge: 'Basic realm="registry"' },
    });
    try {
      await put(await makeTestImage({ seed: 'x' }), `docker://${registry.host}/team/app:1`, false, {
        username: 'me',
        password: 'secret',
      });
      await mkdir(join(cwd, '.config/containers'), { recursive: true });
      const conf = `credential-helpers = ["first", "containers-auth.json"]\n[[registry]]\nlocation = "${registry.host}"\ninsecure = true\n`;
      await writeFile(join(cwd, '.config/containers/registries.conf'), conf);
      const answer = `{"ServerURL":"${registry.host}","Username":"me","Secret":"secret"}`;
      await writeFile(join(cwd, 'docker-credential-first'), `#!/bin/sh\necho '${answer}'\n`, { mode: 0o755 });
      const env = { PATH: `${cwd}:${process.env.PATH ?? ''}` };
      const argv = ['inspect', '--raw', `docker://${registry.host}/team/app:1`];
      expect((await ladingCopy(cwd, argv, { env })).code).toBe(0);
      expect((await tool(cwd, 'skopeo', argv, { env })).code).toBe(0);
      expect((await ladingCopy(cwd, argv)).code).toBe(1);
    } finally {
      await registry.close();
    }
  });
});
