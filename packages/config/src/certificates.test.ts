// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, getCACertificates } from 'node:tls';
import { Code } from '@lading/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CertificateOptions, type ConfigWarning, certificateProvider, loadTlsDetails } from './index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-certs-'));
  await chmod(folder, 0o755);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Files by path below the test's folder; each holds its own path. */
async function put(...files: readonly string[]): Promise<void> {
  for (const file of files) {
    await mkdir(join(folder, file, '..'), { recursive: true });
    await writeFile(join(folder, file), file);
  }
}

/** Asks for certificates, without what is trusted for every host. */
function finder(options: CertificateOptions) {
  const provider = certificateProvider(options);
  return async (host: string) => {
    const { roots: _, ...own } = await provider(host);
    return own;
  };
}

it('gives authorities, and client certificates in the order of their keys', async () => {
  const files = ['ca.crt', 'b.crt', 'one.cert', 'one.key', 'two.key', 'two.cert', 'README'];
  await put(...files.map((file) => `r.net:5000/${file}`));
  const find = finder({ directories: [folder] });
  expect(await find('r.net:5000')).toEqual({
    ca: ['r.net:5000/b.crt', 'r.net:5000/ca.crt'],
    cert: ['r.net:5000/one.cert', 'r.net:5000/two.cert'],
    key: ['r.net:5000/one.key', 'r.net:5000/two.key'],
  });
  expect(await find('r.net')).toEqual({});
  expect(await find('r.net:5001')).toEqual({});
});

it('gives the certificates of one folder for every host', async () => {
  await put('own/ca.crt', 'r.net/ca.crt');
  const find = finder({ directories: [folder], folder: join(folder, 'own') });
  expect(await find('r.net')).toEqual({ ca: ['own/ca.crt'] });
  expect(await find('s.net:5000')).toEqual({ ca: ['own/ca.crt'] });
  expect(await finder({ folder: join(folder, 'none') })('r.net')).toEqual({});
});

it('takes the first folder that has the host, though it be empty', async () => {
  await mkdir(join(folder, 'a/r.net'), { recursive: true });
  await put('b/r.net/ca.crt', 'b/s.net/ca.crt', 'b/t.net:443/ca.crt');
  const find = finder({
    directories: [join(folder, 'none'), join(folder, 'a'), join(folder, 'b')],
  });
  expect(await find('r.net')).toEqual({});
  expect(await find('s.net')).toEqual({ ca: ['b/s.net/ca.crt'] });
  expect(await find('t.net')).toEqual({ ca: ['b/t.net:443/ca.crt'] });
});

it("finds the user's folder", async () => {
  await put('.config/containers/certs.d/r.net/ca.crt');
  expect(await finder({ env: { HOME: folder } })('r.net')).toEqual({
    ca: ['.config/containers/certs.d/r.net/ca.crt'],
  });
});

it.each([
  ['a certificate without its key', 'one.cert', 'one.key'],
  ['a key without its certificate', 'one.key', 'one.cert'],
])('says what is missing beside %s', async (_, file, missing) => {
  await put(`r.net/${file}`);
  await expect(certificateProvider({ directories: [folder] })('r.net')).rejects.toMatchObject({
    code: Code.InvalidArgument,
    message: expect.stringContaining(missing),
  });
});

it('passes over a file that is gone, and a folder that may not be read, with one warning', async () => {
  await put('r.net/ca.crt');
  await symlink(join(folder, 'none'), join(folder, 'r.net/gone.crt'));
  const warnings: ConfigWarning[] = [];
  const find = finder({ directories: [folder], onWarning: (warning) => warnings.push(warning) });
  expect(await find('r.net')).toEqual({ ca: ['r.net/ca.crt'] });
  await chmod(join(folder, 'r.net'), 0);
  const asRoot = process.geteuid?.() === 0;
  if (asRoot) process.seteuid?.(65_534);
  try {
    expect([await find('r.net'), await find('r.net')]).toEqual([{}, {}]);
  } finally {
    if (asRoot) process.seteuid?.(0);
  }
  expect(warnings).toEqual([{ file: join(folder, 'r.net'), message: 'it is passed over: EACCES' }]);
});

it.each(['..', '.', 'a/b', '../etc', ''])('%j is the host of no registry', async (host) => {
  await expect(certificateProvider({ directories: [folder] })(host)).rejects.toMatchObject({
    code: Code.InvalidArgument,
  });
});

describe('authorities that are trusted anyway', () => {
  const pem = (name: string) => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----`;

  it('are those of SSL_CERT_FILE and SSL_CERT_DIR alone, each once', async () => {
    await mkdir(join(folder, 'b'));
    await mkdir(join(folder, 'c/inner'), { recursive: true });
    await writeFile(join(folder, 'a.pem'), `text\n${pem('one')}\n${pem('two')}\n`);
    await writeFile(join(folder, 'b/three.pem'), pem('three'));
    await writeFile(join(folder, 'c/again.0'), pem('one'));
    await writeFile(join(folder, 'c/README'), 'no certificate');
    const env = {
      SSL_CERT_FILE: join(folder, 'a.pem'),
      SSL_CERT_DIR: `${join(folder, 'b')}:${join(folder, 'c')}:${join(folder, 'none')}`,
    };
    const { roots } = await certificateProvider({ env, directories: [] })('r.net');
    expect(await roots()).toEqual([pem('one'), pem('two'), pem('three')]);
  });

  it("are Node's and the machine's where neither is set", async () => {
    const { roots } = await certificateProvider({ env: {}, directories: [] })('r.net');
    expect(await roots()).toEqual(expect.arrayContaining([...getCACertificates('default')]));
  });
});

describe('containers-tls-details.yaml', () => {
  const load = async (text: string) => {
    await writeFile(join(folder, 'tls.yaml'), text);
    return loadTlsDetails(join(folder, 'tls.yaml'));
  };

  it('allows versions, suites and groups, which reach every host', async () => {
    const details = await load(`
      minVersion: "1.3"
      cipherSuites: [TLS_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS_RSA_WITH_AES_128_CBC_SHA,
        TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256]
      namedGroups: [x25519, secp384r1]`);
    expect(details).toEqual({
      minVersion: 'TLSv1.3',
      ciphers: 'TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES256-GCM-SHA384:AES128-SHA:ECDHE-ECDSA-CHACHA20-POLY1305',
      groups: 'X25519:P-384',
    });
    expect(() => createSecureContext({ ciphers: details.ciphers, ecdhCurve: details.groups })).not.toThrow();
    expect(await finder({ directories: [], details })('r.net')).toEqual(details);
    expect(await load('')).toEqual({});
  });

  it.each([
    ['minVersion: "2"', /minVersion "2" is none of 1\.0, 1\.1, 1\.2, 1\.3/],
    ['cipherSuites: [RC4]', /cipherSuites "RC4" is not the name of a suite/],
    ['cipherSuites: all', /cipherSuites is not a list/],
    ['namedGroups: [P-256]', /namedGroups "P-256" is none of secp256r1/],
    ['maxVersion: "1.2"', /unknown key "maxVersion"/],
    ['- a', /expected minVersion/],
    ['a: [', /not YAML/],
  ])('%s is not understood', async (text, message) => {
    await expect(load(text)).rejects.toMatchObject({
      code: Code.InvalidArgument,
      message: expect.stringMatching(message),
    });
  });

  it('is an error where it is not there', async () => {
    await expect(loadTlsDetails(join(folder, 'none'))).rejects.toMatchObject({ code: Code.NotFound });
  });
});
