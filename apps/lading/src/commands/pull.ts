// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { Engine } from '@lading/engine';
import { withEngine } from '../engine.ts';
import { transportIn } from '../images/transport-name.ts';
import { parsePullPolicy } from '../options/pull-options.ts';
import { forEachName } from '../output/for-each.ts';
import { pullImage } from '../output/pull-image.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags } = call;
  const policy = parsePullPolicy(flags.string('policy') ?? 'always');
  return withEngine(call, (engine) =>
    forEachName(call, args, async (text) => {
      const transport = transportIn(text);
      if (transport !== undefined && transport !== 'docker') {
        if (flags.boolean('all-tags')) {
          throw usageError(`pulling all tags is not supported for ${transport} transport`);
        }
        const { pullTransport } = await import('../images/pull-transport.ts');
        return (await pullTransport(call, engine, text)).join('\n');
      }
      const name = text.replace(/^docker:\/\//, '');
      const names = flags.boolean('all-tags') ? await namesOfAllTags(call, engine, name) : [name];
      const ids: string[] = [];
      for (const one of names) ids.push((await pullImage(call, engine, one, policy)).id);
      return ids.join('\n');
    }),
  );
}

async function namesOfAllTags(
  call: CommandCall,
  { store }: Engine,
  name: string,
): Promise<readonly string[]> {
  const [{ openRepository }, { parseFamiliarReference }, { transportContext }] = await Promise.all([
    import('@lading/image-copy'),
    import('@lading/image-spec'),
    import('../options/registry-context.ts'),
  ]);
  const { host, repository, tag, digest } = parseFamiliarReference(name);
  if (tag !== undefined || digest !== undefined) {
    throw usageError(`${name}: a tag or digest cannot be given with --all-tags`);
  }
  const context = await transportContext(call, store);
  await using opened = await openRepository(`docker://${host}/${repository}`, context);
  const { signal } = call.environment;
  const tags = await Array.fromAsync(opened.repository.tags({ signal }));
  return tags.map((one) => `${host}/${repository}:${one}`);
}
