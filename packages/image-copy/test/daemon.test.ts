// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect, type Server } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { Code } from '@lading/errors';
import { digestHex } from '@lading/image-spec';
import { describe, expect, it } from 'vitest';
import { makeCertificate, type TestCertificate } from '../../../tools/test-support/certificates.ts';
import { createMemorySource, makeTestImage } from '../src/conformance.ts';
import { copyImage, openDestination, openSource } from '../src/index.ts';
import { copy, later, makeFolder, makePodman, skopeo } from './programs.ts';

/** Starts a server for the time of the test; resolves to its `host:port`. */
async function started(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  later(async () => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('docker-daemon:', () => {
  it('takes images in and gives them back, as it does for skopeo', async () => {
    const [cwd, podman] = [await makeFolder(), await makePodman()];
    const daemonHost = await podman.service();
    const context = { cwd, daemonHost };
    for (const format of ['oci', 'v2s2'] as const) {
      const image = await makeTestImage({ seed: format, layers: 3, format });
      const name = `example.com/team/${format}:1`;
      await copy(createMemorySource(image), `docker-daemon:${name}`, context);
      const id = (await podman('image', 'inspect', '--format', '{{.Id}}', name)).trim();
      expect(id).toBe(digestHex(image.config.digest));
      for (const reference of [`docker-daemon:${name}`, `docker-daemon:sha256:${id}`]) {
        const source = await openSource(reference, context);
        const { bytes } = await source.manifest();
        await source.close();
        expect(Buffer.from(bytes).toString()).toBe(
          await skopeo(cwd, 'inspect', '--raw', '--daemon-host', daemonHost, reference),
        );
        const { config } = await copy(reference, `oci:out:${format}`, context);
        expect(config).toBe(image.config.digest);
      }
    }
  });

  it('says that an image is not there, and that no daemon is', async () => {
    const [cwd, podman] = [await makeFolder(), await makePodman()];
    const daemonHost = await podman.service();
    const none = copy('docker-daemon:example.com/none:1', 'oci:out:x', { cwd, daemonHost });
    await expect(none).rejects.toMatchObject({ details: { side: 'source' } });
    const nobody = copy('docker-daemon:example.com/none:1', 'oci:out:x', {
      cwd,
      daemonHost: `unix://${cwd}/no.sock`,
    });
    await expect(nobody).rejects.toMatchObject({
      code: Code.Unavailable,
      message: expect.stringMatching(/no\.sock does not answer .*; is it running\?$/),
    });
  });

  it('ends when it is aborted', async () => {
    const [cwd, podman] = [await makeFolder(), await makePodman()];
    const daemonHost = await podman.service();
    const image = await makeTestImage({ seed: 'abort' });
    const destination = await openDestination('docker-daemon:example.com/app:1', { cwd, daemonHost });
    const abort = new AbortController();
    const copying = copyImage(createMemorySource(image), destination, {
      signal: abort.signal,
      onProgress: ({ kind }) => {
        if (kind === 'manifest') abort.abort();
      },
    });
    await expect(copying).rejects.toMatchObject({ code: Code.Canceled });
    await destination.close();
    expect(await podman('images', '-q')).toBe('');
  });
});

describe('docker-daemon: over TLS', () => {
  const authority = makeCertificate({ subject: 'authority', authority: {}, purposes: [] });
  const stranger = makeCertificate({ subject: 'stranger', authority: {}, purposes: [] });
  const [asServer, asClient] = ['1', '2'].map((purpose) =>
    makeCertificate({
      subject: 'daemon',
      issuer: authority,
      hosts: ['localhost'],
      purposes: [`1.3.6.1.5.5.7.3.${purpose}`],
    }),
  ) as [TestCertificate, TestCertificate];
  const keyOf = ({ privateKey }: TestCertificate): string =>
    privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

  it('knows the daemon by its authority, and itself by a certificate', async () => {
    const [cwd, podman] = [await makeFolder(), await makePodman()];
    const socket = (await podman.service()).replace('unix://', '');
    const tls = { ca: authority.pem, cert: asServer.pem, key: keyOf(asServer), requestCert: true };
    const server = createTlsServer(tls, (client) => {
      const daemon = connect(socket);
      pipeline(client, daemon, client, () => undefined);
    });
    const host = (await started(server)).replace('127.0.0.1', 'localhost');
    const folder = async (name: string, ca: TestCertificate): Promise<string> => {
      await mkdir(join(cwd, name));
      const files = { 'ca.pem': ca.pem, 'cert.pem': asClient.pem, 'key.pem': keyOf(asClient) };
      for (const [file, text] of Object.entries(files)) await writeFile(join(cwd, name, file), text);
      return join(cwd, name);
    };
    const known = { cwd, daemonHost: `tcp://${host}`, daemonCertDir: await folder('known', authority) };
    const image = await makeTestImage({ seed: 'tls' });
    await copy(createMemorySource(image), 'docker-daemon:example.com/app:1', known);
    const { config } = await copy('docker-daemon:example.com/app:1', 'oci:out:x', known);
    expect(config).toBe(image.config.digest);
    const wrong = [
      { ...known, daemonCertDir: await folder('other', stranger) },
      { ...known, daemonCertDir: undefined, tlsVerify: false },
      { ...known, daemonHost: `tcp://${await started(createServer())}` },
    ];
    for (const context of wrong) {
      const told = {
        code: Code.FailedPrecondition,
        message: expect.stringMatching(
          /no TLS with the Docker daemon at \S+ \([A-Z\d_]+\): check ca\.pem, [^\n]*$/,
        ),
      };
      await expect(copy('docker-daemon:example.com/app:1', 'oci:out:y', context)).rejects.toMatchObject(told);
      const writing = copy(createMemorySource(image), 'docker-daemon:example.com/app:2', context);
      await expect(writing).rejects.toMatchObject(told);
    }
    expect((await podman('images', '-q')).trim().split('\n')).toHaveLength(1);
  });
});

describe('a daemon that takes no image', () => {
  it('is known before a layer is read', async () => {
    const cwd = await makeFolder();
    const image = await makeTestImage({ seed: 'unread' });
    const source = createMemorySource(image);
    const read: string[] = [];
    const watched = {
      ...source,
      blob: (...asked: Parameters<typeof source.blob>) =>
        (async function* () {
          read.push(asked[0].digest);
          yield* source.blob(...asked);
        })(),
    };
    const daemonHost = `unix://${cwd}/no.sock`;
    await expect(copy(watched, 'docker-daemon:example.com/app:1', { cwd, daemonHost })).rejects.toMatchObject(
      {
        code: Code.Unavailable,
        details: { side: 'destination' },
      },
    );
    expect(read.filter((digest) => digest !== image.config.digest)).toEqual([]);
  });

  const stream = '{"stream":"Loading layer"}\r\n';
  it.each<[string, RequestListener, RegExp]>([
    ['breaks off', (_, answer) => answer.write(stream, () => answer.destroy()), /broke off while it loaded/],
    [
      'says an error',
      (_, answer) => answer.end(`${stream}{"errorDetail":{"message":"no space"},"error":"no space"}\r\n`),
      /did not load the image: "no space"$/,
    ],
    ['says it in the old form', (_, answer) => answer.end(`${stream}{"error":"no space"}`), /: "no space"$/],
    ['answers half a message', (_, answer) => answer.end(stream.slice(0, 9)), /none of its messages: /],
    [
      'is a server of pages',
      (_, answer) => answer.end('<html>\n</html>\n'),
      /none of its messages: "<html>"/,
    ],
    [
      'refuses',
      (_, answer) => answer.writeHead(500).end('{"message":"read-only\\nstore"}'),
      /answered 500: "read-only\\nstore"$/,
    ],
  ])('%s: that is an error', async (_name, load, message) => {
    const server = createServer((request, answer) => {
      request.resume().on('end', () => {
        if (request.url?.startsWith('/images/load') === true) load(request, answer);
        else answer.writeHead(403).end(); // as a proxy that lets through little
      });
    });
    const context = { cwd: await makeFolder(), daemonHost: `http://${await started(server)}` };
    const image = createMemorySource(await makeTestImage({ seed: 'broken' }));
    await expect(copy(image, 'docker-daemon:example.com/app:1', context)).rejects.toMatchObject({
      message: expect.stringMatching(message),
      details: { side: 'destination' },
    });
  });

  it.each([
    ['says what it has loaded', '{"stream":"Loaded image: example.com/app:1\\n"}\r\n'],
    ['says nothing, as old ones do', ''],
  ])('one that %s has it', async (_name, said) => {
    const server = createServer((request, answer) => request.resume().on('end', () => answer.end(said)));
    const context = { cwd: await makeFolder(), daemonHost: `http://${await started(server)}` };
    const image = await makeTestImage({ seed: 'taken' });
    const { config } = await copy(createMemorySource(image), 'docker-daemon:example.com/app:1', context);
    expect(config).toBe(image.config.digest);
  });
});
