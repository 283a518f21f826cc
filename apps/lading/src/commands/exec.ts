// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';
import { bindTerminal, streamsOf } from '../container/foreground.ts';
import { withEngine } from '../engine.ts';
import { readEnvironmentFlags } from '../options/environment-variables.ts';
import { readPreservedFds } from '../options/preserved-fds.ts';
import { readWorkdir } from '../options/workdir.ts';
import { isRunning, latestContainer } from '../output/names.ts';
import { printError } from '../output/print-error.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const latest = flags.boolean('latest');
  const command = latest ? args : args.slice(1);
  if (!latest && args.length === 0) {
    throw usageError('exec requires the name or ID of a container or the --latest flag');
  }
  const stdin = flags.boolean('interactive');
  const env = await readEnvironmentFlags(call);
  const user = flags.string('user') || undefined;
  const workdir = readWorkdir(flags);
  const detach = flags.boolean('detach');
  // Nobody would sit at the terminal of one that is left alone.
  const hasTerminal = flags.boolean('tty') && !detach;
  const streams = streamsOf(call, { stdin, terminal: hasTerminal });
  const fds = readPreservedFds(flags);
  return withEngine(call, async (engine) => {
    const name = latest ? await latestContainer(engine) : (args[0] ?? '');
    const isUp = isRunning(await engine.containers.inspect(name));
    if (!isUp || command.length === 0) {
      const problem = isUp
        ? 'must provide a non-empty command to start an exec session: invalid argument'
        : 'can only create exec sessions on running containers: container state improper';
      await printError(environment, new LadingError(Code.FailedPrecondition, problem));
      return 255;
    }
    const screen = bindTerminal(environment);
    if (hasTerminal && stdin && environment.stdinIsTerminal) screen.setRaw();
    const running = engine.containers.exec(name, {
      command,
      terminal: hasTerminal,
      ...(hasTerminal && { resizes: screen.sizes() }),
      env,
      detach,
      privileged: flags.boolean('privileged'),
      signal: environment.signal,
      ...(user === undefined ? {} : { user }),
      ...(workdir === undefined ? {} : { workdir }),
      ...(detach ? {} : streams),
      ...(fds.length > 0 && { fds }),
    });
    return (await running.finally(screen.stop)).exitCode;
  });
}
