// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { Engine } from '@lading/engine';
import { bindTerminal, proxySignals, streamsOf } from '../container/foreground.ts';
import { withEngine } from '../engine.ts';
import { forEachName } from '../output/for-each.ts';
import { checkNames, isRunning, namedContainers } from '../output/names.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const attach = flags.boolean('attach') || flags.boolean('interactive');
  if (flags.boolean('all') && args.length > 0)
    throw usageError('either start all containers or the containers provided in the arguments');
  if (!attach) checkNames(call);
  if (attach && args.length === 0) throw usageError('you must provide at least one name or id');
  if (attach && args.length > 1) throw usageError('you cannot start and attach multiple containers at once');
  return withEngine(call, async (engine) => {
    if (attach) return startAttached(call, engine, args[0] ?? '');
    const names = await namedContainers(call, engine, (container) => !isRunning(container));
    return forEachName(call, names, async (name) => {
      const { status, podId } = await engine.containers.inspect(name);
      // As podman has it: to start what runs is no mistake.
      if (status === 'running') return name;
      await startPod(engine, podId, environment.signal);
      await engine.containers.start(name, { signal: environment.signal });
      return name;
    });
  });
}

async function startAttached(call: CommandCall, engine: Engine, name: string): Promise<number> {
  const { environment, flags } = call;
  const { id, options, podId } = await engine.containers.inspect(name);
  const terminal = options.terminal === true;
  const stdin = flags.boolean('interactive') && options.stdin === true;
  const atTerminal = terminal && environment.stdinIsTerminal;
  const screen = bindTerminal(environment);
  let left: Promise<'ended' | 'detached'> | undefined;
  const proxy = flags.boolean('sig-proxy') ? proxySignals(environment, engine, id) : undefined;
  try {
    await startPod(engine, podId, environment.signal);
    await engine.containers.start(id, {
      signal: environment.signal,
      attach: streamsOf(call, { stdin, terminal }),
      onAttach: (attachment) => {
        left = attachment.done;
        if (!atTerminal) return;
        if (stdin) screen.setRaw();
        return screen.follow(attachment);
      },
    });
    proxy?.started();
    if ((await left) === 'detached') return 0;
    return (await engine.containers.wait(id)).exitCode;
  } finally {
    screen.stop();
    proxy?.stop();
  }
}

/** Namespaces of a pod that was stopped are gone: they are made again, and its other containers stay down. */
async function startPod(engine: Engine, pod: string | undefined, signal: AbortSignal): Promise<void> {
  if (pod !== undefined) await engine.pods.start(pod, { signal });
}
