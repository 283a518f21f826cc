// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import type { CommandCall, Completion } from '@lading/command-line';
import { transports } from '@lading/image-copy';
import { Annotation, parseIndex } from '@lading/image-spec';
import { readNamedFile } from './read-file.ts';

/** A person waits for it: what the registry has not said by then is not offered. */
const patienceMs = 3000;

/** Completes an image: transports, tags from the registry, names in a layout, files and folders. */
export async function complete(call: CommandCall, word: string): Promise<Completion> {
  const colon = word.indexOf(':');
  if (colon < 0) {
    const starts = transports.map((name) => (name === 'docker' ? 'docker://' : `${name}:`));
    return { candidates: starts.filter((one) => one.startsWith(word)).map(asCandidate), goesOn: true };
  }
  const transport = word.slice(0, colon);
  const rest = word.slice(colon + 1);
  switch (transport) {
    case 'docker':
      return { candidates: (await tagsOf(call, word, rest)).map(asCandidate), goesOn: false };
    case 'oci':
      return rest.includes(':')
        ? { candidates: (await namesIn(call, word, rest)).map(asCandidate) }
        : { candidates: [], otherwise: 'folder', goesOn: true };
    case 'dir':
      return { candidates: [], otherwise: 'folder' };
    case 'docker-archive':
    case 'oci-archive':
    case 'tarball':
      return { candidates: [], otherwise: 'file', goesOn: true };
    default:
      return { candidates: [] };
  }
}

const asCandidate = (value: string): { value: string } => ({ value });

/** Words that begin with what is typed, one a tag; none as long as the repository has no colon after it. */
async function tagsOf(call: CommandCall, word: string, rest: string): Promise<readonly string[]> {
  const [, repository = ''] =
    /^(\/\/[^@]+\/[^:@]+):[\w.-]*$/.exec(rest) ?? /^(\/\/[^/:@]+):[\w.-]*$/.exec(rest) ?? [];
  if (repository === '') return [];
  const hasSides = call.command.flags?.some(({ name }) => name === 'src-creds') === true;
  const prefix = !hasSides ? '' : call.args.length === 0 ? 'src-' : 'dest-';
  const text = `docker:${repository}`;
  const signal = AbortSignal.any([call.environment.signal, AbortSignal.timeout(patienceMs)]);
  // With the client of registries, which other transports do without.
  const [{ listAllTags }, { transportContext }] = await Promise.all([
    import('./tags.ts'),
    import('./registry-context.ts'),
  ]);
  const tags = await listAllTags(text, await transportContext(call, text, prefix), signal);
  return tags.map((tag) => `${text}:${tag}`).filter((one) => one.startsWith(word));
}

async function namesIn({ environment }: CommandCall, word: string, rest: string): Promise<readonly string[]> {
  const [path = ''] = rest.split(':');
  const file = resolve(environment.cwd, path, 'index.json');
  const { manifests } = parseIndex(await readNamedFile(environment, file, 'the index of the layout'));
  return manifests
    .flatMap(({ annotations }) => annotations?.[Annotation.RefName] ?? [])
    .map((name) => `oci:${path}:${name}`)
    .filter((one) => one.startsWith(word));
}
