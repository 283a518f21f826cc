// SPDX-License-Identifier: Apache-2.0
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, readlink, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyImage, openDestination } from '@lading/image-copy';
import {
  createMemorySource,
  makeTestImage,
  makeTestIndex,
  type TestImage,
} from '@lading/image-copy/conformance';
import { digestHex } from '@lading/image-spec';
import { startRegistry } from '@lading/registry';
import { createRegistryClient } from '@lading/registry-client';
import { temporaryPath } from '@lading/registry-client/layout';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeCertificate, type TestCertificate } from '../../../tools/test-support/certificates.ts';
import { startDockerRegistry } from '../../../tools/test-support/docker-registry.ts';
import { ladingCopy, later, makeFolder, type Outcome, self } from './world.ts';

let cwd: string;
let image: TestImage;
beforeEach(async () => {
  cwd = await makeFolder();
  image = await makeTestImage({ seed: 'new' });
  await put(image, 'oci:in:x');
});

/** Puts an image in memory, or an index and all its images, where a reference says. */
async function put(what: TestImage, reference: string, platform?: 'all'): Promise<void> {
  const destination = await openDestination(reference, { cwd, tlsVerify: false });
  try {
    await copyImage(createMemorySource(what), destination, { platform });
  } finally {
    await destination.close();
  }
}

/** Runs the program as a process of its own. */
async function program(argv: readonly string[]): Promise<Outcome> {
  const [node = '', ...words] = self;
  const env = { HOME: cwd, PATH: process.env.PATH, REGISTRY_AUTH_FILE: join(cwd, 'auth.json') };
  const child = spawn(node, [...words, ...argv], { cwd, env });
  later(async () => void child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

type Run = (argv: readonly string[]) => Promise<Outcome>;
const inThisProcess: Run = (argv) => ladingCopy(cwd, argv);

/** Everything below a path, so that two states can be compared. */
async function contentOf(path: string): Promise<Record<string, string>> {
  const content: Record<string, string> = {};
  const names = await readdir(path, { recursive: true, withFileTypes: true }).catch(async () => {
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes !== undefined) content['.'] = createHash('sha256').update(bytes).digest('hex');
    return [];
  });
  for (const entry of names) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) content[file] = await readlink(file);
    else if (entry.isFile()) {
      content[file] = createHash('sha256')
        .update(await readFile(file))
        .digest('hex');
    }
  }
  return content;
}

/** A copy that is to fail with one line on stderr. */
async function failing(run: Run, ...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(['--insecure-policy', 'copy', '-q', ...argv]);
  expect({ failed: code === 1 || code === 2, stdout, stderr }).toEqual({
    failed: true,
    stdout: '',
    stderr: expect.stringMatching(/^[^\n]+\n$/),
  });
  return stderr.trimEnd();
}

/** What is said of a side. */
const sides = { source: 'reading', destination: 'writing' } as const;

function says(side: keyof typeof sides, reference: string, message: RegExp): unknown {
  const shown = `${sides[side]} ${reference}`.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return expect.stringMatching(new RegExp(`${shown}.*${message.source}`));
}

describe('a reference that is none is told with its side', () => {
  const bad: readonly [reference: string, message: RegExp][] = [
    ['just-a-name', /write TRANSPORT:DETAILS, as in docker:\/\/HOST\/PATH$/],
    ['nosuch:x', /unknown transport "nosuch"; there are .*docker/],
    ['sif:x', /the transport sif is not supported$/],
    ['docker:x', /write docker:\/\/HOST\/PATH$/],
    ['docker://', /is not an image reference/],
    ['docker://example.com/UPPER', /lower case$/],
    ['docker://example.com/a@sha256:zz', /a digest is sha256: and 64 lower-case hex digits$/],
    ['oci:', /write oci:PATH or oci:PATH:REF$/],
    ['oci:a:@x', /a name in a layout is/],
    ['oci-archive:', /write oci-archive:PATH/],
    ['dir:', /write dir:PATH$/],
    ['docker-archive:', /write docker-archive:PATH/],
    ['docker-archive:a.tar:UPPER', /lower case$/],
    ['docker-daemon:', /is not an image reference/],
    [`docker-daemon:sha512:${'0'.repeat(128)}`, /IDs of images begin with sha256:$/],
    ['containers-storage:', /name an image$/],
    ['two\nlines', /invalid image name "two\\nlines"/],
  ];
  it.each(bad)('%j', async (reference, message) => {
    const shown = reference.replace('\n', '?');
    expect(await failing(inThisProcess, reference, 'dir:out')).toEqual(says('source', shown, message));
    expect(await failing(inThisProcess, 'oci:in:x', reference)).toEqual(says('destination', shown, message));
    expect((await readdir(cwd)).toSorted()).toEqual(['in']);
  });

  it('from the program too', async () => {
    const line = await failing(program, 'oci:in:x', 'nosuch:x');
    expect(line).toEqual(says('destination', 'nosuch:x', /there are .*docker-archive/));
    expect(await failing(program, 'tarball:', 'dir:out')).toEqual(says('source', 'tarball:', /PATH/));
    expect(await failing(program, 'oci:in:x', 'tarball:x')).toEqual(
      says('destination', 'tarball:x', /images are only read from tarball:, not written$/),
    );
  });
});

