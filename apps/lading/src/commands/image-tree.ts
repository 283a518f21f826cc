// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../engine.ts';
import { findStored } from '../images/stored-image.ts';
import { humanSize } from '../output/human-size.ts';

/** A layer of the tree, and those on top of it. */
interface Branch {
  readonly text: string;
  readonly above: readonly Branch[];
}

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  return withEngine(call, async (engine) => {
    const { image } = await findStored(engine, args[0] ?? '');
    const [{ layers }, sizeBytes, all, stored] = await Promise.all([
      engine.images.inspect(image.id),
      engine.store.images.size(image.id),
      engine.store.images.list(),
      engine.store.layers.list(),
    ]);
    const textOf = (id: string): string => {
      const size = stored.find((layer) => layer.id === id)?.diffSize ?? 0;
      const tops = all.filter(({ topLayer }) => topLayer === id).flatMap(({ names }) => names ?? []);
      const top = tops.length === 0 ? '' : ` Top Layer of: [${tops.join(' ')}]`;
      return `ID: ${id.slice(0, 12)} Size: ${humanSize(size).padStart(7)}${top}`;
    };
    // Those that have siblings branch off; an only one follows the one below it, as with podman.
    const grown = (id: string, isOnly: boolean): readonly Branch[] => {
      const children = stored.filter(({ parent }) => parent === id);
      const above = children.flatMap((child) => grown(child.id, children.length === 1));
      return isOnly ? [{ text: textOf(id), above: [] }, ...above] : [{ text: textOf(id), above }];
    };
    const top = layers.at(-1);
    const below = stored.find(({ id }) => id === top)?.parent;
    const siblings = stored.filter(({ parent }) => parent === below);
    const branches =
      flags.boolean('whatrequires') && top !== undefined
        ? grown(top, below === undefined || siblings.length === 1)
        : layers.map((id) => ({ text: textOf(id), above: [] }));
    const lines = [
      `Image ID: ${image.id.slice(0, 12)}`,
      `Tags:     [${image.names.join(' ')}]`,
      `Size:     ${humanSize(sizeBytes)}`,
      'Image Layers',
      ...drawn(branches),
    ];
    await environment.stdout(`${lines.join('\n')}\n\n`);
    return 0;
  });
}

function drawn(branches: readonly Branch[]): readonly string[] {
  return branches.flatMap(({ text, above }, position) => {
    const isLast = position === branches.length - 1;
    const inner = drawn(above).map((line) => `${isLast ? '    ' : '│   '}${line}`);
    return [`${isLast ? '└──' : '├──'} ${text}`, ...inner];
  });
}
