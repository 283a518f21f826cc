// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import type { ContainerOptions, Engine } from '@lading/engine';
import { LadingError } from '@lading/errors';
import type { CidFile } from '../container/cid-file.ts';
import { bindTerminal, proxySignals, type SignalProxy, streamsOf } from '../container/foreground.ts';
import { prepareContainer, readCreateRequest } from '../container/prepare.ts';
import { withEngine } from '../engine.ts';
import { attachedStreams } from '../options/attached-streams.ts';
import { readPreservedFds } from '../options/preserved-fds.ts';
import { printError } from '../output/print-error.ts';

export async function run(call: CommandCall): Promise<number> {
  const request = await readCreateRequest(call);
  const fds = readPreservedFds(call.flags);
  const { cidFile } = request;
  return withEngine(call, async (engine) => {
    const options = await prepareContainer(call, engine, request);
    const running = call.flags.boolean('detach')
      ? runDetached(call, engine, options, cidFile, fds)
      : runForeground(call, engine, options, cidFile, fds);
    return running.catch((reason: unknown) => {
      throw notInvoked(LadingError.from(reason));
    });
  });
}

/** Who runs a command is told by the exit code that it was the runtime that could not; who starts a container is not. */
function notInvoked(error: LadingError): LadingError {
  if (error.reason !== 'RUNTIME_FAILED') return error;
  return new LadingError(error.code, error.message, { reason: 'COMMAND_NOT_INVOKED', cause: error });
}

async function runDetached(
  { environment }: CommandCall,
  engine: Engine,
  options: ContainerOptions,
  cidFile: CidFile,
  fds: readonly number[],
): Promise<number> {
  const { signal } = environment;
  const { id } = await engine.containers.create(options, { signal });
  try {
    await cidFile.write(id);
    await engine.containers.start(id, { signal, fds });
  } catch (reason) {
    if (options.autoRemove === true) await engine.containers.remove(id, { force: true, ignoreMissing: true });
    throw reason;
  }
  await environment.stdout(`${id}\n`);
  return 0;
}

async function runForeground(
  call: CommandCall,
  engine: Engine,
  options: ContainerOptions,
  cidFile: CidFile,
  fds: readonly number[],
): Promise<number> {
  const { environment, flags } = call;
  const terminal = options.terminal === true;
  const atTerminal = terminal && environment.stdinIsTerminal;
  const screen = bindTerminal(environment);
  let proxy: SignalProxy | undefined;
  let wrote: Promise<void> | undefined;
  try {
    const { exitCode } = await engine.containers.run(options, {
      signal: environment.signal,
      fds,
      attach: attachedStreams(call, streamsOf(call, { stdin: options.stdin === true, terminal })),
      onCreate: ({ id }) => {
        wrote = cidFile.write(id).catch((reason: unknown) => printError(environment, reason));
        if (flags.boolean('sig-proxy')) proxy = proxySignals(environment, engine, id);
      },
      onStart: () => proxy?.started(),
      ...(atTerminal && {
        onAttach: (attachment) => {
          if (options.stdin === true) screen.setRaw();
          return screen.follow(attachment);
        },
      }),
    });
    await wrote;
    if (flags.boolean('rmi')) await removeImage(call, engine, options.image);
    return exitCode;
  } finally {
    screen.stop();
    proxy?.stop();
  }
}

/** Another container may have it: that is no fault of the one that has ended. */
async function removeImage({ environment }: CommandCall, { images }: Engine, ref: string): Promise<void> {
  if (ref === '') return;
  try {
    await images.remove(ref);
  } catch (reason) {
    await printError(environment, reason);
  }
}