describe('a source that is not there is told with what to try', () => {
  const missing: readonly [reference: string, message: RegExp][] = [
    ['oci:none:x', /none\/index\.json\); check the path$/],
    ['oci:in:y', /no image y in the layout; there are x/],
    ['oci-archive:none.tar', /cannot be opened.*check the path$/],
    ['dir:none', /none\/manifest\.json\); check/],
    ['docker-archive:none.tar', /cannot be opened.*check the path$/],
    ['tarball:none.tar', /cannot be opened.*check the path$/],
    ['docker-daemon:example.com/a:1', /none\.sock does not answer .*; is it running\?$/],
    ['containers-storage:[overlay@CWD/graph+CWD/run]a:1', /no image docker\.io\/library\/a:1/],
  ];
  it.each(missing)('%s', async (reference, message) => {
    const text = reference.replaceAll('CWD', cwd);
    const line = await failing(inThisProcess, `--src-daemon-host=unix://${cwd}/none.sock`, text, 'oci:out:x');
    expect(line).toEqual(says('source', text, message));
    expect(await contentOf(join(cwd, 'out'))).toEqual({});
  });
});

describe('a host that is not reached is told with its side', () => {
  const hosts: readonly [host: string, message: RegExp][] = [
    ['127.0.0.1:1', /ECONNREFUSED.*; nothing listens there: check the host and the port$/],
    ['registry.invalid', /ENOTFOUND registry\.invalid; check the name of the host$/],
  ];
  it.each(hosts)('%s', async (host, message) => {
    const reference = `docker://${host}/team/app:1`;
    const run = host.startsWith('127') ? program : inThisProcess;
    expect(await failing(run, reference, 'dir:out')).toEqual(says('source', reference, message));
    expect(await failing(run, 'oci:in:x', reference)).toEqual(says('destination', reference, message));
    expect(await contentOf(join(cwd, 'out'))).toEqual({});
  });

  it('without TLS', async () => {
    await using registry = await startRegistry();
    const reference = `docker://${registry.host}/team/app:1`;
    const message = /does not speak TLS; allow plain HTTP/;
    expect(await failing(inThisProcess, reference, 'dir:out')).toEqual(says('source', reference, message));
    expect(await failing(inThisProcess, 'oci:in:x', reference)).toEqual(
      says('destination', reference, message),
    );
  });
});

describe('a certificate that is not to be trusted is told with its side', () => {
  const now = Date.now();
  const authority = makeCertificate({ subject: 'authority', authority: {} });
  const serverPurpose = ['1.3.6.1.5.5.7.3.1'];
  const cases: readonly [name: string, certificate: TestCertificate, message: RegExp][] = [
    [
      'one that has expired',
      makeCertificate({
        subject: 'registry',
        issuer: authority,
        hosts: ['127.0.0.1'],
        purposes: serverPurpose,
        notBefore: new Date(now - 9e8),
        notAfter: new Date(now - 1e6),
      }),
      /the server's certificate has expired; have it renewed$/,
    ],
    [
      'one of nobody',
      makeCertificate({ subject: 'registry', hosts: ['127.0.0.1'], purposes: serverPurpose }),
      /the server's certificate is not trusted \(\w+\); add its authority$/,
    ],
  ];
  it.each(cases)('%s', async (_name, certificate, message) => {
    await mkdir(join(cwd, 'certs'));
    await writeFile(join(cwd, 'certs/ca.crt'), authority.pem);
    const key = certificate.privateKey.export({ format: 'pem', type: 'pkcs8' });
    await using registry = await startRegistry({ tls: { cert: certificate.pem, key: key.toString() } });
    const reference = `docker://${registry.host}/team/app:1`;
    expect(await failing(program, '--src-cert-dir=certs', reference, 'dir:out')).toEqual(
      says('source', reference, message),
    );
    expect(await failing(program, '--dest-cert-dir=certs', 'oci:in:x', reference)).toEqual(
      says('destination', reference, message),
    );
    expect(await contentOf(join(cwd, 'out'))).toEqual({});
  });
});

