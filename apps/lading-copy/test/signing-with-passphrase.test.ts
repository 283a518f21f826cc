// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTestImage } from '@lading/image-copy/conformance';
import { startRegistry } from '@lading/registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeGpg, type TestGpg } from '../../../tools/test-support/gpg.ts';
import { ladingCopy, put, tool } from './world.ts';

type Who = 'ours' | 'theirs';
const both = ['ours', 'theirs'] as const;

let cwd: string;
let host: string;
let gpg: TestGpg;
let fingerprint: string;
const open = new AsyncDisposableStack();

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'lading-sync-'));
  open.defer(() => rm(cwd, { recursive: true, force: true }));
  const registry = await startRegistry();
  open.defer(() => registry.close());
  host = registry.host;
  gpg = await makeGpg(cwd);
  open.defer(() => gpg.stop());
  await chmod(join(cwd, 'gnupg'), 0o700);
  fingerprint = await gpg.makeKey('alice', 'hidden-words');
  for (const [tag, seed] of [
    ['1', 'one'],
    ['2', 'two'],
  ] as const)
    await put(await makeTestImage({ seed }), `docker://${host}/team/app:${tag}`);
  await writeFile(join(cwd, 'pass'), 'hidden-words\n');
  await writeFile(join(cwd, 'wrong'), 'hidden-guess\n');
  const made = await ladingCopy(cwd, [
    'generate-sigstore-key',
    '--output-prefix',
    'key',
    '--passphrase-file',
    'pass',
  ]);
  expect(made.code).toBe(0);
  await mkdir(join(cwd, 'registries.d'));
  await writeFile(
    join(cwd, 'registries.d/all.yaml'),
    `default-docker: { lookaside: "file://${cwd}/lookaside", use-sigstore-attachments: true }\n`,
  );
  const requirements = {
    gpg: { type: 'signedBy', keyType: 'GPGKeys', keyPath: gpg.publicKeyFile('alice') },
    sigstore: { type: 'sigstoreSigned', keyPath: join(cwd, 'key.pub') },
  };
  for (const [kind, requirement] of Object.entries(requirements)) {
    await writePolicy({ ...requirement, signedIdentity: { type: 'matchRepository' } }, `${kind}.json`);
    // The signature of a copy names the place that it was made for.
    for (const who of both)
      await writePolicy(
        {
          ...requirement,
          signedIdentity: { type: 'exactRepository', dockerRepository: `${host}/${kind}-${who}-signed/app` },
        },
        `${kind}-${who}.json`,
      );
  }
}, 60_000);
afterAll(() => open.disposeAsync());

async function writePolicy(requirement: object, file: string): Promise<void> {
  await writeFile(join(cwd, file), JSON.stringify({ default: [requirement] }));
}

const run = (who: Who, ...argv: readonly string[]) =>
  who === 'ours' ? ladingCopy(cwd, argv) : tool(cwd, 'skopeo', argv);

/** Synchronizes a repository to another one by one of the programs. */
const sync = (who: Who, flags: string, from: string, to: string) =>
  run(
    who,
    ...['--insecure-policy', '--registries.d', 'registries.d', 'sync', '--src', 'docker', '--dest', 'docker'],
    ...['--src-tls-verify=false', '--dest-tls-verify=false'],
    ...flags.split(' ').map((word) => word.replace('FINGERPRINT', fingerprint)),
    ...[`${host}/${from}`, `${host}/${to}`],
  );

/** The tags of an image that a program takes by a policy. */
async function taken(who: Who, policy: string, image: string): Promise<readonly string[]> {
  const tags: string[] = [];
  for (const tag of ['1', '2']) {
    const { code } = await run(
      who,
      ...['--policy', policy, '--registries.d', 'registries.d', 'copy', '-q', '--src-tls-verify=false'],
      ...['--remove-signatures', `docker://${host}/${image}:${tag}`, `dir:${randomUUID()}`],
    );
    if (code === 0) tags.push(tag);
  }
  return tags;
}

/** The signature files of an image beside the registry, without what tells one repository from another. */
async function lookaside(image: string): Promise<readonly string[]> {
  const names = await readdir(join(cwd, 'lookaside'), { recursive: true }).catch(() => []);
  return names
    .filter((name) => name.startsWith(image))
    .map((name) => name.replace(image, ''))
    .toSorted();
}

