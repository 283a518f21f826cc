// SPDX-License-Identifier: Apache-2.0
import { chmod, cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTestImage } from '@lading/image-copy/conformance';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeGpg, stopGpg } from '../../../tools/test-support/gpg.ts';
import {
  makeFulcio,
  makeRekor,
  oidcIssuer,
  startService,
  tokenOf,
} from '../../../tools/test-support/sigstore-services.ts';
import { ladingCopy, later, makeFolder, type Outcome, put, tool } from './world.ts';

const name = 'a.net/team/app:1';
let template: string;
let cwd: string;
let fingerprint: string;

/** Keys take a while to be made: each test gets a copy of them. */
beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), 'lading-signing-'));
  const gpg = await makeGpg(template);
  fingerprint = await gpg.makeKey('alice');
  await gpg.makeKey('bob');
  await gpg.stop();
  await put(await makeTestImage({ seed: 'signing' }), `dir:${template}/image`);
  await put(await makeTestImage({ seed: 'another' }), `dir:${template}/another`);
});
afterAll(() => rm(template, { recursive: true, force: true }));
beforeEach(async () => {
  cwd = await makeFolder();
  await cp(template, cwd, { recursive: true });
  await chmod(join(cwd, 'gnupg'), 0o700);
  later(() => stopGpg(join(cwd, 'gnupg')));
});

const skopeo = (...argv: string[]): Promise<Outcome> => tool(cwd, 'skopeo', argv);
const ours = (...argv: string[]): Promise<Outcome> => ladingCopy(cwd, argv);
const words = (text: string): string[] =>
  text.split(' ').map((word) => word.replace('FINGERPRINT', fingerprint).replace('NAME', name));

describe('standalone-sign and standalone-verify', () => {
  it.each([
    ['theirs', 'ours'],
    ['ours', 'theirs'],
    ['ours', 'ours'],
  ])('what %s signed is verified by %s', async (signer, verifier) => {
    const [sign, verify] = [signer, verifier].map((who) => (who === 'ours' ? ours : skopeo));
    const signed = await sign?.(...words('standalone-sign image/manifest.json NAME FINGERPRINT -o sig'));
    expect(signed).toEqual({ code: 0, stdout: '', stderr: '' });
    const found = await verify?.(...words('standalone-verify image/manifest.json NAME FINGERPRINT sig'));
    expect(found?.stdout).toMatch(/^Signature verified.*, digest sha256:[0-9a-f]{64}\n$/);
  });

  it('verify with keys of a file, all of them or those that are named', async () => {
    await ours(...words('standalone-sign image/manifest.json NAME FINGERPRINT --output sig'));
    const verify = (keys: string, file: string) =>
      ours(...words(`standalone-verify image/manifest.json NAME ${keys} sig --public-key-file ${file}`));
    const verified = `Signature verified using fingerprint ${fingerprint}, digest `;
    expect((await verify('any', 'alice.gpg')).stdout).toContain(verified);
    expect((await verify(`AB,${fingerprint}`, 'alice.gpg')).stdout).toContain(verified);
    expect(await verify('any', 'bob.gpg')).toMatchObject({ code: 1, stdout: '' });
    expect(await verify('AB', 'alice.gpg')).toMatchObject({ code: 1, stdout: '' });
  });

  it.each<[string, string]>([
    ['no words', 'standalone-sign'],
    ['no file to write to', 'standalone-sign image/manifest.json NAME FINGERPRINT'],
    ['a word too many', 'standalone-sign image/manifest.json NAME FINGERPRINT more -o x'],
    ['no manifest', 'standalone-sign none.json NAME FINGERPRINT -o x'],
    ['a key that is not there', 'standalone-sign image/manifest.json NAME ABCDEF -o x'],
    ['no words to verify', 'standalone-verify'],
    ['a manifest that is another', 'standalone-verify another/manifest.json NAME FINGERPRINT sig'],
    ['a name that is another', 'standalone-verify image/manifest.json a.net/team/app:2 FINGERPRINT sig'],
    ['a name that is none', 'standalone-verify image/manifest.json UP:CASE FINGERPRINT sig'],
    ['another key', 'standalone-verify image/manifest.json NAME ABCDEF sig'],
    ['no signature', 'standalone-verify image/manifest.json NAME FINGERPRINT none'],
    ['junk for a signature', 'standalone-verify image/manifest.json NAME FINGERPRINT alice.gpg'],
    ['any key and no file of keys', 'standalone-verify image/manifest.json NAME any sig'],
    ['no words to dump', 'untrusted-signature-dump-without-verification'],
    ['junk to dump', 'untrusted-signature-dump-without-verification image/manifest.json'],
    ['nothing to dump', 'untrusted-signature-dump-without-verification none'],
  ])('%s: fail as in skopeo', async (_, line) => {
    await skopeo(...words('standalone-sign image/manifest.json NAME FINGERPRINT -o sig'));
    const [theirs, found] = [await skopeo(...words(line)), await ours(...words(line))];
    expect({ code: found.code, stdout: found.stdout }).toEqual({ code: theirs.code, stdout: theirs.stdout });
    expect(found.stderr).toMatch(/^Error: .+\n/);
    expect(found.stderr).not.toMatch(/internal/i);
  });

  it('a signature is dumped as skopeo dumps it', async () => {
    await skopeo(...words('standalone-sign image/manifest.json NAME FINGERPRINT -o theirs'));
    await ours(...words('standalone-sign image/manifest.json NAME FINGERPRINT -o ours'));
    for (const file of ['theirs', 'ours']) {
      const argv = ['untrusted-signature-dump-without-verification', file];
      expect(await ours(...argv)).toEqual(await skopeo(...argv));
    }
  });
});

