// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { formatReference, parseReference } from '@lading/image-spec';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadRegistries, type Registries, recordAlias } from './index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-config-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function load(text: string, dropIns: Readonly<Record<string, string>> = {}): Promise<Registries> {
  const path = join(folder, 'registries.conf');
  const directory = join(folder, 'registries.conf.d');
  await writeFile(path, text);
  await mkdir(directory, { recursive: true });
  for (const [name, content] of Object.entries(dropIns)) await writeFile(join(directory, name), content);
  return loadRegistries({ path, dropInDirectories: [directory], env: {} });
}

describe('resolve', () => {
  const conf = `
    [[registry]]
    prefix = "example.com/team"
    location = "mirror.internal:5000/x"
    insecure = true
    [[registry]]
    prefix = "example.com"
    location = "other.net"
    [[registry]]
    prefix = "*.corp.net"
    insecure = true
    [[registry]]
    prefix = "*.moved.net"
    location = "new.net/old"
    [[registry]]
    location = "evil.net"
    blocked = true
    [[registry]]
    location = "open.net"
    blocked = true
    [[registry]]
    location = "open.net:5000"
    [[registry]]
    location = "ported.net:5000"
    blocked = true
  `;
  const cases: [string, string, string, boolean, boolean][] = [
    ['rewrites the longest prefix', 'example.com/team/app:1', 'mirror.internal:5000/x/app:1', true, false],
    ['rewrites the host', 'example.com/app:1', 'other.net/app:1', false, false],
    ['ends a prefix at a component', 'example.com/teams/app', 'other.net/teams/app', false, false],
    [
      'does not match a longer host',
      'example.com.evil.org/team/app',
      'example.com.evil.org/team/app',
      false,
      false,
    ],
    ['matches a host on every port', 'evil.net:8080/app', 'evil.net:8080/app', false, true],
    [
      'keeps the port of a host that is moved',
      'example.com:5000/app:1',
      'other.net:5000/app:1',
      false,
      false,
    ],
    [
      'does not take a path of a port for one of the host',
      'example.com:5000/team/app:1',
      'other.net:5000/team/app:1',
      false,
      false,
    ],
    ['matches a wildcard on every port', 'a.corp.net:5000/app', 'a.corp.net:5000/app', true, false],
    ['prefers the entry of the port', 'open.net:5000/app', 'open.net:5000/app', false, false],
    ['does not match another port', 'ported.net:5001/app', 'ported.net:5001/app', false, false],
    ['does not match a host for its port', 'ported.net/app', 'ported.net/app', false, false],
    ['matches a wildcard and keeps the host', 'a.b.corp.net/app', 'a.b.corp.net/app', true, false],
    ['does not take the domain for its own subdomain', 'corp.net/app', 'corp.net/app', false, false],
    ['does not match a wildcard in a path', 'x.org/a.corp.net/app', 'x.org/a.corp.net/app', false, false],
    ['rewrites a wildcard', 'a.moved.net/app:2', 'new.net/old/app:2', false, false],
    ['says that a registry is blocked', 'evil.net/app', 'evil.net/app', false, true],
    ['leaves others alone', 'quay.io/a/b:c', 'quay.io/a/b:c', false, false],
  ];
  it.each(cases)('%s', async (_name, text, expected, insecure, blocked) => {
    const registries = await load(conf);
    const found = registries.resolve(parseReference(text));
    expect([formatReference(found.reference), found.insecure, found.blocked]).toEqual([
      expected,
      insecure,
      blocked,
    ]);
    expect(registries.warnings).toEqual([]);
  });

  it('offers mirrors by kind of reference', async () => {
    const registries = await load(`
      [[registry]]
      location = "quay.io"
      [[registry.mirror]]
      location = "all.net"
      insecure = true
      [[registry.mirror]]
      location = "digests.net/q"
      pull-from-mirror = "digest-only"
      [[registry.mirror]]
      location = "tags.net"
      pull-from-mirror = "tag-only"
    `);
    const mirrors = (text: string) =>
      registries.resolve(parseReference(text)).mirrors.map((m) => [formatReference(m.reference), m.insecure]);
    const digest = `sha256:${'0'.repeat(64)}`;
    expect(mirrors('quay.io/a:1')).toEqual([
      ['all.net/a:1', true],
      ['tags.net/a:1', false],
    ]);
    expect(mirrors(`quay.io/a@${digest}`)).toEqual([
      [`all.net/a@${digest}`, true],
      [`digests.net/q/a@${digest}`, false],
    ]);
  });

  it('does no more with an entry of one image than to block it', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const registries = await load(`
      [[registry]]
      location = "a.net/app:1"
      blocked = true
      [[registry]]
      location = "a.net/app:latest"
      blocked = true
      [[registry]]
      location = "a.net/app@${digest}"
      blocked = true
      [[registry]]
      prefix = "a.net/app:2"
      location = "b.net/app:3"
      insecure = true
    `);
    const blocked = (text: string) => registries.resolve(parseReference(text)).blocked;
    for (const text of ['app:1', 'app', `app@${digest}`, `app:2@${digest}`]) {
      expect(blocked(`a.net/${text}`), text).toBe(true);
    }
    for (const text of ['app:11', `app@sha256:${'1'.repeat(64)}`, 'app/app:1']) {
      expect(blocked(`a.net/${text}`), text).toBe(false);
    }
    const reference = parseReference('a.net/app:2');
    expect(registries.resolve(reference)).toEqual({
      reference,
      insecure: false,
      blocked: false,
      mirrors: [],
    });
    expect(registries.warnings.map(({ message }) => message)).toEqual([
      '"a.net/app:2" has a tag or a digest: such an entry can block its image, and does nothing else',
    ]);
  });

  it('says which hosts are insecure', async () => {
    const registries = await load(conf);
    expect(['a.corp.net', 'example.com', 'corp.net'].map((host) => registries.isInsecure(host))).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('candidates', () => {
  const conf = `
    unqualified-search-registries = ["quay.io", "docker.io"]
    [aliases]
    "fedora" = "registry.fedoraproject.org/fedora"
    "team/app" = "quay.io/team/app"
  `;
  const cases: [string, readonly string[]][] = [
    ['quay.io/a:1', ['quay.io/a:1']],
    ['docker.io/a', ['docker.io/library/a']],
    ['localhost/a', ['localhost/a']],
    ['fedora:39', ['registry.fedoraproject.org/fedora:39']],
    ['team/app', ['quay.io/team/app']],
    ['busybox:1', ['quay.io/busybox:1', 'docker.io/library/busybox:1']],
    ['constructor', ['quay.io/constructor', 'docker.io/library/constructor']],
  ];
  it.each(cases)('of %s', async (text, expected) => {
    const registries = await load(conf);
    expect(registries.candidates(text).map(formatReference)).toEqual(expected);
  });

  it('are first those that were chosen before, whatever the configuration says', async () => {
    const [path, recordedAliases] = [join(folder, 'registries.conf'), join(folder, 'aliases.conf')];
    await writeFile(path, conf);
    const read = async (text: string) => {
      await writeFile(recordedAliases, text);
      return loadRegistries({ path, dropInDirectories: [], recordedAliases, env: {} });
    };
    // As podman writes it.
    const recorded = await read('[aliases]\n  "busybox" = "docker.io/library/busybox"\n  "fedora" = ""\n');
    const names = (text: string) => recorded.candidates(text).map(formatReference);
    expect(names('busybox:1')).toEqual(['docker.io/library/busybox:1']);
    expect(names('fedora')).toEqual(['quay.io/fedora', 'docker.io/library/fedora']);
    expect(names('team/app')).toEqual(['quay.io/team/app']);
    const broken = await read('[aliases');
    expect(broken.candidates('fedora').map(formatReference)).toEqual(['registry.fedoraproject.org/fedora']);
    expect(broken.warnings).toMatchObject([{ file: recordedAliases }]);
  });

  it('are what was chosen last of all', async () => {
    const [path, recordedAliases] = [join(folder, 'registries.conf'), join(folder, 'cache/aliases.conf')];
    await writeFile(path, conf);
    const load = () => loadRegistries({ path, dropInDirectories: [], recordedAliases, env: {} });
    const record = (text: string, target: string) =>
      recordAlias(recordedAliases, text, parseReference(target));
    await record('busybox:1.36', 'docker.io/library/busybox:1.36');
    await writeFile(recordedAliases, `${await readFile(recordedAliases, 'utf8')}"fedora" = ""\n`);
    await record('team/app@sha256:1', 'localhost:5000/team/app');
    await record('busybox', 'quay.io/busybox:latest');
    expect(await readFile(recordedAliases, 'utf8')).toBe(
      '[aliases]\n  "busybox" = "quay.io/busybox"\n  "fedora" = ""\n  "team/app" = "localhost:5000/team/app"\n',
    );
    expect((await stat(recordedAliases)).mode & 0o777).toBe(0o600);
    expect((await load()).candidates('busybox:2').map(formatReference)).toEqual(['quay.io/busybox:2']);
    await writeFile(recordedAliases, '[aliases');
    await expect(record('x', 'quay.io/x')).rejects.toMatchObject({ code: Code.InvalidArgument });
    expect(await readFile(recordedAliases, 'utf8')).toBe('[aliases');
  });

  it('are none where nothing says where to look', async () => {
    expect((await load('')).candidates('busybox')).toEqual([]);
  });
});

describe('drop-ins', () => {
  it('replace lists, entries of the same prefix and aliases, in the order of their names', async () => {
    const registries = await load(
      `unqualified-search-registries = ["a.net"]
       short-name-mode = "enforcing"
       [[registry]]
       location = "x.net"
       blocked = true
       [aliases]
       one = "a.net/one"
       two = "a.net/two"`,
      {
        '20.conf': 'unqualified-search-registries = ["c.net"]\n[aliases]\none = ""',
        '10.conf': 'unqualified-search-registries = ["b.net"]\n[[registry]]\nlocation = "x.net"',
        'not-read.toml': 'this is no TOML',
      },
    );
    expect(registries.unqualifiedSearch).toEqual(['c.net']);
    expect(registries.shortNameMode).toBe('enforcing');
    expect(registries.resolve(parseReference('x.net/a')).blocked).toBe(false);
    expect([...registries.aliases.keys()]).toEqual(['two']);
  });
});

describe('what cannot be understood', () => {
  const cases: [string, string, RegExp][] = [
    ['TOML with a fault', 'a = 1\nb = = 2', /registries\.conf:2:\d+: /],
    ['deep nesting', `a = ${'['.repeat(100_000)}`, /registries\.conf/],
    ['a list of numbers', 'unqualified-search-registries = [1]', /expected a list of strings/],
    ['a registry that is no table', 'registry = "x"', /expected tables, \[\[registry\]\]/],
    ['a registry without a place', '[[registry]]\nblocked = true', /registry\[0\]\.prefix/],
    ['a location with a scheme', '[[registry]]\nlocation = "https://x.net"', /without http/],
    ['a wildcard in the middle', '[[registry]]\nprefix = "a.*.net"', /wildcard/],
    ['a wildcard for everything', '[[registry]]\nprefix = "*"', /wildcard/],
    ['a registry without a location', '[[registry]]\nprefix = "x.net"', /registry\[0\]\.location/],
    [
      'a mirror setting of a registry',
      '[[registry]]\nlocation = "x.net"\npull-from-mirror = "all"',
      /not for the registry itself/,
    ],
    [
      'a place that is said to be both',
      '[[registry]]\nlocation = "x.net"\n[[registry]]\nprefix = "y.net"\nlocation = "x.net"\nblocked = true',
      /"x\.net" is defined twice, with another blocked/,
    ],
    ['an alias with a tag', '[aliases]\na = "x.net/a:1"', /without tag/],
    ['an alias that is no string', '[aliases]\na = 1', /table of strings/],
    ['version 1', '[registries.search]\nregistries = ["x"]', /version 1/],
    ['a wildcard location', '[[registry]]\nprefix = "x.net"\nlocation = "*.net"', /no wildcard/],
    ['an unknown mode', 'short-name-mode = "maybe"', /enforcing, permissive or disabled/],
    [
      'an unknown mirror mode',
      '[[registry]]\nlocation="x.net"\n[[registry.mirror]]\nlocation="y.net"\npull-from-mirror="x"',
      /registry\[0\]\.mirror\[0\]\.pull-from-mirror/,
    ],
  ];
  it.each(cases)('is an error: %s', async (_name, text, message) => {
    await expect(load(text)).rejects.toMatchObject({
      code: Code.InvalidArgument,
      message: expect.stringMatching(message),
    });
  });

  it('is a warning where it is an unknown key, also one of Object.prototype', async () => {
    const registries = await load(
      '__proto__ = { polluted = true }\nconstructor = 1\n[[registry]]\nlocation = "a.net"\nblokced = true',
    );
    expect(registries.warnings.map(({ message }) => message).sort()).toEqual([
      'unknown key "__proto__"',
      'unknown key "constructor"',
      'unknown key "registry[0].blokced"',
    ]);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('is a file that goes on and on', async () => {
    await expect(loadRegistries({ path: '/dev/zero', dropInDirectories: [] })).rejects.toMatchObject({
      code: Code.ResourceExhausted,
    });
  });

  it('is a file that is named and not there', async () => {
    await expect(loadRegistries({ path: join(folder, 'none') })).rejects.toMatchObject({
      code: Code.NotFound,
    });
  });
});

describe('the paths', () => {
  it('come from the environment, then from the home of the user', async () => {
    await mkdir(join(folder, '.config/containers'), { recursive: true });
    await writeFile(
      join(folder, '.config/containers/registries.conf'),
      'unqualified-search-registries = ["user.net"]',
    );
    await writeFile(join(folder, 'named.conf'), 'unqualified-search-registries = ["named.net"]');
    const user = await loadRegistries({ env: { HOME: folder } });
    const named = await loadRegistries({
      env: {
        HOME: folder,
        CONTAINERS_REGISTRIES_CONF: join(folder, 'named.conf'),
        CONTAINERS_REGISTRIES_CONF_DIR: join(folder, 'none.d'),
      },
    });
    expect([user.unqualifiedSearch, named.unqualifiedSearch]).toEqual([['user.net'], ['named.net']]);
  });
});
