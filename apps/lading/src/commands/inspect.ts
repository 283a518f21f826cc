// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { Engine } from '@lading/engine';
import { Code, hasCode, LadingError } from '@lading/errors';
import { parseTemplate, toJson } from '@lading/go-template';
import { withEngine } from '../engine.ts';
import { containerDetails } from '../output/container-details.ts';
import { imageDetails } from '../output/image-details.ts';
import { printError } from '../output/print-error.ts';

type Kind = 'all' | 'container' | 'image';

export async function run(call: CommandCall): Promise<number> {
  const kind = call.flags.string('type') ?? 'all';
  if (kind !== 'all' && kind !== 'container' && kind !== 'image') {
    throw usageError(`the only recognized types are "image", "container" and "all": not "${kind}"`);
  }
  return inspect(call, kind);
}

export async function runContainerInspect(call: CommandCall): Promise<number> {
  return inspect(call, 'container');
}

export async function runImageInspect(call: CommandCall): Promise<number> {
  return inspect(call, 'image');
}

async function inspect(call: CommandCall, kind: Kind): Promise<number> {
  const { args, flags, environment } = call;
  const format = flags.string('format') ?? 'json';
  const json = format === 'json' || format === '';
  // Read before anything is looked up: a mistake in it has nothing to do with the objects.
  const template = json ? undefined : parseTemplate(format, { name: 'inspect' });
  const found: unknown[] = [];
  const errors: LadingError[] = [];
  await withEngine(call, async (engine) => {
    for (const name of args) {
      try {
        found.push(await lookUp(engine, name, kind));
      } catch (reason) {
        if (!hasCode(reason, Code.NotFound)) throw reason;
        errors.push(reason);
      }
    }
  });
  if (template === undefined) await environment.stdout(`${toJson(found, 5)}\n`);
  else for (const value of found) await environment.stdout(`${template.render(value)}\n`);
  for (const error of errors) await printError(environment, error);
  return errors.length === 0 ? 0 : 125;
}

async function lookUp(engine: Engine, name: string, kind: Kind): Promise<unknown> {
  if (kind !== 'image' && (await engine.containers.exists(name))) {
    const container = await engine.containers.inspect(name);
    const hasVolume = container.options.mounts?.some(({ type }) => type === 'volume');
    const volumes = hasVolume ? await engine.volumes.list() : [];
    return containerDetails(container, new Map(volumes.map(({ name, mountpoint }) => [name, mountpoint])));
  }
  if (kind === 'container')
    throw new LadingError(Code.NotFound, `inspecting object: no such container ${name}`);
  if ((await engine.images.find(name)) === undefined) {
    const problem = kind === 'image' ? `${name}: image not known` : `no such object: "${name}"`;
    throw new LadingError(Code.NotFound, `inspecting object: ${problem}`);
  }
  return imageDetails(await engine.images.inspect(name));
}
