// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { Code, hasCode } from '@lading/errors';
import { renderReport } from '@lading/go-template';
import { type ImageSource, onSide, openSource, parseTransport } from '@lading/image-copy';
import { parseFamiliarReference, parseImageConfig } from '@lading/image-spec';
import { configDocument, configFields } from '../config-view.ts';
import { goJson } from '../go-json.ts';
import { imageInfo } from '../image-info.ts';
import { platformOf } from '../platform.ts';
import { readConfig, readManifest } from '../read-image.ts';
import { transportContext } from '../registry-context.ts';
import { signalOf, withRetries } from '../retry.ts';
import { listAllTags } from '../tags.ts';

export async function run(call: CommandCall): Promise<number> {
  const signal = signalOf(call);
  const output = await withRetries(call, signal, () => inspect(call, signal));
  await call.environment.stdout(output);
  return 0;
}

async function inspect(call: CommandCall, signal: AbortSignal): Promise<string | Uint8Array> {
  const [text = ''] = call.args;
  const source = await openSource(text, await transportContext(call, text));
  try {
    return await describe(call, source, text, signal);
  } catch (error) {
    throw onSide('source', text, error);
  } finally {
    await source.close();
  }
}

async function describe(
  call: CommandCall,
  source: ImageSource,
  text: string,
  signal: AbortSignal,
): Promise<string | Uint8Array> {
  const { flags } = call;
  const raw = flags.boolean('raw');
  const format = flags.string('format') || undefined;
  const top = await source.manifest(undefined, { signal });
  if (raw && !flags.boolean('config')) return top.bytes;
  const manifest = await readManifest(source, top, platformOf(flags), signal);
  const bytes = await readConfig(source, manifest, signal);
  if (raw) return bytes;
  const config = parseImageConfig(bytes);
  if (flags.boolean('config')) {
    if (format === undefined) return `${goJson(configDocument(config))}\n`;
    return renderReport(format, [configFields(config)], { headers: {}, json: configDocument(config) });
  }
  const name = repositoryName(text);
  const tags = name === undefined || flags.boolean('no-tags') ? [] : await tagsOf(call, text, signal);
  const info = imageInfo(name, top.digest, tags, manifest, config);
  if (format === undefined) return `${goJson(info)}\n`;
  const created = info.Created === null ? null : new Date(info.Created);
  return renderReport(format, [{ Name: '', ...info, Created: created }], { headers: {}, json: info });
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

async function tagsOf(call: CommandCall, text: string, signal: AbortSignal): Promise<readonly string[]> {
  if (parseTransport(text).transport !== 'docker') return [];
  try {
    return await listAllTags(text, await transportContext(call, text), signal);
  } catch (error) {
    // The image is there and its tags may not be listed: some registries forbid it to who may pull.
    if (!hasCode(error, Code.PermissionDenied) && !hasCode(error, Code.Unauthenticated)) throw error;
    await call.environment.stderr('Warning: the registry does not let its tags be listed\n');
    return [];
  }
}
