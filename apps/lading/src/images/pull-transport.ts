// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import type { Engine } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { readPullOptions } from '../options/pull-options.ts';
import { transportContext } from '../options/registry-context.ts';
import { trustPolicy } from '../options/trust-policy.ts';
import { importPlace } from './import-place.ts';
import { placesOfTransport } from './transport-places.ts';

/** Takes the images of a place that is no registry into the store; gives the id of each, once for each of its names. */
export async function pullTransport(
  call: CommandCall,
  engine: Engine,
  text: string,
): Promise<readonly [string, ...string[]]> {
  const [, stored] = /^containers-storage:(.+)$/.exec(text) ?? [];
  if (stored !== undefined) return [(await engine.images.inspect(stored)).id];
  const { cwd } = call.environment;
  const places = await placesOfTransport(text, cwd);
  const { platform } = await readPullOptions(call);
  const [policy, context] = [await trustPolicy(call), await transportContext(call, engine.store)];
  const ids: string[] = [];
  for (const place of places) {
    const id = await importPlace(call, engine, place, { policy, platform }, context);
    ids.push(id, ...place.names.slice(1).map(() => id));
  }
  const [first, ...others] = ids;
  if (first === undefined) throw new LadingError(Code.NotFound, `there is no image in ${text}`);
  return [first, ...others];
}
