// SPDX-License-Identifier: Apache-2.0
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type CommandCall, type Flags, usageError } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';
import { hostPlatform } from '@lading/image-copy';
import { appendLayers, emptyImage, layerFromTar, mutateImage } from '@lading/image-edit';
import { digestHex, type Platform } from '@lading/image-spec';
import { decompress } from '@lading/layer';
import { withEngine } from '../engine.ts';
import { storeImage } from '../images/store-image.ts';
import { parseImageChanges } from '../options/image-changes.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const [path = '', name] = args;
  const { signal } = environment;
  const changes = parseImageChanges(flags.strings('change'));
  const platform = platformOf(flags);
  const archive = await openInput(call, path);
  await using layer = await layerFromTar(decompress(archive).chunks, { compression: 'none', signal });
  const created = new Date();
  const message = flags.string('message') || undefined;
  const history = {
    created: created.toISOString(),
    created_by: `/bin/sh -c #(nop) ADD file:${digestHex(layer.diffId)} in /`,
    ...(message === undefined ? {} : { comment: message }),
  };
  const bare = await emptyImage({ platform, created });
  const image = await mutateImage(await appendLayers(bare, [{ ...layer, history }]), changes);
  const id = await withEngine(call, (engine) => storeImage(engine, image, name, signal));
  await environment.stdout(`sha256:${id}\n`);
  return 0;
}

async function openInput({ environment }: CommandCall, path: string): Promise<AsyncIterable<Uint8Array>> {
  if (path === '-') {
    if (environment.stdinIsTerminal)
      throw usageError('cannot read from terminal: use redirection, or name a file');
    return environment.stdin;
  }
  if (/^https?:\/\//.test(path)) return download(path, environment.signal);
  const file = resolve(environment.cwd, path);
  await stat(file).catch((cause: unknown) => {
    throw new LadingError(LadingError.from(cause).code, `stat ${path}: no such file or directory`, { cause });
  });
  return createReadStream(file);
}

async function download(url: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const response = await fetch(url, { signal }).catch((cause: unknown) => {
    throw new LadingError(Code.Unavailable, `downloading ${url}: it cannot be reached`, { cause });
  });
  if (response.ok && response.body !== null) return response.body;
  throw new LadingError(Code.NotFound, `downloading ${url}: the server answered ${response.status}`);
}

function platformOf(flags: Flags): Platform {
  const own = hostPlatform();
  const variant = flags.string('variant') || undefined;
  return {
    os: flags.string('os') || own.os,
    architecture: flags.string('arch') || own.architecture,
    ...(variant === undefined ? {} : { variant }),
  };
}
