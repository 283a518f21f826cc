// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';
import { renderReport } from '@lading/go-template';
import { type ImageSource, onSide, openSource } from '@lading/image-copy';
import { addToIndex, createIndex, indexEntries, indexSource, removeFromIndex } from '@lading/image-edit';
import {
  type Descriptor,
  type Digest,
  formatPlatform,
  type Index,
  isDigest,
  matchesPlatform,
  parseManifestOrIndex,
} from '@lading/image-spec';
import { writeImage } from '../edit-image.ts';
import { formatOf } from '../image-format.ts';
import { platformFrom } from '../image-repository.ts';
import { keyValues } from '../key-values.ts';
import { transportContext } from '../registry-context.ts';
import { signalOf } from '../retry.ts';
import type { FlagPrefix } from '../specs/registry-flags.ts';
import { withSource } from '../with-source.ts';

export async function createList(call: CommandCall): Promise<number> {
  const [to = '', ...names] = call.args;
  const annotations = annotationsOf(call);
  const format = formatOf(call.flags);
  if (format === 'v2s1') throw usageError("Docker's schema 1 has no lists: choose oci or v2s2");
  const artifactType = call.flags.string('artifact-type');
  const signal = signalOf(call);
  await using gathered = await gather(call, names, signal);
  const index = createIndex(gathered.entries, { format, annotations, artifactType });
  await writeImage(call, await indexSource(index, gathered.sources, to), to, signal);
  return 0;
}

export async function addToList(call: CommandCall): Promise<number> {
  const [list = '', ...names] = call.args;
  const annotations = annotationsOf(call);
  const signal = signalOf(call);
  await using gathered = await gather(call, names, signal);
  await editList(call, list, signal, gathered.sources, (index) => {
    const added = addToIndex(index, gathered.entries);
    return annotations === undefined
      ? added
      : { ...added, annotations: { ...added.annotations, ...annotations } };
  });
  return 0;
}

export async function removeFromList(call: CommandCall): Promise<number> {
  const [list = '', ...words] = call.args;
  const digests = words.filter((word): word is Digest => isDigest(word));
  const platforms = words.filter((word) => !isDigest(word)).map(platformFrom);
  await editList(call, list, signalOf(call), new Map(), (index) =>
    removeFromIndex(index, { digests, platforms }),
  );
  return 0;
}

export async function showList(call: CommandCall): Promise<number> {
  const [text = ''] = call.args;
  await withList(call, text, '', signalOf(call), async (_source, index) => {
    const rows = index.manifests.map(({ platform, mediaType, size, digest, annotations, artifactType }) => ({
      Platform: platform === undefined ? '' : formatPlatform(platform),
      MediaType: mediaType,
      ArtifactType: artifactType ?? '',
      Size: size,
      Digest: digest,
      Annotations: new Map(Object.entries(annotations ?? {})),
    }));
    const format = call.flags.string('format') ?? 'json';
    const output = renderReport(format, rows, {
      headers: { MediaType: 'MEDIA TYPE' },
      json: index.manifests,
    });
    await call.environment.stdout(output);
  });
  return 0;
}

async function editList(
  call: CommandCall,
  list: string,
  signal: AbortSignal,
  added: ReadonlyMap<Digest, ImageSource>,
  edit: (index: Index) => Index,
): Promise<void> {
  await withList(call, list, 'dest-', signal, async (source, index) => {
    const own = index.manifests.map(({ digest }): [Digest, ImageSource] => [digest, source]);
    const sources = new Map([...own, ...added]);
    await writeImage(call, await indexSource(edit(index), sources, list), list, signal);
  });
}

async function withList(
  call: CommandCall,
  text: string,
  prefix: FlagPrefix,
  signal: AbortSignal,
  action: (source: ImageSource, index: Index) => Promise<void>,
): Promise<void> {
  await withSource(call, text, prefix, async (source) => {
    const { bytes, mediaType } = await source.manifest(undefined, { signal });
    const document = parseManifestOrIndex(bytes, mediaType);
    if (document.kind !== 'index')
      throw new LadingError(Code.FailedPrecondition, 'it is an image, not a list; make one by index create');
    await action(source, document.index);
  });
}

interface Gathered extends AsyncDisposable {
  readonly entries: readonly Descriptor[];
  readonly sources: ReadonlyMap<Digest, ImageSource>;
}

/** The images to be listed: of one that is a list, each that is wanted. */
async function gather(call: CommandCall, names: readonly string[], signal: AbortSignal): Promise<Gathered> {
  const wanted = call.flags.strings('platform').map(platformFrom);
  const entries: Descriptor[] = [];
  const sources = new Map<Digest, ImageSource>();
  const opened: ImageSource[] = [];
  const close = async (): Promise<void> => {
    for (const source of opened) await source.close();
  };
  for (const name of names) {
    try {
      const source = await openSource(name, await transportContext(call, name, 'src-'));
      opened.push(source);
      const top = await source.manifest(undefined, { signal });
      const { kind } = parseManifestOrIndex(top.bytes, top.mediaType);
      const found = (await indexEntries(source, { signal })).filter(
        ({ platform }) =>
          kind === 'manifest' ||
          wanted.length === 0 ||
          (platform !== undefined && wanted.some((one) => matchesPlatform(platform, one))),
      );
      if (found.length === 0) throw usageError(`${name} has no image for the platforms that are wanted`);
      for (const entry of found) {
        entries.push(entry);
        sources.set(entry.digest, viewOf(source, entry.digest, top.digest));
      }
    } catch (error) {
      await close();
      throw LadingError.from(error).reason === 'USAGE' ? error : onSide('source', name, error);
    }
  }
  return { entries, sources, [Symbol.asyncDispose]: close };
}

/** One manifest of a source; what its reference names itself is asked for without a digest. */
function viewOf(source: ImageSource, digest: Digest, top: Digest): ImageSource {
  const instance = digest === top ? undefined : digest;
  return { ...source, manifest: (_, options) => source.manifest(instance, options) };
}

function annotationsOf({ flags }: CommandCall): Readonly<Record<string, string>> | undefined {
  const words = flags.strings('annotation');
  return words.length === 0 ? undefined : keyValues(words);
}
