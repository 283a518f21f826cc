// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { convertManifest, formatOf, type ManifestFormat, manifestTypeIn } from '@lading/image-copy';
import { type ContainerConfig, type ImageConfig, MediaType, type Platform } from '@lading/image-spec';
import { type Image, withConfig } from './image.ts';

/** Values by name; null takes one away. */
export type NamedChanges = Readonly<Record<string, string | null>>;

/** What is to be other than it was. Null takes a member away; what is left out stays. */
export interface ImageChanges {
  readonly labels?: NamedChanges | undefined;
  readonly env?: NamedChanges | undefined;
  /** A new entrypoint takes the arguments with it that were made for the old one, unless `cmd` is given too. */
  readonly entrypoint?: readonly string[] | null | undefined;
  readonly cmd?: readonly string[] | null | undefined;
  readonly user?: string | null | undefined;
  readonly workingDir?: string | null | undefined;
  /** `80/tcp`: true adds a port, false takes it away. */
  readonly exposedPorts?: Readonly<Record<string, boolean>> | undefined;
  /** By path: true adds a volume, false takes it away. */
  readonly volumes?: Readonly<Record<string, boolean>> | undefined;
  readonly stopSignal?: string | null | undefined;
  readonly created?: Date | null | undefined;
  readonly author?: string | null | undefined;
  readonly platform?: Platform | undefined;
  /** Of the manifest. */
  readonly annotations?: NamedChanges | undefined;
  /** Of the descriptor of the config. */
  readonly configAnnotations?: NamedChanges | undefined;
  /** Media types change, and nothing else. */
  readonly format?: ManifestFormat | undefined;
}

/**
 * Changes what an image says of itself. Its layers stay the same; the same changes give the same digest.
 *
 * @throws FailedPrecondition for annotations in Docker's format, which has none; Unimplemented for a format that
 * cannot say what the image is
 */
export async function mutateImage(image: Image, changes: ImageChanges): Promise<Image> {
  const config = changedConfig(image.config, changes);
  const reconfigured = config === image.config ? image : await withConfig(image, config);
  return annotated(await reformatted(reconfigured, changes.format), changes);
}

function changedConfig(config: ImageConfig, changes: ImageChanges): ImageConfig {
  const { created, author, platform } = changes;
  const container = changedContainer(config.config ?? {}, changes);
  const isSame = JSON.stringify(container) === JSON.stringify(config.config ?? {});
  if (isSame && created === undefined && author === undefined && platform === undefined) return config;
  const { variant: _v, 'os.version': _o, 'os.features': _f, ...anywhere } = config;
  return {
    ...withMember(
      withMember(
        { ...(platform === undefined ? config : { ...anywhere, ...platform }) },
        'created',
        created instanceof Date ? created.toISOString() : created,
      ),
      'author',
      author,
    ),
    ...(isSame ? {} : { config: container }),
  };
}

function changedContainer(container: ContainerConfig, changes: ImageChanges): ContainerConfig {
  const { entrypoint, cmd, user, workingDir, stopSignal } = changes;
  let changed = container;
  changed = withMember(changed, 'Entrypoint', entrypoint);
  changed = withMember(changed, 'Cmd', cmd === undefined && entrypoint !== undefined ? null : cmd);
  changed = withMember(changed, 'User', user);
  changed = withMember(changed, 'WorkingDir', workingDir);
  changed = withMember(changed, 'StopSignal', stopSignal);
  if (changes.env !== undefined)
    changed = withMember(changed, 'Env', changedEnv(changed.Env ?? [], changes.env));
  if (changes.labels !== undefined)
    changed = withMember(changed, 'Labels', orNull(changedRecord(changed.Labels ?? {}, changes.labels)));
  for (const [member, wishes] of [
    ['ExposedPorts', changes.exposedPorts],
    ['Volumes', changes.volumes],
  ] as const) {
    if (wishes !== undefined)
      changed = withMember(changed, member, orNull(changedSet(changed[member] ?? {}, wishes)));
  }
  return changed;
}

/** Undefined leaves a member as it is, null takes it away. */
function withMember<T extends object, K extends keyof T>(
  value: T,
  name: K,
  member: Exclude<T[K], undefined> | null | undefined,
): T {
  if (member === undefined) return value;
  if (member !== null) return { ...value, [name]: member };
  const { [name]: _, ...rest } = value;
  return rest as T;
}

/** A variable keeps its place, a new one comes last. */
function changedEnv(env: readonly string[], changes: NamedChanges): readonly string[] {
  const left = new Map(Object.entries(changes));
  for (const name of left.keys()) {
    if (name === '' || name.includes('='))
      throw new LadingError(
        Code.InvalidArgument,
        `${JSON.stringify(name.slice(0, 100))} is no name of a variable`,
      );
  }
  const kept = env.flatMap((entry) => {
    const name = entry.slice(0, entry.includes('=') ? entry.indexOf('=') : entry.length);
    const value = left.get(name);
    if (value === undefined) return [entry];
    left.delete(name);
    return value === null ? [] : [`${name}=${value}`];
  });
  return [...kept, ...[...left].flatMap(([name, value]) => (value === null ? [] : [`${name}=${value}`]))];
}

function changedRecord(
  record: Readonly<Record<string, string>>,
  changes: NamedChanges,
): Readonly<Record<string, string>> {
  const merged = new Map<string, string | null>([...Object.entries(record), ...Object.entries(changes)]);
  return Object.fromEntries([...merged].filter((entry): entry is [string, string] => entry[1] !== null));
}

function changedSet(
  set: Readonly<Record<string, object>>,
  changes: Readonly<Record<string, boolean>>,
): Readonly<Record<string, object>> {
  const merged = new Map<string, object>(Object.entries(set));
  for (const [key, isWanted] of Object.entries(changes)) {
    if (!isWanted) merged.delete(key);
    else if (!merged.has(key)) merged.set(key, {});
  }
  return Object.fromEntries(merged);
}

function orNull<T extends object>(record: T): T | null {
  return Object.keys(record).length === 0 ? null : record;
}

async function reformatted(image: Image, format: ManifestFormat | undefined): Promise<Image> {
  if (format === undefined || formatOf(image.mediaType) === format) return image;
  return {
    ...image,
    mediaType: manifestTypeIn(format, image.mediaType),
    manifest: convertManifest(image.manifest, format),
  };
}

function annotated(image: Image, { annotations, configAnnotations }: ImageChanges): Image {
  if (annotations === undefined && configAnnotations === undefined) return image;
  if (image.mediaType === MediaType.DockerManifest) {
    throw new LadingError(
      Code.FailedPrecondition,
      "Docker's manifests have no annotations; change the format to the OCI's too",
      { reason: 'UNSUPPORTED' },
    );
  }
  let { manifest } = image;
  if (annotations !== undefined)
    manifest = withMember(
      manifest,
      'annotations',
      orNull(changedRecord(manifest.annotations ?? {}, annotations)),
    );
  if (configAnnotations !== undefined) {
    const { config } = manifest;
    const changed = orNull(changedRecord(config.annotations ?? {}, configAnnotations));
    manifest = { ...manifest, config: withMember(config, 'annotations', changed) };
  }
  return { ...image, manifest };
}
