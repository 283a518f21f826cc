// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { Code, hasCode, LadingError } from '@lading/errors';
import { parseTemplate, toJson } from '@lading/go-template';
import { withEngine } from '../engine.ts';
import { type InspectKind, inspectKinds, openInspector } from '../inspect/inspector.ts';
import { hasFlag } from '../options/has-flag.ts';
import { printError } from '../output/print-error.ts';

export async function run(call: CommandCall): Promise<number> {
  const text = call.flags.string('type') ?? 'all';
  const kind = inspectKinds.find((known) => known === text);
  if (kind === undefined) {
    throw usageError(
      `invalid type "${text}": must be "image", "container", "pod", "network", "volume", or "all"`,
    );
  }
  return inspect(call, kind);
}

export async function runContainerInspect(call: CommandCall): Promise<number> {
  return inspect(call, 'container');
}

export async function runImageInspect(call: CommandCall): Promise<number> {
  return inspect(call, 'image');
}

async function inspect(call: CommandCall, kind: InspectKind): Promise<number> {
  const { args, flags, environment } = call;
  const latest = hasFlag(call, 'latest') && flags.boolean('latest');
  if (latest && args.length > 0) throw usageError('--latest and arguments cannot be used together');
  if (!latest && args.length === 0) throw usageError('no names or ids specified');
  const format = flags.string('format') ?? 'json';
  const json = format === 'json' || format === '';
  // Read before anything is looked up: a mistake in it has nothing to do with the objects.
  const template = json ? undefined : parseTemplate(format, { name: 'inspect' });
  const found: unknown[] = [];
  const errors: LadingError[] = [];
  await withEngine(call, async (engine) => {
    const inspector = openInspector(call, engine, {
      withSize: hasFlag(call, 'size') && flags.boolean('size'),
      isTemplate: !json,
    });
    const names = latest ? [(await engine.containers.list({ all: true }))[0]?.id ?? ''] : args;
    for (const name of names) {
      try {
        found.push(await inspector(name, kind));
      } catch (reason) {
        if (!hasCode(reason, Code.NotFound)) throw reason;
        errors.push(new LadingError(Code.NotFound, `inspecting object: ${reason.message}`));
      }
    }
  });
  if (template === undefined) await environment.stdout(`${toJson(found, 5)}\n`);
  else for (const value of found) await environment.stdout(`${template.render(value)}\n`);
  for (const error of errors) await printError(environment, error);
  return errors.length === 0 ? 0 : 125;
}
