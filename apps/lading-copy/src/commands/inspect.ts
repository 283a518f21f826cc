// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { Code, hasCode, LadingError } from '@lading/errors';
import { isJsonFormat } from '@lading/go-template';
import { type ImageSource, parseTransport } from '@lading/image-copy';
import {
  type Digest,
  digestAlgorithm,
  digestBytes,
  type ImageConfig,
  parseFamiliarReference,
  parseImageConfig,
} from '@lading/image-spec';
import { goJson } from '../go-json.ts';
import { type ImageInfo, imageInfo } from '../image-info.ts';
import { platformOf } from '../platform.ts';
import { readConfig, readManifest } from '../read-image.ts';
import { signalOf, withRetries } from '../retry.ts';
import { withSource } from '../with-source.ts';

/** What there is to tell of an image: bytes as they are, its config, or a summary. */
type Inspected =
  | { readonly raw: Uint8Array }
  | { readonly config: ImageConfig }
  | { readonly info: ImageInfo };

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const format = flags.string('format') || undefined;
  if (flags.boolean('raw') && format !== undefined) {
    throw usageError('raw output does not support format option');
  }
  const signal = signalOf(call);
  const inspected = await withRetries(call, signal, () => inspect(call, signal));
  await environment.stdout('raw' in inspected ? inspected.raw : await shown(inspected, format));
  return 0;
}

function inspect(call: CommandCall, signal: AbortSignal): Promise<Inspected> {
  const [text = ''] = call.args;
  return withSource(call, text, '', (source) => read(call, source, text, signal));
}

async function read(
  call: CommandCall,
  source: ImageSource,
  text: string,
  signal: AbortSignal,
): Promise<Inspected> {
  const { flags } = call;
  const raw = flags.boolean('raw');
  const name = repositoryName(text);
  const wantsTags = !raw && !flags.boolean('config') && !flags.boolean('no-tags') && name !== undefined;
  const tags = wantsTags ? tagsOf(call, source, signal) : Promise.resolve([]);
  // Asked for at once; its failure counts when the image itself is there.
  tags.catch(() => undefined);
  const top = await source.manifest(undefined, { signal });
  if (raw && !flags.boolean('config')) return { raw: top.bytes };
  const { manifest } = await readManifest(source, top, platformOf(flags), signal);
  const bytes = await readConfig(source, manifest, signal);
  if (raw) return { raw: bytes };
  const config = parseImageConfig(bytes);
  if (flags.boolean('config')) return { config };
  const digest = await manifestDigest(flags.string('manifest-digest'), top.bytes, manifest.config.digest);
  return { info: imageInfo(name, digest, await tags, manifest, config) };
}

async function shown(
  inspected: { readonly config: ImageConfig } | { readonly info: ImageInfo },
  format: string | undefined,
): Promise<string> {
  const { configDocument, configFields } = await import('../config-view.ts');
  const json = 'config' in inspected ? configDocument(inspected.config) : inspected.info;
  if (format === undefined || isJsonFormat(format)) return `${goJson(json)}\n`;
  const [{ renderReport }, { infoFields }] = await Promise.all([
    import('@lading/go-template'),
    import('../info-fields.ts'),
  ]);
  const fields = 'config' in inspected ? configFields(inspected.config) : infoFields(inspected.info);
  return renderReport(format, [fields], { name: 'inspect', headers: {}, json });
}

/** The digest of a manifest by the algorithm that is asked for, else by that of its config's digest. */
async function manifestDigest(
  wanted: string | undefined,
  bytes: Uint8Array,
  config: Digest,
): Promise<Digest> {
  const algorithm = wanted ?? digestAlgorithm(config);
  if (algorithm === '' || algorithm === 'sha256') return digestBytes(bytes);
  if (algorithm === 'sha512') return digestBytes(bytes, 'sha512');
  throw new LadingError(
    Code.InvalidArgument,
    `the digest algorithm ${JSON.stringify(algorithm.slice(0, 40))} is not available; there are sha256 and sha512`,
  );
}

/** `host/path` of an image that has a name. */
function repositoryName(text: string): string | undefined {
  const name = imageName(text);
  if (name === undefined || /^[0-9a-f]{64}$/.test(name)) return undefined;
  const { host, repository } = parseFamiliarReference(name.replace(/@[0-9a-f]{64}$/, ''));
  return `${host}/${repository}`;
}

function imageName(text: string): string | undefined {
  const { transport, rest } = parseTransport(text);
  if (transport === 'docker') return rest.slice(2);
  if (transport === 'containers-storage') return rest.replace(/^\[[^\]]*\]/, '');
  if (transport === 'docker-daemon') return rest.startsWith('sha256:') ? undefined : rest;
  if (transport !== 'docker-archive') return undefined;
  const [, name] = /^[^:]*:([^@].*)$/s.exec(rest) ?? [];
  return name;
}

async function tagsOf(
  { environment }: CommandCall,
  source: ImageSource,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    return source.tags === undefined ? [] : await Array.fromAsync(source.tags({ signal }));
  } catch (error) {
    if (!isForbidden(error)) throw error;
    await environment.stderr('Warning: the registry does not let its tags be listed\n');
    return [];
  }
}

/** The image is there and its tags may not be listed: ECR forbids it, public ECR has no such endpoint. */
function isForbidden(error: unknown): boolean {
  if (hasCode(error, Code.PermissionDenied) || hasCode(error, Code.Unauthenticated)) return true;
  return hasCode(error, Code.NotFound) && error.reason !== 'NAME_UNKNOWN';
}