describe('sync beside skopeo', { timeout: 120_000 }, () => {
  it.each<[string, string, readonly Who[], readonly string[]]>([
    ['--sign-by FINGERPRINT --sign-passphrase-file pass', 'gpg', both, []],
    // Debian has taken sigstore out of its skopeo. Attachments have tags of their own, which are images to sync.
    [
      '--sign-by-sigstore-private-key key.private --sign-passphrase-file pass',
      'sigstore',
      ['ours'],
      ['1', '2'],
    ],
  ])('with %s signs every image, and copies what is signed', async (flags, kind, programs, left) => {
    const files: (readonly string[])[] = [];
    for (const who of programs) {
      const [signed, copied, bare] = [
        `${kind}-${who}-signed`,
        `${kind}-${who}-copied`,
        `${kind}-${who}-bare`,
      ];
      expect((await sync(who, flags, 'team/app', signed)).code).toBe(0);
      expect((await sync(who, '--all', `${signed}/app`, copied)).code).toBe(0);
      expect((await sync(who, '--remove-signatures', `${signed}/app`, bare)).code).toBe(0);
      for (const verifier of programs)
        expect(await taken(verifier, `${kind}.json`, `${signed}/app`)).toEqual(['1', '2']);
      expect(await taken('ours', `${kind}-${who}.json`, `${copied}/app`)).toEqual(['1', '2']);
      expect(await taken('ours', `${kind}-${who}.json`, `${bare}/app`)).toEqual(left);
      files.push(await lookaside(`${signed}/app`));
    }
    const ofGpg = files[0]?.filter((name) => name.endsWith('/signature-1'));
    expect(ofGpg).toHaveLength(kind === 'gpg' ? 2 : 0);
    for (const one of files) expect(one).toEqual(files[0]);
  });

  it.each([
    ['a passphrase that is wrong', '--sign-by-sigstore-private-key key.private --sign-passphrase-file wrong'],
    ['a key of gpg and a wrong passphrase', '--sign-by FINGERPRINT --sign-passphrase-file wrong'],
    ['no passphrase file', '--sign-by FINGERPRINT --sign-passphrase-file none'],
    ['no such key', '--sign-by ABCDEF'],
    ['no such private key', '--sign-by-sigstore-private-key none --sign-passphrase-file pass'],
    ['a private key that is none', '--sign-by-sigstore-private-key pass --sign-passphrase-file pass'],
    [
      'two keys for one passphrase',
      '--sign-by FINGERPRINT --sign-by-sigstore-private-key key.private --sign-passphrase-file pass',
    ],
  ])('with %s fails, and leaves no image', async (_what, flags) => {
    // Agents of gpg remember a passphrase that was right.
    await gpg.stop();
    for (const who of both) {
      const to = `refused-${randomUUID()}`;
      const { code, stderr } = await sync(who, flags, 'team/app', to);
      expect([code, stderr]).toEqual([1, expect.not.stringMatching(/hidden/)]);
      if (who === 'theirs') continue; // it leaves the image without a signature
      const answer = await fetch(`http://${host}/v2/${to}/app/manifests/1`, { method: 'HEAD' });
      expect(answer.status).toBe(404);
    }
  });

  it('has no name to sign in a folder', async () => {
    for (const who of both) {
      const flags = ['--sign-by', fingerprint, '--sign-passphrase-file', 'pass'];
      const { code } = await run(
        who,
        ...[
          '--insecure-policy',
          'sync',
          '--src',
          'docker',
          '--dest',
          'dir',
          '--src-tls-verify=false',
          ...flags,
        ],
        ...[`${host}/team/app:1`, `folder-${who}`],
      );
      expect(code).toBe(1);
    }
  });
});

it('standalone-sign takes a passphrase from a file, as in skopeo', { timeout: 60_000 }, async () => {
  await put(await makeTestImage({ seed: 'alone' }), `dir:${cwd}/alone`);
  const manifest = 'alone/manifest.json';
  for (const [signer, verifier] of [both, both.toReversed()]) {
    if (signer === undefined || verifier === undefined) throw new Error('there are two programs');
    const sign = async (file: string) => {
      // Agents of gpg remember a passphrase that was right.
      await gpg.stop();
      const argv = ['standalone-sign', manifest, 'a.net/app:1', fingerprint, '--passphrase-file', file];
      return (await run(signer, ...argv, '-o', `${signer}.${file}`)).code;
    };
    expect([await sign('pass'), await sign('wrong'), await sign('none')]).toEqual([0, 1, 1]);
    const verify = ['standalone-verify', manifest, 'a.net/app:1', fingerprint];
    expect((await run(verifier, ...verify, `${signer}.pass`)).code).toBe(0);
    const left = await readdir(cwd);
    expect(left.filter((name) => name === `${signer}.wrong` || name === `${signer}.none`)).toEqual([]);
  }
});