it('wrong credentials are told with their side, and are not shown', async () => {
  const user = { username: 'anna', password: 'geheim' };
  await using registry = await startDockerRegistry({ user });
  const reference = `docker://${registry.host}/team/app:1`;
  const wrong = 'anna:not-geheim';
  for (const [argv, side] of [
    [['--src-tls-verify=false', `--src-creds=${wrong}`, reference, 'dir:out'], 'source'],
    [['--src-tls-verify=false', reference, 'dir:out'], 'source'],
    [['--dest-tls-verify=false', `--dest-creds=${wrong}`, 'oci:in:x', reference], 'destination'],
    [['--dest-tls-verify=false', '--dest-no-creds', 'oci:in:x', reference], 'destination'],
  ] as const) {
    const line = await failing(program, ...argv);
    expect(line).toEqual(says(side, reference, /answered 401.*; log in, or check the credentials$/));
    expect(line).not.toContain('geheim');
  }
  expect(await contentOf(join(cwd, 'out'))).toEqual({});
});

/** Places that keep an image `old` when a copy of another fails. */
const destinations = [
  'oci:out:x',
  'dir:out',
  'oci-archive:out.tar:x',
  'docker-archive:out.tar:app:1',
  'docker://HOST/team/app:1',
  'containers-storage:[overlay@CWD/graph+CWD/run]example.com/app:1',
] as const;

/** The digest of the image that a place has, or undefined. */
async function imageIn(reference: string): Promise<string | undefined> {
  const { code, stdout } = await ladingCopy(cwd, ['inspect', '--tls-verify=false', '--raw', reference]);
  return code === 0 ? createHash('sha256').update(stdout).digest('hex') : undefined;
}

/** Tries a copy that is to fail into each place, with an image in it and without one, and finds it as it was. */
async function leavesEachPlace(source: string, message: RegExp, ...flags: readonly string[]): Promise<void> {
  const old = await makeTestImage({ seed: 'old' });
  await using registry = await startRegistry();
  for (const place of destinations) {
    const reference = place.replace('HOST', registry.host).replaceAll('CWD', cwd);
    // An archive of docker save that is there is refused before anything else.
    const isRefused = place.startsWith('docker-archive');
    for (const isThere of isRefused ? [false] : [false, true]) {
      if (isThere) await put(old, reference);
      const before = await imageIn(reference);
      expect(before !== undefined).toBe(isThere);
      const line = await failing(inThisProcess, ...flags, '--dest-tls-verify=false', source, reference);
      expect([place, line]).toEqual([place, says('source', source, message)]);
      expect([place, await imageIn(reference)]).toEqual([place, before]);
    }
    for (const path of ['out', 'out.tar']) await rm(join(cwd, path), { recursive: true, force: true });
    expect((await readdir(cwd)).filter((name) => name.startsWith('.lading-'))).toEqual([]);
  }
}

/** The image without its upper layer, as each transport keeps it. */
const upper = (): string => digestHex(image.layers[1]?.digest ?? image.config.digest);

describe('a source with a layer missing leaves every place as it was', { timeout: 120_000 }, () => {
  const anew = /not there|has no|no blob/;
  it('dir:', async () => {
    await put(image, 'dir:broken');
    await rm(join(cwd, 'broken', upper()));
    await leavesEachPlace(
      'dir:broken',
      /is not there .*; the source is not complete: fetch or make it anew$/,
    );
  });

  it('oci:', async () => {
    await rm(join(cwd, 'in/blobs/sha256', upper()));
    await leavesEachPlace('oci:in:x', anew);
  });

  it.each(['oci-archive', 'docker-archive'])('%s:', async (kind) => {
    const { execFileSync } = await import('node:child_process');
    await put(image, `${kind}:whole.tar`);
    await mkdir(join(cwd, 'unpacked'));
    execFileSync('tar', ['-xf', join(cwd, 'whole.tar'), '-C', join(cwd, 'unpacked')]);
    const names = await readdir(join(cwd, 'unpacked'), { recursive: true });
    const name =
      kind === 'oci-archive' ? upper() : `${digestHex(image.diffIds[1] ?? image.config.digest)}.tar`;
    const file = names.find((path) => path.endsWith(name));
    await rm(join(cwd, 'unpacked', file ?? 'no layer'));
    execFileSync('tar', ['-cf', join(cwd, 'in.tar'), '-C', join(cwd, 'unpacked'), '.']);
    await leavesEachPlace(
      `${kind}:in.tar`,
      /the archive has no .*; the source is not complete: fetch or make it anew$/,
    );
  });

  it('docker:', async () => {
    await using registry = await startRegistry();
    await put(image, `docker://${registry.host}/broken/app:1`);
    await using client = createRegistryClient({ tlsVerify: false });
    const { blobs } = client.repository(`${registry.host}/broken/app`);
    await blobs.delete(image.layers[1]?.digest ?? image.config.digest);
    await leavesEachPlace(
      `docker://${registry.host}/broken/app:1`,
      /404.*; the source is not complete: fetch or make it anew$/,
      '--src-tls-verify=false',
    );
  });
});

