// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import { listDockerArchive, onSide, parseTransport } from '@lading/image-copy';
import { goJson } from '../go-json.ts';
import { transportContext } from '../registry-context.ts';
import { dockerReference } from '../repository.ts';
import { signalOf, withRetries } from '../retry.ts';
import { listAllTags } from '../tags.ts';

export async function run(call: CommandCall): Promise<number> {
  const [text = ''] = call.args;
  const { transport, rest } = parseTransport(text);
  if (transport !== 'docker' && transport !== 'docker-archive') {
    throw usageError(
      `Unsupported transport '${transport}' for tag listing. Only supported: docker, docker-archive`,
    );
  }
  const signal = signalOf(call);
  const listing = await withRetries(call, signal, () =>
    transport === 'docker' ? repositoryTags(call, text, signal) : archiveTags(call, rest, signal),
  );
  await call.environment.stdout(`${goJson(listing)}\n`);
  return 0;
}

interface Listing {
  readonly Repository?: string;
  readonly Tags: readonly string[];
}

async function repositoryTags(call: CommandCall, text: string, signal: AbortSignal): Promise<Listing> {
  const { host, repository, tag, digest } = dockerReference(text, 'list-tags');
  if (tag !== undefined || digest !== undefined) throw usageError('No tag or digest allowed in reference');
  const context = await transportContext(call, text);
  return { Repository: `${host}/${repository}`, Tags: await listAllTags(text, context, signal) };
}

/** The names of all images in an archive; one without a name has its position. */
async function archiveTags(call: CommandCall, rest: string, signal: AbortSignal): Promise<Listing> {
  // The name of an image after the path does not narrow the list: skopeo lists the whole archive.
  const [path = ''] = rest.split(':');
  try {
    const images = await listDockerArchive(resolve(call.environment.cwd, path), { signal });
    return { Tags: images.flatMap(({ tags }, i) => (tags.length === 0 ? [`@${i}`] : tags)) };
  } catch (error) {
    throw onSide('source', `docker-archive:${rest}`, error);
  }
}
