// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../engine.ts';
import { findStored } from '../images/stored-image.ts';
import { humanSize } from '../output/human-size.ts';

/** A line of the tree, and those below it. */
interface Branch {
  readonly text: string;
  readonly below: readonly Branch[];
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
    const childrenOf = (id: string): readonly Branch[] =>
      stored
        .filter(({ parent }) => parent === id)
        .map((layer) => ({ text: textOf(layer.id), below: childrenOf(layer.id) }));
    const top = layers.at(-1);
    let branches: readonly Branch[] = layers.map((id) => ({ text: textOf(id), below: [] }));
    if (flags.boolean('whatrequires') && top !== undefined) {
      const children = childrenOf(top);
      // podman has those of a base layer beside it.
      branches =
        layers.length === 1
          ? [{ text: textOf(top), below: [] }, ...children]
          : [{ text: textOf(top), below: children }];
    }
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
  return branches.flatMap(({ text, below }, position) => {
    const isLast = position === branches.length - 1;
    const inner = drawn(below).map((line) => `${isLast ? '    ' : '│   '}${line}`);
    return [`${isLast ? '└──' : '├──'} ${text}`, ...inner];
  });
}
