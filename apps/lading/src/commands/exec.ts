// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';
import { withEngine } from '../engine.ts';
import { readEnvironmentFlags } from '../options/environment-variables.ts';
import { isRunning } from '../output/names.ts';
import { printError } from '../output/print-error.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const [name = '', ...command] = args;
  if (flags.boolean('tty')) {
    throw usageError('exec with a terminal is not supported yet: leave --tty out');
  }
  const env = await readEnvironmentFlags(call);
  const user = flags.string('user') || undefined;
  const workdir = flags.string('workdir') || undefined;
  const detach = flags.boolean('detach');
  return withEngine(call, async (engine) => {
    if (!isRunning(await engine.containers.inspect(name))) {
      const problem = 'can only create exec sessions on running containers: container state improper';
      await printError(environment, new LadingError(Code.FailedPrecondition, problem));
      return 255;
    }
    const { exitCode } = await engine.containers.exec(name, {
      command,
      env,
      detach,
      privileged: flags.boolean('privileged'),
      signal: environment.signal,
      ...(user === undefined ? {} : { user }),
      ...(workdir === undefined ? {} : { workdir }),
      ...(detach
        ? {}
        : {
            stdout: (chunk: Uint8Array) => environment.stdout(chunk),
            stderr: (chunk: Uint8Array) => environment.stderr(chunk),
          }),
      ...(flags.boolean('interactive') && !detach ? { stdin: environment.stdin } : {}),
    });
    return exitCode;
  });
}
