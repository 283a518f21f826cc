// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';
import { type OpenedRepository, onSide, parseTransport } from '@lading/image-copy';
import { type Digest, isDigest, parseManifestOrIndex } from '@lading/image-spec';
import { goJson } from '../go-json.ts';
import { withImageRepository } from '../image-repository.ts';
import { withInput } from '../input-file.ts';
import { signalOf, withRetries } from '../retry.ts';
import { withSource } from '../with-source.ts';

export async function getBlob(call: CommandCall): Promise<number> {
  const [text = '', digestText = ''] = call.args;
  const digest = digestFrom(digestText);
  const signal = signalOf(call);
  // Nothing is tried again: what was printed cannot be taken back.
  if (/^(?:docker|oci)$/.test(parseTransport(text).transport)) {
    await withImageRepository(call, text, 'read', async ({ repository }) => {
      const descriptor = await repository.headBlob(digest, { signal });
      if (descriptor === undefined) throw missing(digest);
      for await (const chunk of repository.blob(descriptor, { signal })) await call.environment.stdout(chunk);
    });
  } else await getListedBlob(call, text, digest, signal);
  return 0;
}

/** Of places that hold one image: a blob that its manifest lists. */
function getListedBlob(call: CommandCall, text: string, digest: Digest, signal: AbortSignal): Promise<void> {
  return withSource(call, text, '', async (source) => {
    const { bytes, mediaType } = await source.manifest(undefined, { signal });
    const document = parseManifestOrIndex(bytes, mediaType);
    const blobs = document.kind === 'index' ? [] : [document.manifest.config, ...document.manifest.layers];
    const descriptor = blobs.find((blob) => blob.digest === digest);
    if (descriptor === undefined) throw missing(digest);
    for await (const chunk of source.blob(descriptor, { signal })) await call.environment.stdout(chunk);
  });
}

export async function putBlob(call: CommandCall): Promise<number> {
  const [text = '', path = '-'] = call.args;
  const signal = signalOf(call);
  const digest = await withInput(call, path, signal, ({ descriptor, open }) =>
    withRetries(call, signal, () =>
      withImageRepository(call, text, 'write', async ({ repository }) => {
        await repository.pushBlob(descriptor, open, { signal });
        return descriptor.digest;
      }),
    ),
  );
  await call.environment.stdout(`${digest}\n`);
  return 0;
}

export async function headBlob(call: CommandCall): Promise<number> {
  const [text = '', digestText = ''] = call.args;
  const digest = digestFrom(digestText);
  const signal = signalOf(call);
  const size = await withRetries(call, signal, () =>
    withImageRepository(call, text, 'read', async ({ repository }) => {
      const found = await repository.headBlob(digest, { signal });
      if (found === undefined) throw missing(digest);
      return found.size;
    }),
  );
  await call.environment.stdout(`${goJson({ digest, size })}\n`);
  return 0;
}

export async function copyBlob(call: CommandCall): Promise<number> {
  const [from = '', to = '', digestText = ''] = call.args;
  const digest = digestFrom(digestText);
  const signal = signalOf(call);
  const copy = async ({ repository: source }: OpenedRepository): Promise<void> => {
    const found = await source.headBlob(digest, { signal });
    if (found === undefined) throw missing(digest);
    const open = (): AsyncGenerator<Uint8Array> => readFrom(from, source.blob(found, { signal }));
    const options = { origin: source.origin, signal };
    await withImageRepository(
      call,
      to,
      'write',
      ({ repository }) => repository.pushBlob(found, open, options),
      'dest-',
    );
  };
  await withRetries(call, signal, () => withImageRepository(call, from, 'read', copy, 'src-'));
  await call.environment.stdout(`${digest}\n`);
  return 0;
}

/** What fails while the other side takes it is still a failure of this one. */
async function* readFrom(reference: string, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } catch (error) {
    throw onSide('source', reference, error);
  }
}

export async function deleteBlob(call: CommandCall): Promise<number> {
  const [text = '', digestText = ''] = call.args;
  const digest = digestFrom(digestText);
  const signal = signalOf(call);
  await withRetries(call, signal, () =>
    withImageRepository(call, text, 'write', ({ repository }) => repository.deleteBlob(digest, { signal })),
  );
  return 0;
}

function digestFrom(text: string): Digest {
  if (isDigest(text)) return text;
  throw usageError(`"${text}" is no digest: write sha256: and 64 hex digits`);
}

function missing(digest: Digest): LadingError {
  return new LadingError(Code.NotFound, `there is no blob ${digest}`, { reason: 'BLOB_UNKNOWN' });
}
