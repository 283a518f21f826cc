// SPDX-License-Identifier: Apache-2.0
import { openRepository } from '@lading/image-copy';
import { makeTestImage, makeTestIndex, type TestImage } from '@lading/image-copy/conformance';
import {
  type Descriptor,
  type Digest,
  descriptorOf,
  digestBytes,
  digestHex,
  encodeJson,
  MediaType,
} from '@lading/image-spec';
import { startRegistry } from '@lading/registry';
import { describe, expect, it } from 'vitest';
import { putArtifact } from './artifacts.ts';
import { ladingCopy, later, makeFolder, put, startDockerRegistry } from './world.ts';

const insecure = ['--src-tls-verify=false', '--dest-tls-verify=false'];
const plain = '--tls-verify=false';

async function startLadingRegistry(): Promise<string> {
  const registry = await startRegistry();
  later(() => registry.close());
  return registry.host;
}

interface Family {
  readonly image: TestImage;
  readonly sbom: Descriptor;
  readonly signature: Descriptor;
  readonly attestation: Descriptor;
  readonly cosign: Descriptor;
}

/** An image with an SBOM, a signature of the SBOM, an attestation, and a tag of cosign's. */
async function putFamily(reference: string): Promise<Family> {
  const image = await makeTestImage({ seed: 'family' });
  await put(image, reference);
  const subject = await descriptorOf(image.top.mediaType, image.top.bytes);
  const sbom = await putArtifact(reference, {
    type: 'application/spdx+json',
    subject,
    annotations: { made: 'by hand' },
  });
  const signature = await putArtifact(reference, { type: 'application/x.signature', subject: sbom });
  const attestation = await putArtifact(reference, { type: 'application/x.attestation', subject });
  const tag = `sha256-${digestHex(image.top.digest)}.sig`;
  const cosign = await putArtifact(reference, { type: 'application/x.simple', tag });
  return { image, sbom, signature, attestation, cosign };
}

/** The places that referrers go between: with the API of the spec, with the tags of the spec, and a folder. */
const places: [string, (cwd: string) => Promise<string>][] = [
  ['@lading/registry', async () => `docker://${await startLadingRegistry()}/from/app:1`],
  ["Debian's docker-registry", async () => `docker://${await startDockerRegistry()}/from/app:1`],
  ['an OCI layout', async (cwd) => `oci:${cwd}/from:app`],
];