describe('an image that is made', () => {
  it.each([
    ['mutate', ['-l', 'a=b', 'dir:image', 'dir:out']],
    ['flatten', ['dir:image', 'dir:out']],
    ['append', ['dir:image', 'dir:out', 'etc']],
  ] as const)('by %s is signed', async (command, argv) => {
    await mkdir(join(cwd, 'etc'));
    if (command === 'flatten') await ours('append', '--insecure-policy', 'scratch', 'dir:image', 'etc');
    const flags = ['--insecure-policy', ...words('--sign-by FINGERPRINT --sign-identity NAME')];
    expect(await ours(command, ...flags, ...argv)).toMatchObject({ code: 0 });
    const verified = await skopeo(
      ...words('standalone-verify out/manifest.json NAME FINGERPRINT out/signature-1'),
    );
    expect(verified).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('copy', () => {
  it.each<[string, string, string]>([
    ['signs with gpg', '--sign-by FINGERPRINT --sign-identity NAME', 'dir:image dir:OUT'],
    ['a name without a tag is refused', '--sign-by FINGERPRINT --sign-identity a.net/b', 'dir:image dir:OUT'],
    ['a short name is refused', '--sign-by FINGERPRINT --sign-identity b:1', 'dir:image dir:OUT'],
    ['a folder without a name is refused', '--sign-by FINGERPRINT', 'dir:image dir:OUT'],
    ['an unknown key is refused', '--sign-by ABCDEF --sign-identity NAME', 'dir:image dir:OUT'],
    ['a signed image is copied', '', 'dir:signed dir:OUT'],
    ['a signed image goes without', '--remove-signatures', 'dir:signed dir:OUT'],
    ['a signed image is refused by a layout', '', 'dir:signed oci:OUT'],
    ['a signed image goes into a layout without', '--remove-signatures', 'dir:signed oci:OUT'],
    ['a signed image is refused by an archive', '', 'dir:signed docker-archive:OUT:a:1'],
    ['signatures are added', '--sign-by FINGERPRINT --sign-identity NAME', 'dir:signed dir:OUT'],
  ])('%s, as in skopeo', async (_, flags, places) => {
    await skopeo(
      '--insecure-policy',
      'copy',
      ...words('--sign-by FINGERPRINT --sign-identity NAME dir:image dir:signed'),
    );
    const run = async (program: typeof ours, out: string) => {
      const argv = words(`copy -q ${flags} ${places}`.replace(/ +/g, ' ').replace('OUT', out));
      const { code } = await program('--insecure-policy', ...argv);
      const signatures = [1, 2, 3].map((number) => stat(join(cwd, out, `signature-${number}`)));
      return { code, signatures: (await Promise.allSettled(signatures)).map(({ status }) => status) };
    };
    expect(await run(ours, 'ours')).toEqual(await run(skopeo, 'theirs'));
  });

  it('with a sigstore key signs what a policy asks for, and a passphrase file opens the key', async () => {
    await writeFile(join(cwd, 'pass'), 'secret\nmore\n');
    const made = await ours('generate-sigstore-key', '--output-prefix', 'key', '--passphrase-file', 'pass');
    expect(made).toEqual({ code: 0, stdout: 'Key written to "key.private" and "key.pub"\n', stderr: '' });
    expect((await stat(join(cwd, 'key.private'))).mode & 0o777).toBe(0o600);
    await writeFile(
      join(cwd, 'params.yaml'),
      `privateKeyFile: ${cwd}/key.private\nprivateKeyPassphraseFile: ${cwd}/pass\n`,
    );
    await mkdir(join(cwd, '.config/containers'), { recursive: true });
    await writeFile(
      join(cwd, '.config/containers/policy.json'),
      JSON.stringify({
        default: [
          {
            type: 'sigstoreSigned',
            keyPath: join(cwd, 'key.pub'),
            signedIdentity: { type: 'exactReference', dockerReference: name },
          },
        ],
      }),
    );
    const ways = [
      ['--sign-by-sigstore-private-key', 'key.private', '--sign-passphrase-file', 'pass'],
      ['--sign-by-sigstore', 'params.yaml'],
    ];
    for (const [i, flags] of ways.entries()) {
      const to = `dir:signed-${i}`;
      const argv = ['copy', '-q', ...flags, '--sign-identity', name, 'dir:image', to];
      expect(await ours('--insecure-policy', ...argv)).toMatchObject({ code: 0, stderr: '' });
      expect(await ours('copy', '-q', '--remove-signatures', to, `dir:out-${i}`)).toMatchObject({ code: 0 });
    }
    expect((await ours('copy', '-q', 'dir:image', 'dir:no')).stderr).toMatch(/a signature is required/);
  });

  /** Fulcio, Rekor and a policy that trusts them; `parameters` is the file for `--sign-by-sigstore`. */
  async function startSigstore(oidc: readonly string[], token: string) {
    const email = 'me@example.com';
    const [fulcio, rekor] = [makeFulcio({ token, email }), makeRekor()];
    const [certifier, log] = await Promise.all([startService(fulcio.handler), startService(rekor.handler)]);
    later(async () => certifier[Symbol.asyncDispose]());
    later(async () => log[Symbol.asyncDispose]());
    const lines = [
      `rekorURL: ${log.url}`,
      'fulcio:',
      `  fulcioURL: ${certifier.url}`,
      ...oidc.map((l) => `  ${l}`),
    ];
    await writeFile(join(cwd, 'params.yaml'), `${lines.join('\n')}\n`);
    const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');
    const requirement = {
      type: 'sigstoreSigned',
      fulcio: { caData: base64(fulcio.root.pem), oidcIssuer, subjectEmail: email },
      rekorPublicKeyData: base64(rekor.log.publicKey.export({ type: 'spki', format: 'pem' })),
      signedIdentity: { type: 'exactReference', dockerReference: name },
    };
    await mkdir(join(cwd, '.config/containers'), { recursive: true });
    await writeFile(join(cwd, '.config/containers/policy.json'), JSON.stringify({ default: [requirement] }));
    return { certifier, log };
  }
  const sign = [
    'copy',
    '--sign-by-sigstore',
    'params.yaml',
    '--sign-identity',
    name,
    'dir:image',
    'dir:signed',
  ];

  it('with a token signs by a certificate of Fulcio, which Rekor records', async () => {
    const token = tokenOf('me@example.com');
    const { log } = await startSigstore(['oidcMode: staticToken', `oidcIDToken: ${token}`], token);
    expect(await ours('--insecure-policy', ...sign)).toMatchObject({ code: 0 });
    expect(log.requests).toHaveLength(1);
    expect(await ours('copy', '-q', '--remove-signatures', 'dir:signed', 'dir:out')).toMatchObject({
      code: 0,
    });
    expect((await ours('copy', '-q', 'dir:image', 'dir:no')).stderr).toMatch(/a signature is required/);
  });

  it('with a person who signs in shows where, and signs then', async () => {
    const token = tokenOf('me@example.com');
    const issuer = await startService(({ url, headers }) => {
      const base = `http://${headers.host}`;
      const configuration = {
        issuer: base,
        device_authorization_endpoint: `${base}/device`,
        token_endpoint: `${base}/token`,
      };
      const granted = {
        device_code: 'd',
        user_code: 'AB\u001bCD',
        verification_uri: `${base}/enter`,
        interval: 0,
      };
      const answers = new Map<string | undefined, object>([
        ['/.well-known/openid-configuration', configuration],
        ['/device', granted],
        ['/token', { id_token: token }],
      ]);
      return { status: 200, body: JSON.stringify(answers.get(url)) };
    });
    later(async () => issuer[Symbol.asyncDispose]());
    await startSigstore(['oidcMode: deviceGrant', `oidcIssuerURL: ${issuer.url}`, 'oidcClientID: me'], token);
    const { code, stderr } = await ours('--insecure-policy', ...sign);
    expect(code).toBe(0);
    expect(stderr).toContain(`To sign, open ${issuer.url}/enter in a browser and enter the code AB\\x1bCD\n`);
    expect(await ours('copy', '-q', '--remove-signatures', 'dir:signed', 'dir:out')).toMatchObject({
      code: 0,
    });
  });

  it('with a token that Fulcio does not take stops before anything is written', async () => {
    const token = tokenOf('other@example.com');
    await startSigstore(['oidcMode: staticToken', `oidcIDToken: ${token}`], 'the right one');
    const { code, stderr } = await ours('--insecure-policy', ...sign);
    expect({ code, stderr: stderr.replace(token, 'TOKEN') }).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /^Error: Fulcio at \S+ answered 401: "There was an error\\u001b\[31m"\n$/,
      ),
    });
    await expect(stat(join(cwd, 'signed'))).rejects.toThrow(/ENOENT/);
  });

  it.each<[string, string, RegExp]>([
    ['a browser', 'oidcMode: interactive', /opens a browser, .*choose deviceGrant or staticToken/],
    ['no mode', 'oidcIDToken: x', /oidcMode must be/],
    ['no token', 'oidcMode: staticToken', /oidcIDToken is missing/],
    ['no issuer', 'oidcMode: deviceGrant', /oidcIssuerURL is missing/],
  ])('with parameters of %s for Fulcio says what to write', async (_, line, message) => {
    await startSigstore([line], '');
    expect(await ours('--insecure-policy', ...sign)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(message),
    });
  });

  it.each<[string, string, RegExp]>([
    [
      'two keys with one passphrase',
      '--sign-by A --sign-by-sigstore-private-key key --sign-passphrase-file pass',
      /Only one of/,
    ],
    ['no terminal to ask at', '--sign-by-sigstore-private-key alice.gpg', /stdin is no terminal/],
    [
      'no key in the file',
      '--sign-by-sigstore-private-key alice.gpg --sign-passphrase-file pass',
      /it is no ENCRYPTED/,
    ],
    [
      'no such file',
      '--sign-by-sigstore-private-key none --sign-passphrase-file pass',
      /cannot read the private key none: ENOENT/,
    ],
    ['no passphrase file', '--sign-by A --sign-passphrase-file none', /passphrase file none: ENOENT/],
    ['Sequoia', '--sign-by-sq-fingerprint A', /use --sign-by/],
    ['parameters that are not there', '--sign-by-sigstore none', /no signing parameters at .*none/],
    ['parameters with an unknown key', '--sign-by-sigstore unknown.yaml', /unknown key "privateKey"/],
    ['parameters without a key', '--sign-by-sigstore empty.yaml', /privateKeyFile and fulcio are missing/],
    ['Fulcio without a log', '--sign-by-sigstore unlogged.yaml', /rekorURL is missing/],
    ['a key and Fulcio', '--sign-by-sigstore both.yaml', /exclude each other/],
  ])('with %s stops before anything is read', async (_, flags, message) => {
    await writeFile(join(cwd, 'pass'), 'secret\n');
    await writeFile(join(cwd, 'unknown.yaml'), 'privateKey: x\n');
    await writeFile(join(cwd, 'empty.yaml'), '{}\n');
    await writeFile(join(cwd, 'unlogged.yaml'), 'fulcio: { fulcioURL: "https://f.example.com" }\n');
    await writeFile(join(cwd, 'both.yaml'), 'privateKeyFile: k\nfulcio: { oidcMode: staticToken }\n');
    const { code, stderr } = await ours('copy', ...words(flags), 'dir:nowhere', 'dir:out');
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('secret');
  });

  it('says what it does about signatures', async () => {
    const argv = words('copy --sign-by FINGERPRINT --sign-identity NAME dir:image dir:out');
    const { stderr } = await ours('--insecure-policy', ...argv);
    expect(stderr).toMatch(/Creating signature\nStoring signatures\n/);
  });
});

describe('generate-sigstore-key', () => {
  it.each<[string, readonly string[], RegExp]>([
    ['no prefix', [], /^Error: Usage: generate-sigstore-key --output-prefix PREFIX\n/],
    ['a word', ['--output-prefix', 'x', 'word'], /^Error: /],
    ['no terminal', ['--output-prefix', 'x'], /stdin is no terminal/],
    ['a public key that is there', ['--output-prefix', 'old'], /Refusing to overwrite existing "old\.pub"/],
  ])('%s: fails, and no file is made', async (_, flags, message) => {
    await writeFile(join(cwd, 'old.pub'), 'precious');
    const { code, stderr } = await ours('generate-sigstore-key', ...flags);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(await readFile(join(cwd, 'old.pub'), 'utf8')).toBe('precious');
    await expect(stat(join(cwd, 'x.private'))).rejects.toThrow(/ENOENT/);
  });
});
