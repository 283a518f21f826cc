// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { makeTestImage, makeTestIndex } from '@lading/image-copy/conformance';
import { startRegistry } from '@lading/registry';
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../../../tools/test-support/certificates.ts';
import { ladingCopy, later, makeFolder, put, startDockerRegistry, tool } from './world.ts';

const insecure = ['--src-tls-verify=false', '--dest-tls-verify=false'];
const policy = '--insecure-policy';

interface Watched {
  readonly host: string;
  /** `METHOD /path` of what was asked since the last call. */
  requests(): readonly string[];
}

async function startWatched(): Promise<Watched> {
  const seen: string[] = [];
  const registry = await startRegistry({
    onRequest: ({ method, url }) => {
      seen.push(`${method} ${url}`);
    },
  });
  later(() => registry.close());
  return { host: registry.host, requests: () => seen.splice(0) };
}

async function fill(host: string): Promise<void> {
  for (const [name, seeds] of [
    ['team/app', ['1.0', '1.1', '2.0', '2.1-rc1', 'latest']],
    ['team/tools/db', ['5', '6']],
  ] as const) {
    for (const tag of seeds)
      await put(await makeTestImage({ seed: `${name} ${tag}` }), `docker://${host}/${name}:${tag}`);
  }
}

async function treeOf(folder: string): Promise<readonly string[]> {
  return (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

async function tagsOf(host: string, repository: string): Promise<readonly string[] | undefined> {
  const answer = await fetch(`http://${host}/v2/${repository}/tags/list`);
  if (answer.status !== 200) return undefined;
  return ((await answer.json()) as { tags: readonly string[] }).tags.toSorted();
}

/** Runs the same command with both programs, in folders of their own. */
async function both(argv: readonly string[], files: Record<string, string> = {}) {
  const [ours, theirs] = [await makeFolder(), await makeFolder()];
  for (const folder of [ours, theirs])
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const all = ['sync', policy, ...insecure, ...argv];
  return {
    ours: { folder: ours, ...(await ladingCopy(ours, all)) },
    theirs: { folder: theirs, ...(await tool(theirs, 'skopeo', all)) },
  };
}

describe('sync into a folder makes what skopeo makes', () => {
  const yaml = (host: string) => `${host}:
  tls-verify: false
  images:
    team/tools/db: [5]
    no/such/repository: []
  images-by-tag-regex:
    team/app: ^2
nowhere.invalid:
  images: {}
`;
  const cases: [string, (host: string) => readonly string[]][] = [
    ['a whole repository', (host) => ['--src', 'docker', '--dest', 'dir', `${host}/team/app`, 'out']],
    ['one image', (host) => ['--src', 'docker', '--dest', 'dir', `${host}/team/app:1.0`, 'out']],
    [
      'a repository, scoped',
      (host) => ['--scoped', '--src', 'docker', '--dest', 'dir', `${host}/team/tools/db`, './out/'],
    ],
    ['what a file says', () => ['--src', 'yaml', '--dest', 'dir', 'sync.yml', 'out']],
    ['what a file says, scoped', () => ['--scoped', '-s', 'yaml', '-d', 'dir', 'sync.yml', 'out']],
    ['nothing in a dry run', (host) => ['--dry-run', '-s', 'docker', '-d', 'dir', `${host}/team/app`, 'dry']],
  ];
  it.each(cases)('%s', async (_name, argv) => {
    const { host } = await startWatched();
    await fill(host);
    const { ours, theirs } = await both(argv(host), { 'sync.yml': yaml(host) });
    expect(ours.code === 0 ? '' : ours.stderr).toBe('');
    expect({ code: ours.code, stderr: theirs.code === 0 ? '' : theirs.stderr }).toEqual({
      code: 0,
      stderr: '',
    });
    expect(await treeOf(ours.folder)).toEqual(await treeOf(theirs.folder));
  });

  it('a list with --all', async () => {
    const { host } = await startWatched();
    const images = await Promise.all(
      ['amd64', 'arm64'].map(async (architecture) => {
        const platform = { os: 'linux', architecture };
        return { image: await makeTestImage({ seed: architecture, platform }), platform };
      }),
    );
    const index = await makeTestIndex(images);
    await put(index, `docker://${host}/team/list:1`, true);
    for (const all of [[], ['--all']]) {
      const { ours, theirs } = await both([...all, '-s', 'docker', '-d', 'dir', `${host}/team/list`, 'out']);
      expect(ours.code === 0 ? '' : ours.stderr).toBe('');
      expect(ours.code).toBe(theirs.code);
      expect(await treeOf(ours.folder)).toEqual(await treeOf(theirs.folder));
      const again = await ladingCopy(ours.folder, [
        ...['sync', ...insecure, ...all, '-s', 'docker', '-d', 'dir', `${host}/team/list`, 'out'],
      ]);
      expect(again.stderr).toContain('is there already');
    }
  });
});

describe('sync from a folder', () => {
  it.each([
    ['the images of a folder', [], 'media'],
    ['the images of a folder, scoped', ['--scoped'], 'media'],
    ['one image', [], 'media/app:1.0'],
    ['one image, scoped', ['--scoped'], 'media/app:1.0'],
  ] as const)('sends %s where skopeo sends them', async (_name, flags, source) => {
    const cwd = await makeFolder();
    for (const name of ['app:1.0', 'app:2.0', 'deep/er/db:5'])
      await put(await makeTestImage({ seed: name }), `dir:${cwd}/media/${name}`);
    const [ours, theirs] = [await startWatched(), { host: await startDockerRegistry() }];
    const argv = (host: string) => [
      ...['sync', policy, ...insecure, ...flags, '-s', 'dir', '-d', 'docker'],
      ...[join(cwd, source), `${host}/mirror/`],
    ];
    expect(await ladingCopy(cwd, argv(ours.host))).toMatchObject({ code: 0, stdout: '' });
    expect(await tool(cwd, 'skopeo', argv(theirs.host))).toMatchObject({ code: 0 });
    const catalog = async (host: string): Promise<unknown> => {
      const { repositories } = (await (await fetch(`http://${host}/v2/_catalog`)).json()) as {
        repositories: string[];
      };
      return Promise.all(repositories.map(async (name) => [name, await tagsOf(host, name)]));
    };
    expect(await catalog(ours.host)).toEqual(await catalog(theirs.host));
  });
});

describe('sync between registries', () => {
  it('moves only what is missing in a second run', async () => {
    const [from, to, cwd] = [await startWatched(), await startWatched(), await makeFolder()];
    await fill(from.host);
    const argv = [
      ...['sync', ...insecure, '--src', 'docker', '--dest', 'docker', '--digestfile', 'digests'],
      ...[`${from.host}/team/app`, `${to.host}/mirror`],
    ];
    expect(await ladingCopy(cwd, argv)).toMatchObject({ code: 0, stdout: '' });
    const first = await readFile(join(cwd, 'digests'), 'utf8');
    expect(first.split('\n').toSorted().slice(1)).toEqual(
      await Promise.all(
        ['1.0', '1.1', '2.0', '2.1-rc1', 'latest'].map(async (tag) => {
          const { top } = await makeTestImage({ seed: `team/app ${tag}` });
          return `${top.digest} docker://${to.host}/mirror/app:${tag}`;
        }),
      ).then((lines) => lines.toSorted()),
    );
    await put(await makeTestImage({ seed: 'new' }), `docker://${from.host}/team/app:3.0`);
    to.requests();
    from.requests();
    expect(await ladingCopy(cwd, argv)).toMatchObject({ code: 0, stdout: '' });
    const present = (request: string) => !request.includes('3.0') && request !== 'GET /v2/';
    const asked = to.requests().filter(present);
    expect(
      asked.filter((request) => request.startsWith('HEAD /v2/mirror/app/manifests/')).toSorted(),
    ).toEqual(
      ['1.0', '1.1', '2.0', '2.1-rc1', 'latest'].map((tag) => `HEAD /v2/mirror/app/manifests/${tag}`),
    );
    // All else is of the one image that is new.
    const { layers, config } = await makeTestImage({ seed: 'new' });
    const isOfNew = (request: string) =>
      request.includes('/uploads/') || [...layers, config].some(({ digest }) => request.includes(digest));
    expect(asked.filter((request) => !request.includes('/manifests/') && !isOfNew(request))).toEqual([]);
    expect(from.requests().filter((request) => request.includes('/blobs/'))).toHaveLength(layers.length + 1);
    expect(await tagsOf(to.host, 'mirror/app')).toContain('3.0');
  });

  it('takes versions that a file asks for, with the credentials in it', async () => {
    const expected = `Basic ${Buffer.from('me:secret').toString('base64')}`;
    const registry = await startRegistry({
      authorize: (request) =>
        request.headers.authorization === expected ? undefined : { challenge: 'Basic realm="registry"' },
    });
    later(() => registry.close());
    const [open, to, cwd] = [await startWatched(), await startWatched(), await makeFolder()];
    await fill(open.host);
    await writeFile(join(cwd, 'auth.json'), JSON.stringify({ auths: {} }));
    const login = ['--dest-creds', 'me:secret'];
    const images = [`${open.host}/team/app`, `${registry.host}/team`];
    await ladingCopy(cwd, ['sync', ...insecure, ...login, '-s', 'docker', '-d', 'docker', ...images]);
    await writeFile(
      join(cwd, 'sync.yml'),
      `${registry.host}:
  tls-verify: false
  credentials: { username: me, password: secret }
  images-by-semver: { team/app: ">= 1.1, < 3" }
`,
    );
    const argv = ['sync', '--dest-tls-verify=false', '-s', 'yaml', '-d', 'docker', 'sync.yml', to.host];
    const done = await ladingCopy(cwd, [...argv, '--append-suffix=-mirror']);
    expect(done).toMatchObject({ code: 0, stdout: '' });
    expect(done.stderr).not.toContain('secret');
    expect(await tagsOf(to.host, 'app')).toEqual(['1.1-mirror', '2.0-mirror']);
  });

  it('goes on after a failure with --keep-going, and fails at the end', async () => {
    const [from, to, cwd] = [await startWatched(), await startWatched(), await makeFolder()];
    await fill(from.host);
    const file = `${from.host}:
  tls-verify: false
  images:
    team/tools/db: [5, none, 6]
`;
    await writeFile(join(cwd, 'sync.yml'), file);
    const argv = ['sync', ...insecure, '-s', 'yaml', '-d', 'docker', 'sync.yml', to.host];
    const stopped = await ladingCopy(cwd, argv);
    expect(stopped.code).toBe(2);
    expect(stopped.stderr).toMatch(/Error: Error copying ref "docker:\/\/.*\/team\/tools\/db:none": .*\n$/);
    expect(await tagsOf(to.host, 'db')).toEqual(['5']);
    const went = await ladingCopy(cwd, [...argv, '--keep-going']);
    expect(went.code).toBe(1);
    expect(went.stderr).toMatch(
      /Error: Sync failed due to previous reported error\(s\) for one or more images\n$/,
    );
    expect(await tagsOf(to.host, 'db')).toEqual(['5', '6']);
  });
});

it('sync holds to --tls-details for the registries of a file too', async () => {
  const cwd = await makeFolder();
  const authority = makeCertificate({ subject: 'authority', authority: {}, purposes: [] });
  const certificate = makeCertificate({
    subject: 'registry',
    issuer: authority,
    hosts: ['localhost'],
    purposes: ['1.3.6.1.5.5.7.3.1'],
  });
  const key = certificate.privateKey.export({ format: 'pem', type: 'pkcs8' });
  const asked: string[] = [];
  const server = createServer({ cert: certificate.pem, key, maxVersion: 'TLSv1.2' }, ({ url }, response) => {
    asked.push(url ?? '');
    response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  later(async () => void server.close());
  const address = server.address();
  const host = `localhost:${typeof address === 'object' ? address?.port : ''}`;
  await mkdir(join(cwd, 'certs'));
  await writeFile(join(cwd, 'certs/ca.crt'), authority.pem);
  await writeFile(join(cwd, 'sync.yml'), `${host}: { cert-dir: certs, images: { team/app: [] } }`);
  await writeFile(join(cwd, 'tls.yml'), 'minVersion: "1.3"');
  const argv = ['sync', policy, '-s', 'yaml', '-d', 'dir', 'sync.yml', 'out'];
  await ladingCopy(cwd, argv);
  expect(asked).toContain('/v2/team/app/tags/list?n=1000');
  asked.splice(0);
  const { stderr } = await ladingCopy(cwd, ['--tls-details', 'tls.yml', ...argv]);
  expect(asked).toEqual([]);
  expect(stderr).toMatch(/protocol version/);
});

describe('sync refuses', () => {
  const cases: [readonly string[], RegExp][] = [
    [['a', 'b'], /^Error: A source transport must be specified\n$/],
    [['--src', 'docker', 'a', 'b'], /^Error: A destination transport must be specified\n$/],
    [['--src', 'oci', '--dest', 'dir', 'a', 'b'], /^Error: "oci" is not a valid source transport\n$/],
    [['--src', 'dir', '--dest', 'oci', 'a', 'b'], /^Error: "oci" is not a valid destination transport\n$/],
    [['--src', 'dir', '--dest', 'dir', 'a', 'b'], /^Error: sync from 'dir' to 'dir' not implemented/],
    [['--src', 'dir', '--dest', 'docker', 'none', 'b'], /^Error: Invalid source directory specified: /],
    [['--src', 'yaml', '--dest', 'docker', 'none', 'b'], /^Error: the file of what to sync cannot be read: /],
    [['--src', 'docker', '--dest', 'docker', 'a'], /^Error: Exactly two arguments expected\n$/],
  ];
  it.each(cases)('%j, as skopeo does', async (argv, message) => {
    const cwd = await makeFolder();
    const ours = await ladingCopy(cwd, ['sync', ...argv]);
    expect(ours).toMatchObject({ code: 1, stdout: '' });
    expect(ours.stderr).toMatch(message);
    // Debian's skopeo shows its usage instead of failing when there are too few words.
    if (argv.length > 5) expect((await tool(cwd, 'skopeo', ['sync', policy, ...argv])).code).toBe(1);
  });

  it('to write over a folder with another image, and leaves it', async () => {
    const [{ host }, cwd] = [await startWatched(), await makeFolder()];
    await fill(host);
    await put(await makeTestImage({ seed: 'other' }), `dir:${cwd}/out/app:1.0`);
    const before = await readFile(join(cwd, 'out/app:1.0/manifest.json'));
    const argv = ['sync', ...insecure, '-s', 'docker', '-d', 'dir', `${host}/team/app:1.0`, 'out'];
    const { code, stderr } = await ladingCopy(cwd, argv);
    expect(code).toBe(1);
    expect(stderr).toContain('Refusing to overwrite destination directory "out/app:1.0"');
    expect((await readFile(join(cwd, 'out/app:1.0/manifest.json'))).equals(before)).toBe(true);
    await rm(join(cwd, 'out/app:1.0'), { recursive: true });
    await mkdir(join(cwd, 'out/app:1.0/mine'), { recursive: true });
    expect(await ladingCopy(cwd, argv)).toMatchObject({ code: 1 });
    expect(await readdir(join(cwd, 'out/app:1.0'))).toEqual(['mine']);
  });

  it('what the policy rejects, also where the image is there already', async () => {
    const [from, to, cwd] = [await startWatched(), await startWatched(), await makeFolder()];
    await fill(from.host);
    const argv = ['sync', ...insecure, '-s', 'docker', '-d', 'docker', `${from.host}/team/app:1.0`, to.host];
    expect(await ladingCopy(cwd, argv)).toMatchObject({ code: 0 });
    await writeFile(join(cwd, 'policy.json'), '{"default": [{"type": "reject"}]}');
    const refused = await ladingCopy(cwd, ['--policy', 'policy.json', ...argv]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/Error copying ref .*policy/i);
  });
});