describe.each(places)('referrers in %s', (_name, makePlace) => {
  async function start() {
    const cwd = await makeFolder();
    const reference = await makePlace(cwd);
    return { cwd, reference, family: await putFamily(reference) };
  }

  it('are listed as a tree', async () => {
    const { cwd, reference, family } = await start();
    const { image, sbom, signature, attestation, cosign } = family;
    const listed = await ladingCopy(cwd, ['referrers', plain, reference]);
    expect(listed).toMatchObject({ code: 0, stderr: '' });
    const [first, ...lines] = listed.stdout.split('\n').slice(0, -1);
    const place = reference.slice(0, reference.lastIndexOf(':'));
    expect(first).toBe(`${place}${reference.startsWith('oci:') ? ':' : ''}@${image.top.digest}`);
    const text = lines.join('\n');
    expect(text).toMatch(
      new RegExp(
        `[├└]── application/spdx\\+json ${sbom.digest}\n[│ ] {3}└── application/x.signature ${signature.digest}`,
      ),
    );
    expect(text).toContain(`── application/x.attestation ${attestation.digest}`);
    expect(lines.at(-1)).toBe(`└── sha256-${digestHex(image.top.digest)}.sig ${cosign.digest}`);
    expect(lines).toHaveLength(4);
  });

  it('are listed as JSON, as a table, by a template, by type and to a depth', async () => {
    const { cwd, reference, family } = await start();
    const { sbom, signature, image } = family;
    const list = async (...argv: string[]): Promise<string> => {
      const { code, stdout, stderr } = await ladingCopy(cwd, ['referrers', plain, ...argv, reference]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return stdout;
    };
    const ofType = ['--artifact-type', 'application/spdx+json'];
    expect(JSON.parse(await list('--format', 'json', ...ofType))).toMatchObject({
      digest: image.top.digest,
      referrers: [
        {
          digest: sbom.digest,
          artifactType: 'application/spdx+json',
          annotations: { made: 'by hand' },
          referrers: [{ digest: signature.digest, referrers: [] }],
        },
      ],
    });
    expect(
      await list('--format', '{{.Depth}} {{.Digest}} {{.Annotations.made}}', '--depth', '1', ...ofType),
    ).toBe(`1 ${sbom.digest} by hand\n`);
    const table = (await list('--format', 'table', ...ofType)).split('\n');
    expect(table[0]).toMatch(/^DEPTH +ARTIFACT TYPE +SIZE +TAG +DIGEST$/);
    expect(table.slice(1, -1).map((line) => line.split(/ +/).at(-1))).toEqual([
      sbom.digest,
      signature.digest,
    ]);
  });

  it.each(places)('go along to %s, once', async (_to, makeOther) => {
    const { cwd, reference, family } = await start();
    const other = (await makeOther(`${cwd}/other`)).replace('/from/', '/to/');
    const copy = () => ladingCopy(cwd, ['copy', '--referrers', ...insecure, reference, other]);
    const copied = await copy();
    expect(copied).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\S+@sha256:[0-9a-f]{64}\n$/) });
    const tree = async (of: string) =>
      JSON.parse((await ladingCopy(cwd, ['referrers', plain, '--format', 'json', of])).stdout) as {
        readonly digest: Digest;
        readonly referrers: readonly { readonly digest: Digest }[];
      };
    const [before, after] = [await tree(reference), await tree(other)];
    const sorted = ({ digest, referrers }: typeof before) => [
      digest,
      ...referrers.toSorted((a, b) => (a.digest < b.digest ? -1 : 1)),
    ];
    expect(sorted(after)).toEqual(sorted(before));
    await using opened = await openRepository(other, { tlsVerify: false });
    const { bytes } = await opened.repository.manifest(family.sbom.digest);
    const [layer] = (JSON.parse(Buffer.from(bytes).toString()) as { layers: [Descriptor] }).layers;
    expect(Buffer.concat(await Array.fromAsync(opened.repository.blob(layer))).toString()).toBe(
      'application/spdx+json',
    );
    const again = await copy();
    expect(again.code).toBe(0);
    const told = again.stderr.split('\n').filter((line) => line.startsWith('Copying referrer'));
    expect(told).toHaveLength(4);
    expect(told.every((line) => line.endsWith('skipped: already exists'))).toBe(true);
  });
});