describe('a manifest that lies about the size of a layer leaves every place as it was', {
  timeout: 120_000,
}, () => {
  /** The manifest with a layer that is a byte longer or shorter than it is. */
  function lyingManifest(more: number): { bytes: Buffer; digest: string } {
    const manifest = JSON.parse(Buffer.from(image.top.bytes).toString());
    manifest.layers[1].size += more;
    const bytes = Buffer.from(JSON.stringify(manifest));
    return { bytes, digest: createHash('sha256').update(bytes).digest('hex') };
  }
  const damaged = /; the source is damaged: fetch or make it anew$/;

  it.each([1, -1])('dir: (%i)', async (more) => {
    await put(image, 'dir:lie');
    await writeFile(join(cwd, 'lie/manifest.json'), lyingManifest(more).bytes);
    await leavesEachPlace('dir:lie', damaged);
  });

  it.each(['oci', 'oci-archive'])('%s:', async (kind) => {
    const { bytes, digest } = lyingManifest(1);
    await writeFile(join(cwd, 'in/blobs/sha256', digest), bytes);
    const path = join(cwd, 'in/index.json');
    const index = JSON.parse(await readFile(path, 'utf8'));
    Object.assign(index.manifests[0], { digest: `sha256:${digest}`, size: bytes.length });
    await writeFile(path, JSON.stringify(index));
    if (kind === 'oci-archive') {
      const { execFileSync } = await import('node:child_process');
      execFileSync('tar', ['-cf', join(cwd, 'in.tar'), '-C', join(cwd, 'in'), '.']);
    }
    await leavesEachPlace(kind === 'oci' ? 'oci:in:x' : 'oci-archive:in.tar:x', damaged);
  });

  it.each([1, -1])('docker: (%i)', async (more) => {
    await using registry = await startRegistry();
    await put(image, `docker://${registry.host}/lie/app:good`);
    await using client = createRegistryClient({ tlsVerify: false });
    const { manifests } = client.repository(`${registry.host}/lie/app`);
    await manifests.push(lyingManifest(more).bytes, { mediaType: image.top.mediaType, tag: '1' });
    const source = `docker://${registry.host}/lie/app:1`;
    await leavesEachPlace(source, damaged, '--src-tls-verify=false');
    // Where the layer is not read at all: it is there, or comes from a neighbour.
    for (const to of ['lie/app:copy', 'other/app:copy']) {
      const reference = `docker://${registry.host}/${to}`;
      const both = ['--src-tls-verify=false', '--dest-tls-verify=false'];
      const line = await failing(inThisProcess, ...both, source, reference);
      expect(line).toEqual(says('source', source, damaged));
      expect(await imageIn(reference)).toBeUndefined();
    }
  });

  it('docker-archive:, whose archive ends too early', async () => {
    await put(image, 'docker-archive:in.tar');
    await truncate(join(cwd, 'in.tar'), 700);
    await leavesEachPlace('docker-archive:in.tar', /./);
  });
});

describe('an index without the platform is told with what there is', () => {
  it.each(['oci:index:x', 'dir:index', 'oci-archive:index.tar:x', 'docker://HOST/index:x'])(
    '%s',
    async (place) => {
      await using registry = await startRegistry();
      const platforms = [
        { os: 'linux', architecture: 's390x' },
        { os: 'linux', architecture: 'arm', variant: 'v7' },
      ];
      const images = platforms.map(async (platform) => ({
        image: await makeTestImage({ seed: platform.architecture, platform }),
        platform,
      }));
      const index = await makeTestIndex(await Promise.all(images));
      const reference = place.replace('HOST', registry.host);
      await put(index, reference, 'all');
      const line = await failing(
        inThisProcess,
        '--src-tls-verify=false',
        ...['--override-os=linux', '--override-arch=riscv64', reference, 'oci:out:x'],
      );
      expect(line).toEqual(
        says(
          'source',
          reference,
          /no image for linux\/riscv64 in the index; there are linux\/s390x, linux\/arm\/v7$/,
        ),
      );
      expect(await contentOf(join(cwd, 'out'))).toEqual({});
    },
  );
});

