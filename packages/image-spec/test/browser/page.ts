// SPDX-License-Identifier: Apache-2.0
import {
  createHasher,
  descriptorOf,
  digestBytes,
  EmptyDescriptor,
  embeddedData,
  encodeJson,
  familiarReference,
  formatPlatform,
  formatReference,
  MediaType,
  parseDigest,
  parseFamiliarReference,
  parseManifest,
  parsePlatform,
  parseReference,
  platformCandidates,
  verifyBytes,
  verifyStream,
} from '@lading/image-spec';

/** What the page is given: content and its digests as Node computes them. */
export interface PageInput {
  readonly content: string;
  readonly sha256: string;
  readonly sha512: string;
}

/** Does on a web page what a program in a browser would do with the package. */
export default async function page({ content, sha256, sha512 }: PageInput): Promise<Record<string, unknown>> {
  const bytes = new TextEncoder().encode(content);
  return {
    documents: await documents(),
    hashers: (['sha256', 'sha512'] as const).map((algorithm) => {
      const hasher = createHasher(algorithm);
      for (let at = 0; at < bytes.length; at += 1000) hasher.update(bytes.subarray(at, at + 1000));
      return `${algorithm}:${hasher.digest('hex')}`;
    }),
    digests: [await digestBytes(bytes), await digestBytes(bytes, 'sha512')],
    streams: await Promise.all(
      [sha256, sha512, sha256.replace(/.$/, (last) => (last === '0' ? '1' : '0'))].map((digest) =>
        readFetched(bytes, digest),
      ),
    ),
    bytes: await outcome(verifyBytes(bytes, { digest: parseDigest(sha512), size: bytes.length + 1 })),
    references: [
      formatReference(parseFamiliarReference('busybox:1')),
      familiarReference(parseReference('docker.io/library/busybox')),
      await outcome(async () => parseReference('0x7f.1/a')),
      formatReference(parseReference('[2001:db8::1]:5000/a')),
    ],
    platforms: platformCandidates(
      ['linux/arm/v7', 'linux/amd64', 'linux/arm64'].map((text) => ({ platform: parsePlatform(text) })),
      parsePlatform('linux/arm64/v9'),
    ).map(({ platform }) => formatPlatform(platform)),
  };
}

async function documents(): Promise<unknown> {
  const text = '{ "later": 18446744073709551615, "schemaVersion": 2, "layers": [], "config": CONFIG }';
  const config = await descriptorOf(MediaType.Empty, new TextEncoder().encode('{}'));
  const manifest = parseManifest(text.replace('CONFIG', JSON.stringify(config)));
  return {
    same: new TextDecoder().decode(encodeJson(manifest)) === text.replace('CONFIG', JSON.stringify(config)),
    edited: new TextDecoder().decode(encodeJson({ ...manifest, config: undefined })),
    frozen: Object.isFrozen(manifest.config),
    empty: manifest.config.digest === EmptyDescriptor.digest,
    data: new TextDecoder().decode(await embeddedData(EmptyDescriptor)),
    fault: await outcome(async () => parseManifest(text.replace('CONFIG', '{}'))),
    size: await outcome(async () =>
      parseManifest(
        text.replace('CONFIG', JSON.stringify(config).replace('"size":2', '"size":9007199254740993')),
      ),
    ),
  };
}

/** Reads the body of a response through the verification, as a download in a browser goes. */
async function readFetched(bytes: Uint8Array<ArrayBuffer>, digest: string): Promise<unknown> {
  const { body } = await fetch(URL.createObjectURL(new Blob([bytes])));
  if (body === null) throw new Error('the response has no body');
  const expected = { digest: parseDigest(digest), size: bytes.length };
  return outcome(async () => {
    let size = 0;
    for await (const chunk of verifyStream(chunksOf(body), expected)) size += chunk.length;
    return size;
  });
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

/** The value, or the reason or message of the error. */
async function outcome(work: Promise<unknown> | (() => Promise<unknown>)): Promise<unknown> {
  try {
    return (await (typeof work === 'function' ? work() : work)) ?? 'fine';
  } catch (error) {
    const { reason, message } = error as { readonly reason?: string; readonly message: string };
    return reason ?? message;
  }
}