describe('copy --referrers', () => {
  it('goes as deep as it is told', async () => {
    const [host, cwd] = [await startLadingRegistry(), await makeFolder()];
    const { sbom } = await putFamily(`docker://${host}/from/app:1`);
    const argv = ['copy', '-q', '--referrers=1', ...insecure, `docker://${host}/from/app:1`, 'oci:out:app'];
    expect(await ladingCopy(cwd, argv)).toMatchObject({ code: 0, stderr: '' });
    const { stdout } = await ladingCopy(cwd, [
      'referrers',
      '--format',
      '{{.Depth}} {{.Digest}}',
      'oci:out:app',
    ]);
    expect(stdout).toContain(`1 ${sbom.digest}\n`);
    expect(stdout).not.toContain('2 ');
  });

  it('takes what refers to the images of a list, with --all', async () => {
    const [host, cwd] = [await startLadingRegistry(), await makeFolder()];
    const platforms = ['amd64', 'arm64'].map((architecture) => ({ os: 'linux', architecture }));
    const images = await Promise.all(
      platforms.map(async (platform) => ({
        platform,
        image: await makeTestImage({ seed: platform.architecture, platform }),
      })),
    );
    const reference = `docker://${host}/from/list:1`;
    await put(await makeTestIndex(images), reference, true);
    for (const { image } of images) {
      const subject = await descriptorOf(image.top.mediaType, image.top.bytes);
      await putArtifact(reference, { type: 'application/x.signature', subject, content: image.top.digest });
    }
    const argv = ['copy', '-q', '--all', '--referrers', ...insecure, reference, 'oci:out:list'];
    expect(await ladingCopy(cwd, argv)).toMatchObject({ code: 0, stderr: '' });
    for (const { architecture } of platforms) {
      const list = [
        'referrers',
        '--platform',
        `linux/${architecture}`,
        '--format',
        '{{.Digest}}',
        'oci:out:list',
      ];
      expect((await ladingCopy(cwd, list)).stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
    }
  });

  it.each([
    ['dir:out', /this works with docker:\/\/HOST\/PATH and oci:PATH/],
    ['docker-archive:out.tar', /this works with docker/],
  ])('refuses %s before anything is copied', async (to, message) => {
    const [host, cwd] = [await startLadingRegistry(), await makeFolder()];
    await putFamily(`docker://${host}/from/app:1`);
    const { code, stderr } = await ladingCopy(cwd, [
      ...['copy', '--referrers', ...insecure, `docker://${host}/from/app:1`, to],
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('Copying');
  });

  it('refuses a depth that is none', async () => {
    const { code, stderr } = await ladingCopy(await makeFolder(), [
      'copy',
      '--referrers=0',
      'oci:a',
      'oci:b',
    ]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'Error: --referrers=0: the depth is a number from 1 on; without one all are copied\n',
    });
  });
});

describe('a registry that lies about referrers', () => {
  /** Answers the referrers API with what the test says, and serves everything else from a real registry. */
  async function startLiar(lists: Map<string, readonly Descriptor[]>): Promise<string> {
    const registry = await startRegistry();
    later(() => registry.close());
    const { createServer } = await import('node:http');
    const server = createServer(async (request, response) => {
      const subject = /\/referrers\/(sha256:\w+)/.exec(request.url ?? '')?.[1];
      if (subject !== undefined) {
        const manifests = lists.get(subject) ?? [];
        response.setHeader('content-type', MediaType.ImageIndex);
        response.end(
          Buffer.from(encodeJson({ schemaVersion: 2, mediaType: MediaType.ImageIndex, manifests })),
        );
        return;
      }
      const body = Buffer.concat(await Array.fromAsync(request));
      const kept = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
        typeof value !== 'string' || /^(?:host|connection|content-length)$/.test(name) ? [] : [[name, value]],
      );
      const method = request.method ?? 'GET';
      const answer = await fetch(`${registry.url}${request.url}`, {
        method,
        headers: kept,
        ...(body.length === 0 ? {} : { body }),
      });
      const sent = Buffer.from(await answer.arrayBuffer());
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(sent);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    later(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no port');
    return `127.0.0.1:${address.port}`;
  }

  it('in a circle is listed once around', async () => {
    const lists = new Map<string, readonly Descriptor[]>();
    const [host, cwd] = [await startLiar(lists), await makeFolder()];
    const image = await makeTestImage({ seed: 'circle' });
    const reference = `docker://${host}/app:1`;
    await put(image, reference);
    const subject = await descriptorOf(image.top.mediaType, image.top.bytes);
    const other = await putArtifact(reference, { type: 'application/x.other', subject });
    lists.set(subject.digest, [other]);
    lists.set(other.digest, [subject, other]);
    const { code, stdout } = await ladingCopy(cwd, ['referrers', plain, reference]);
    expect(code).toBe(0);
    expect(stdout.split('\n').slice(1)).toEqual([`└── ${other.mediaType} ${other.digest}`, '']);
  });

  it('about what refers to what is found out when it is copied', async () => {
    const lists = new Map<string, readonly Descriptor[]>();
    const [host, cwd] = [await startLiar(lists), await makeFolder()];
    const image = await makeTestImage({ seed: 'other subject' });
    const reference = `docker://${host}/app:1`;
    await put(image, reference);
    const foreign = await putArtifact(reference, { type: 'application/x.other' });
    lists.set(image.top.digest, [foreign]);
    const { code, stderr } = await ladingCopy(cwd, [
      ...['copy', '--referrers', ...insecure, reference, 'oci:out:app'],
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/is listed as a referrer of .*, but does not name it as its subject\n$/);
  });

  it('without end is cut off', async () => {
    const lists = new Map<string, readonly Descriptor[]>();
    const [host, cwd] = [await startLiar(lists), await makeFolder()];
    const image = await makeTestImage({ seed: 'many' });
    const reference = `docker://${host}/app:1`;
    await put(image, reference);
    const many = await Promise.all(
      Array.from({ length: 10_001 }, async (_, i) => ({
        mediaType: MediaType.ImageManifest,
        digest: await digestBytes(new TextEncoder().encode(String(i))),
        size: 2,
      })),
    );
    lists.set(image.top.digest, many);
    const { code, stderr } = await ladingCopy(cwd, ['referrers', plain, reference]);
    expect(code).toBe(1);
    expect(stderr).toContain('has more than 10000 referrers');
  });
});