describe('a destination that something else is in', () => {
  const refused: readonly [reference: string, message: RegExp][] = [
    ['oci:file:x', /a file is where a folder has to be: name another place$/],
    ['oci:file/below:x', /a file is where a folder has to be: name another place$/],
    ['oci:cut:x', /index/],
    ['dir:file', /a file is where a folder has to be: name another place$/],
    ['dir:full', /not written by dir:, name another folder$/],
    ['dir:later', /not written by dir:, name another folder$/],
    ['oci-archive:full', /full is a folder: name a file$/],
    ['oci-archive:none/out.tar', /none is not there; make it, or name another/],
    ['docker-archive:file', /remove .*file, or name another file$/],
    ['docker-archive:full', /full is a folder: name a file$/],
    ['docker-archive:none/out.tar', /none is not there; make it, or name another/],
    ['docker-archive:file/out.tar', /file.*name another/],
    ['containers-storage:[overlay@CWD/file+CWD/run]a:1', /a file is where a folder has to be/],
  ];
  it.each(refused)('is refused and stays as it is: %s', async (reference, message) => {
    await writeFile(join(cwd, 'file'), 'precious');
    await mkdir(join(cwd, 'full'));
    await writeFile(join(cwd, 'full/file'), 'precious');
    await mkdir(join(cwd, 'cut'));
    await writeFile(join(cwd, 'cut/oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    await writeFile(join(cwd, 'cut/index.json'), '{"schemaVersion":2,"mani');
    await mkdir(join(cwd, 'later'));
    await writeFile(join(cwd, 'later/version'), 'Directory Transport Version: 9.9\n');
    const text = reference.replaceAll('CWD', cwd);
    const before = await contentOf(cwd);
    const line = await failing(reference === 'dir:full' ? program : inThisProcess, 'oci:in:x', text);
    expect(line).toEqual(says('destination', text, message));
    const after = await contentOf(cwd);
    for (const name of Object.keys(after))
      if (/\/(?:cut\/blobs|run|\.cache)\//.test(name)) delete after[name];
    expect(after).toEqual(before);
  });

  /** What a process has begun that has ended by now. */
  const leftIn = (folder: string): string => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    return temporaryPath(folder).replace(`-${process.pid}-`, `-${pid}-`);
  };
  const completed: readonly [name: string, reference: string, half: (folder: string) => Promise<void>][] = [
    ['a layout that has only blobs', 'oci:half:x', (folder) => rm(join(folder, 'index.json'))],
    ['a layout without its oci-layout', 'oci:half:x', (folder) => rm(join(folder, 'oci-layout'))],
    [
      'a layout with half of a blob',
      'oci:half:x',
      async (folder) => {
        await rm(join(folder, 'index.json'));
        await truncate(join(folder, 'blobs/sha256', upper()), 10);
      },
    ],
    ['a folder without its manifest', 'dir:half', (folder) => rm(join(folder, 'manifest.json'))],
    [
      'a folder with half of a blob, and the rest of a process that was killed',
      'dir:half',
      async (folder) => {
        await truncate(join(folder, upper()), 10);
        await writeFile(leftIn(folder), 'half');
      },
    ],
    [
      'a folder that a killed process has just begun',
      'dir:half',
      async (folder) => {
        await rm(folder, { recursive: true });
        await mkdir(folder);
        await writeFile(leftIn(folder), 'half');
      },
    ],
  ];
  it.each(completed)('is completed: %s', async (_name, reference, half) => {
    await put(image, reference);
    await half(join(cwd, 'half'));
    const { code, stderr } = await program(['--insecure-policy', 'copy', '-q', 'oci:in:x', reference]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await imageIn(reference)).toBe(digestHex(image.top.digest));
    const names = await readdir(join(cwd, 'half'), { recursive: true });
    expect(names.filter((name) => name.includes('.lading-'))).toEqual([]);
    const { code: whole } = await ladingCopy(cwd, [
      '--insecure-policy',
      'copy',
      '-q',
      reference,
      'oci:whole:x',
    ]);
    expect(whole).toBe(0);
  });
});
