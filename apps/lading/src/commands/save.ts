// SPDX-License-Identifier: Apache-2.0
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import type { Engine } from '@lading/engine';
import { LadingError } from '@lading/errors';
import {
  copyImage,
  createDockerArchive,
  type ImageDestination,
  openDestination,
  openSource,
} from '@lading/image-copy';
import { withEngine } from '../engine.ts';
import { localName } from '../images/local-name.ts';
import { findStored, type StoredImage } from '../images/stored-image.ts';
import { progressPrinter } from '../output/progress-printer.ts';

const singleFormats = {
  'oci-archive': { transport: 'oci-archive', format: 'oci' },
  'oci-dir': { transport: 'oci', format: 'oci' },
  'docker-dir': { transport: 'dir', format: 'v2s2' },
} as const;

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const format = flags.string('format') ?? 'docker-archive';
  const output = flags.string('output') || undefined;
  if (format !== 'docker-archive' && !isSingle(format)) {
    const known = ['docker-archive', ...Object.keys(singleFormats)].join(', ');
    throw usageError(`unknown format ${JSON.stringify(format)}: use one of ${known}`);
  }
  if (format !== 'docker-archive' && flags.boolean('multi-image-archive')) {
    throw usageError('--multi-image-archive is only supported for docker-archive');
  }
  if (flags.boolean('compress') && format !== 'docker-dir') {
    throw usageError('--compress can only be set when --format is docker-dir');
  }
  if (output === undefined) {
    if (format.endsWith('-dir')) throw usageError(`the ${format} format needs --output`);
    if (environment.stdoutIsTerminal)
      throw usageError('refusing to save to terminal. Use -o flag or redirect');
  }
  const save = (engine: Engine, path: string): Promise<void> =>
    format === 'docker-archive' ? saveDocker(call, engine, path) : saveSingle(call, engine, path, format);
  await withEngine(call, async (engine) => {
    if (output !== undefined) {
      await save(engine, resolve(environment.cwd, output));
      return tell(engine, output);
    }
    const folder = await mkdtemp(join(tmpdir(), 'lading-save-'));
    try {
      const path = join(folder, 'archive');
      await save(engine, path);
      for await (const chunk of createReadStream(path)) await environment.stdout(chunk);
      await tell(engine, '-');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
  return 0;

  async function tell(engine: Engine, name: string): Promise<void> {
    const { image } = await findStored(engine, call.args[0] ?? '');
    engine.tell({ type: 'image', action: 'save', id: image.id, name });
  }
}

function isSingle(format: string): format is keyof typeof singleFormats {
  return Object.hasOwn(singleFormats, format);
}

/** Words after the first are further names of it, or with `--multi-image-archive` further images. */
async function saveDocker(call: CommandCall, engine: Engine, path: string): Promise<void> {
  const { args, flags } = call;
  const several = flags.boolean('multi-image-archive');
  const images = await Promise.all((several ? args : args.slice(0, 1)).map((ref) => findStored(engine, ref)));
  const names = new Map<string, Set<string>>();
  for (const { image, name } of images) {
    const known = names.get(image.id) ?? new Set();
    if (name !== undefined) known.add(name);
    names.set(image.id, known);
  }
  const archive = await createDockerArchive(path);
  try {
    for (const [id, known] of names) {
      const further = several ? [] : args.slice(1).map(localName);
      await copy(call, engine, id, archive.destination([...further, ...known]), 'v2s2');
    }
    await archive.commit();
  } catch (error) {
    await archive.abort();
    throw LadingError.from(error);
  }
}

async function saveSingle(
  call: CommandCall,
  engine: Engine,
  path: string,
  name: keyof typeof singleFormats,
): Promise<void> {
  const [ref = '', ...others] = call.args;
  if (others.length > 0) throw usageError(`additional tags are not supported with the format ${name}`);
  const { transport, format } = singleFormats[name];
  const stored: StoredImage = await findStored(engine, ref);
  const suffix = transport === 'dir' || stored.name === undefined ? '' : `:${stored.name}`;
  const destination = await openDestination(`${transport}:${path}${suffix}`, {
    acceptsUncompressedLayers: call.flags.boolean('uncompressed'),
    ...(call.flags.boolean('compress') ? { dirCompression: 'compressed' as const } : {}),
  });
  await copy(call, engine, stored.image.id, destination, format);
}

async function copy(
  call: CommandCall,
  { store }: Engine,
  id: string,
  destination: ImageDestination,
  format: 'oci' | 'v2s2',
): Promise<void> {
  const { environment, flags } = call;
  try {
    const source = await openSource(`containers-storage:@${id}`, { store: async () => store });
    try {
      await copyImage(source, destination, {
        format,
        removeSignatures: true,
        signal: environment.signal,
        ...(flags.boolean('quiet') ? {} : { onProgress: progressPrinter(call) }),
      });
    } finally {
      await source.close();
    }
  } finally {
    await destination.close();
  }
}
