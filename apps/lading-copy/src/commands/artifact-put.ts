// SPDX-License-Identifier: Apache-2.0
import { basename, resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import type { ImageRepository, OpenedRepository } from '@lading/image-copy';
import { artifactManifest } from '@lading/image-edit';
import {
  Annotation,
  type Descriptor,
  EmptyDescriptor,
  encodeJson,
  isDescriptor,
  MediaType,
} from '@lading/image-spec';
import { chosenDescriptor, withImageRepository } from '../image-repository.ts';
import { type InputFile, inputFile } from '../input-file.ts';
import { keyValues } from '../key-values.ts';
import { referenceByDigest } from '../reference-by-digest.ts';
import { signalOf, withRetries } from '../retry.ts';

export function putArtifact(call: CommandCall): Promise<number> {
  const subject = call.flags.string('subject');
  return put(call, async ({ tag, repository }, signal) => ({
    tags: tag === undefined ? [] : [tag],
    subject: subject === undefined ? undefined : await repository.resolve(subject, { signal }),
  }));
}

export function attach(call: CommandCall): Promise<number> {
  return put(call, async (opened, signal) => ({
    tags: [],
    subject: await chosenDescriptor(opened, call.flags.string('platform'), signal),
  }));
}

interface Place {
  readonly tags: readonly string[];
  readonly subject: Descriptor | undefined;
}

async function put(
  call: CommandCall,
  placeOf: (opened: OpenedRepository, signal: AbortSignal) => Promise<Place>,
): Promise<number> {
  const [text = '', ...names] = call.args;
  const { flags, environment } = call;
  const signal = signalOf(call);
  const files = await Promise.all(names.map((name) => readFile(call, name, signal)));
  const given = flags.string('config');
  const config = given === undefined ? undefined : await readFile(call, given, signal);
  const annotations = keyValues(flags.strings('annotation'));
  const parts = {
    artifactType: flags.string('artifact-type'),
    config: config?.descriptor,
    files: files.map(({ path, descriptor }) => ({
      ...descriptor,
      annotations: { [Annotation.Title]: basename(path) },
    })),
    annotations: Object.keys(annotations).length === 0 ? undefined : annotations,
  };
  artifactManifest(parts); // what is wrong with it is said before anything is sent
  const printed = await withRetries(call, signal, () =>
    withImageRepository(call, text, 'write', async (opened) => {
      const { repository } = opened;
      const { tags, subject } = await placeOf(opened, signal);
      for (const file of [...files, ...(config === undefined ? [] : [config])])
        await repository.pushBlob(file.descriptor, file.open, { signal });
      const manifest = artifactManifest({ ...parts, subject });
      if ([manifest.config, ...manifest.layers].includes(EmptyDescriptor))
        await pushEmpty(repository, signal);
      const { digest } = await repository.pushManifest(encodeJson(manifest), {
        mediaType: MediaType.ImageManifest,
        tags,
        signal,
      });
      return referenceByDigest(text, digest);
    }),
  );
  await environment.stdout(`${printed}\n`);
  return 0;
}

async function pushEmpty(repository: ImageRepository, signal: AbortSignal): Promise<void> {
  await repository.pushBlob(
    EmptyDescriptor,
    async function* () {
      yield encodeJson({});
    },
    { signal },
  );
}

/** `FILE` or `FILE:TYPE`, where a type has a slash, and a name of a file may have a colon. */
async function readFile({ environment }: CommandCall, name: string, signal: AbortSignal): Promise<InputFile> {
  const [, path = name, mediaType] = /^(.+):([^/:]+\/[^/:]+)$/s.exec(name) ?? [];
  const file = await inputFile(resolve(environment.cwd, path), signal, mediaType);
  if (!isDescriptor(file.descriptor)) throw usageError(`"${mediaType}" is no media type`);
  return file;
}
