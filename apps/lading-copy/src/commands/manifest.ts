// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';
import { chooseInstance, type ManifestBytes } from '@lading/image-copy';
import { isIndexType, manifestTypeOf, parseIndex } from '@lading/image-spec';
import { goJson } from '../go-json.ts';
import { chosenDescriptor, platformFrom, withImageRepository } from '../image-repository.ts';
import { referenceByDigest } from '../reference-by-digest.ts';
import { signalOf, withRetries } from '../retry.ts';
import { withSource } from '../with-source.ts';

const manifestLimitBytes = 4 * 1024 * 1024;

export async function getManifest(call: CommandCall): Promise<number> {
  const [text = ''] = call.args;
  const { bytes } = await readManifest(call, text);
  await call.environment.stdout(bytes);
  return 0;
}

export async function headManifest(call: CommandCall): Promise<number> {
  const [text = ''] = call.args;
  const signal = signalOf(call);
  const { mediaType, digest, size } = await withRetries(call, signal, () =>
    withImageRepository(call, text, 'read', (opened) =>
      chosenDescriptor(opened, call.flags.string('platform'), signal),
    ),
  );
  await call.environment.stdout(`${goJson({ mediaType, digest, size })}\n`);
  return 0;
}

export async function putManifest(call: CommandCall): Promise<number> {
  const [text = '', path = '-'] = call.args;
  const signal = signalOf(call);
  const bytes = await readInput(call, path);
  const mediaType = call.flags.string('media-type') ?? manifestTypeOf(bytes);
  const printed = await withRetries(call, signal, () =>
    withImageRepository(call, text, 'write', async ({ repository, tag, version }) => {
      const tags = tag === undefined ? [] : [tag];
      const { digest } = await repository.pushManifest(bytes, { mediaType, tags, signal });
      if (version !== undefined && version !== tag && version !== digest) {
        throw new LadingError(Code.FailedPrecondition, `the manifest has the digest ${digest}`, {
          reason: 'DIGEST_MISMATCH',
        });
      }
      return referenceByDigest(text, digest);
    }),
  );
  await call.environment.stdout(`${printed}\n`);
  return 0;
}

export async function deleteManifest(call: CommandCall): Promise<number> {
  const [text = ''] = call.args;
  const signal = signalOf(call);
  await withRetries(call, signal, () =>
    withImageRepository(call, text, 'write', async ({ repository, version }) => {
      if (version === undefined) throw usageError(`${text} names no image: give its tag or digest`);
      const { digest } = await repository.resolve(version, { signal });
      await repository.deleteManifest(digest, { signal });
    }),
  );
  return 0;
}

export async function diffManifests(call: CommandCall): Promise<number> {
  const [before = '', after = ''] = call.args;
  const [{ createTwoFilesPatch }, ...documents] = await Promise.all([
    import('diff'),
    ...[before, after].map(async (text) => indented((await readManifest(call, text)).bytes)),
  ]);
  const [old = '', now = ''] = documents;
  if (old === now) return 0;
  const context = call.flags.int('context') ?? 3;
  // Lists without end differ without end; then all is said to differ.
  const patch = createTwoFilesPatch(before, after, old, now, undefined, undefined, {
    context,
    timeout: 10_000,
  });
  const lines = (patch ?? `--- ${before}\n+++ ${after}\n`).split('\n').filter((line) => !/^=+$/.test(line));
  await call.environment.stdout(lines.join('\n'));
  return 0;
}

/** Lines of a document are what JSON.stringify makes, so that nothing of it steers a terminal. */
function indented(bytes: Uint8Array): string {
  return `${JSON.stringify(JSON.parse(new TextDecoder().decode(bytes)), undefined, 2)}\n`;
}

async function readManifest(call: CommandCall, text: string): Promise<ManifestBytes> {
  const signal = signalOf(call);
  const platform = call.flags.string('platform');
  return withRetries(call, signal, () =>
    withSource(call, text, '', async (source) => {
      const top = await source.manifest(undefined, { signal });
      if (platform === undefined || !isIndexType(top.mediaType)) return top;
      const { digest } = chooseInstance(parseIndex(top.bytes), platformFrom(platform));
      return await source.manifest(digest, { signal });
    }),
  );
}

async function readInput({ environment }: CommandCall, path: string): Promise<Uint8Array> {
  if (path !== '-') {
    try {
      return new Uint8Array(await readFile(resolve(environment.cwd, path)));
    } catch (cause) {
      const { code, reason, message } = LadingError.from(cause);
      throw new LadingError(code, `cannot read the manifest ${path}: ${reason ?? message}`, { cause });
    }
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of environment.stdin) {
    size += chunk.length;
    if (size > manifestLimitBytes) {
      throw new LadingError(Code.ResourceExhausted, 'the manifest on stdin is longer than 4 MiB');
    }
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
