// SPDX-License-Identifier: Apache-2.0
import type { Candidate, CommandCall, Completion } from '@lading/command-line';
import { containerNames, idIf } from './container-names.ts';
import { type Kind, meaningOf } from './usage-words.ts';

/** Completes a word by what the usage line says that it names. */
export async function complete(call: CommandCall, word: string): Promise<Completion> {
  const { kinds, isFile, isPlace } = meaningOf(call.command, call.args.length);
  const found = await Promise.all(kinds.map((kind) => namesOf(kind, call, word)));
  const candidates = found
    .flat()
    .map((one) => (isPlace ? { ...one, value: `${one.value}:` } : one))
    // rm a b a: nobody means that.
    .filter(({ value }) => value.startsWith(word) && !call.args.includes(value));
  return { candidates, goesOn: isPlace && candidates.length > 0, otherwise: isFile ? 'file' : undefined };
}

/** Completes the value of a flag that names something of this kind. */
export async function completeKind(kind: Kind, call: CommandCall, word: string): Promise<Completion> {
  const names = await namesOf(kind, call, word);
  return { candidates: names.filter(({ value }) => value.startsWith(word)) };
}

async function namesOf(kind: Kind, call: CommandCall, word: string): Promise<readonly Candidate[]> {
  switch (kind) {
    case 'CONTAINER':
      return containerNames(call, word);
    case 'NETWORK': {
      const { listNetworks } = await import('../network/networks.ts');
      return (await listNetworks(call)).map(({ name, driver }) => ({ value: name, help: driver }));
    }
    default:
      return storedNames(kind, call, word);
  }
}

async function storedNames(
  kind: Exclude<Kind, 'CONTAINER' | 'NETWORK'>,
  call: CommandCall,
  word: string,
): Promise<readonly Candidate[]> {
  const { withEngine } = await import('../engine.ts');
  return withEngine(call, async ({ images, pods, volumes, secrets }) => {
    switch (kind) {
      case 'IMAGE':
        return (await images.list()).flatMap(({ id, names }) => [
          ...names.flatMap((name) => shortForms(name).map((value) => ({ value }))),
          ...idIf(id, word, names.join(', ')),
        ]);
      case 'LIST':
      case 'MANIFEST': {
        const lists = (await images.list()).filter(({ isList }) => isList);
        return lists.flatMap(({ names }) => names.flatMap(shortForms)).map((value) => ({ value }));
      }
      case 'POD':
        return (await pods.list()).flatMap(({ id, name }) => [{ value: name }, ...idIf(id, word, name)]);
      case 'VOLUME':
        return (await volumes.list()).map(({ name }) => ({ value: name }));
      case 'SECRET':
        return (await secrets.list()).map(({ name }) => ({ value: name }));
    }
  });
}

/** `localhost/web:latest` is also found as `web:latest`. */
function shortForms(name: string): readonly string[] {
  const short = /^(?:localhost|docker\.io\/library)\/(.+)$/.exec(name)?.[1];
  return short === undefined ? [name] : [name, short];
}
