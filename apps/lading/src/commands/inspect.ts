// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { Code, hasCode, LadingError } from '@lading/errors';
import { toJson } from '@lading/go-template';
import { withEngine } from '../engine.ts';
import { type InspectKind, inspectKinds, openInspector } from '../inspect/inspector.ts';
import { withSharedFlags } from '../options/shared-flags.ts';
import { inspectTemplate } from '../output/inspect-template.ts';
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
  const { args, flags, environment } = withSharedFlags(call);
  const latest = flags.boolean('latest');
  if (latest && args.length > 0) throw usageError('--latest and arguments cannot be used together');
  if (!latest && args.length === 0) throw usageError('no names or ids specified');
  const show = inspectTemplate(flags.string('format') || 'json', 'inspect');
  const found: unknown[] = [];
  const errors: LadingError[] = [];
  await withEngine(call, async (engine) => {
    const inspector = openInspector(call, engine, {
      withSize: flags.boolean('size'),
      isTemplate: show !== undefined,
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
  await environment.stdout(show === undefined ? `${toJson(found, 5)}\n` : show(found));
  for (const error of errors) await printError(environment, error);
  return errors.length === 0 ? 0 : 125;
}
