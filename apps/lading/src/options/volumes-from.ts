// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';
import type { ContainerMount, Engine } from '@lading/engine';
import { quote } from '@lading/go-template';

/** `CONTAINER[:ro|rw]` for each of `--volumes-from`: their mounts, where none of the container's own is. */
export async function mountsFrom(
  engine: Engine,
  texts: readonly string[],
  own: readonly ContainerMount[],
): Promise<readonly ContainerMount[]> {
  const mounts = new Map<string, ContainerMount>();
  for (const text of texts) {
    const [name = '', options = '', ...rest] = text.split(':');
    const words = options === '' ? [] : options.split(',');
    if (name === '' || rest.length > 0 || words.some((word) => !['ro', 'rw', 'z'].includes(word))) {
      throw usageError(`invalid --volumes-from ${quote(text)}: use CONTAINER[:ro|rw]`);
    }
    const { options: other } = await engine.containers.inspect(name);
    for (const mount of other.mounts ?? []) {
      mounts.set(
        mount.target,
        words.includes('ro') && mount.type !== 'image' ? { ...mount, readOnly: true } : mount,
      );
    }
  }
  const taken = new Set(own.map(({ target }) => target));
  return [...own, ...[...mounts.values()].filter(({ target }) => !taken.has(target))];
}
